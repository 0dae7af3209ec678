"""Letters come in the language of their reader, where it is known; otherwise in the server's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.accounts.service import ask_reset, speak
from codesign.ideas.service import answer_idea, set_status
from codesign.kernel.actor import SYSTEM
from codesign.notifications import queries, service
from codesign.notifications.writing import Numbers, team_letter
from codesign.spaces.queries import list_statuses
from codesign.spaces.service import invite
from codesign.testing import Clock, actor_of
from tests.rooms.notifications.conftest import want, written

Make = Callable[..., Any]


def test_each_reader_is_told_in_their_own_language(scene: Any, clock: Clock) -> None:
    """One event, two readers: subject, text, HTML and what it says of itself."""
    speak(scene.voter.id, "de")
    for person in (scene.voter, scene.talker):
        want(person, decisions="instant")
    answer_idea(actor_of(scene.owner), scene.idea.id, "In spring.")
    set_status(actor_of(scene.owner), scene.idea.id, list_statuses(scene.space.id)[2].id)
    service.deliver(scene.space.id)
    clock.advance(minutes=1)
    letters = {letter.recipient: letter for letter in written(scene)}
    german, english = letters["voter@example.org"], letters["talker@example.org"]
    assert (german.subject, english.subject) == (
        "Zu deinen Ideen gibt es 2 Neuigkeiten",
        "2 things happened to your ideas",
    )
    assert "Der Status ist jetzt „Planned“." in german.body and "Its status is “Planned” now." in english.body
    assert '<html lang="de" dir="ltr">' in str(german.html) and '<html lang="en" dir="ltr">' in str(english.html)
    assert "Keine E-Mails wie diese mehr" in str(german.html) and "Keine E-Mails wie diese mehr:" in german.body


def test_letters_about_the_account_too(app: Flask, make_reader: Make) -> None:
    """A forgotten password, and the address that is to be confirmed."""
    mira = make_reader("Mira", confirmed=False)
    speak(mira.id, "de")
    ask_reset("mira@example.org")
    service.deliver("server")
    service.ask_confirmation(actor_of(mira))
    subjects = {letter.subject for letter in queries.list_letters(SYSTEM)}
    assert subjects == {"Neues Passwort wählen", "Bestätige deine Adresse"}


def test_an_invitation_speaks_as_its_reader_if_they_have_an_account(app: Flask, scene: Any, make_reader: Make) -> None:
    """Of an address nobody has here no language is known."""
    speak(make_reader("Mira").id, "de")
    for address in ("mira@example.org", "nobody@example.org"):
        invite(actor_of(scene.owner), scene.space.id, email=address)
    service.deliver(scene.space.id)
    subjects = {letter.recipient: letter.subject for letter in queries.list_letters(SYSTEM)}
    assert subjects["mira@example.org"] == "Du bist eingeladen"
    assert subjects["nobody@example.org"] == "You are invited"


@pytest.mark.parametrize(
    ("language", "subject"), [("de", "Wie es um deine Räume steht"), ("xx", "How your spaces stand")]
)
def test_a_team_hears_in_its_language(app: Flask, language: str, subject: str) -> None:
    """A language that is not spoken here (any more) is the server's."""
    letter = team_letter([Numbers("Wheels", "/spaces/wheels", 1, 2, 3, 4)], "/stop", language)
    assert letter["subject"] == subject
    assert ("Neue Ideen: 1" in letter["body"]) is (language == "de")
