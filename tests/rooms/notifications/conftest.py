"""A mail server on this machine, and people who showed that their address is theirs."""

from __future__ import annotations

import email
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import default
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from codesign.accounts.facts import PersonFact
from codesign.comments.service import add_comment
from codesign.events import log
from codesign.ideas.service import follow_idea
from codesign.kernel import config, db
from codesign.kernel.actor import SYSTEM
from codesign.merging.service import merge_idea
from codesign.notifications import deliveries, queries, service, wishes
from codesign.notifications.wishes import note_confirmed
from codesign.testing import Clock, actor_of
from codesign.voting.service import cast_vote
from tests.support.processes import free_port

Make = Callable[..., Any]


class Postbox:
    """What a mail server took; it can be told to refuse."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take or refuse a letter."""
        if self.answer.startswith("250"):
            self.taken.append(envelope)
        return self.answer

    @property
    def mails(self) -> list[EmailMessage]:
        """What came, as a mail program reads it."""
        return [email.message_from_bytes(each.content, policy=default) for each in self.taken]


def smtp_settings(port: int, **values: str) -> config.Settings:
    """Settings with a mail server on *port*."""
    return config.load({}, smtp_url=f"smtp://127.0.0.1:{port}", mail_from="Codesign <ideas@example.org>", **values)


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, config.Settings]]:
    """A mail server on this machine."""
    box, port = Postbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, server_hostname="localhost")
    controller.start()
    yield box, smtp_settings(port)
    controller.stop()


@pytest.fixture
def make_reader(make_person: Callable[..., Any]) -> Callable[..., PersonFact]:
    """Make somebody with a confirmed address: ``make_reader("Mira")`` has mira@example.org."""

    def make(name: str, confirmed: bool = True) -> PersonFact:
        person: PersonFact = make_person(name, email=f"{name.lower()}@example.org")
        if confirmed:
            note_confirmed({person.id: str(person.email)})
        return person

    return make


@pytest.fixture
def scene(make_space: Make, make_idea: Make, make_person: Make, make_reader: Make, clock: Clock) -> Any:
    """Three twins in a space; a voter of all three, an author, a follower, a commenter, each with an address."""
    owner = make_person("Owner")
    author, voter, follower, talker = (make_reader(name) for name in ("Author", "Voter", "Follower", "Talker"))
    space = make_space(owner=owner, name="Bikes")
    twins = [make_idea(space, f"Belt drive number {number}", author=author) for number in range(3)]
    for twin in twins:
        cast_vote(actor_of(voter), twin.id, 1)
        follow_idea(actor_of(follower), twin.id)
        add_comment(actor_of(talker), twin.id, "Mine has one.")
    for twin in twins[1:]:
        merge_idea(actor_of(owner), twin.id, twins[0].id)
    with db.read():
        told = log.head(space.id)
    service.skip_to(space.id, told)
    return SimpleNamespace(
        space=space, idea=twins[0], twins=twins, owner=owner, author=author, voter=voter, follower=follower, talker=talker
    )  # fmt: skip


def want(person: Any, **rhythm: str) -> None:
    wishes.choose_rhythms(actor_of(person), rhythm)


def everybody(scene: Any) -> tuple[Any, ...]:
    return scene.author, scene.voter, scene.follower, scene.talker


def written(scene: Any) -> list[Any]:
    """Deliver, write what is due, and read the outbox, oldest first."""
    service.deliver(scene.space.id)
    deliveries.write_due()
    return queries.list_letters(SYSTEM)[::-1]
