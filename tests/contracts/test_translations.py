"""Every sentence is there in every language we offer: nothing empty, nothing guessed, no gap lost.

Something is missing? ``make translations`` writes what is new into the catalogues; then translate what is empty there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from babel.messages import Message

from tests.support.translations import LANGUAGES, extracted, homes, is_whole, written

_GAP = re.compile(r"%\(\w+\)s|%%")

each_home = pytest.mark.parametrize("home", homes(), ids=lambda home: home.name)
each_language = pytest.mark.parametrize("language", LANGUAGES)


def forms(text: str | Iterable[str]) -> list[str]:
    """The forms of a sentence, however many there are."""
    return [text] if isinstance(text, str) else list(text)


def gaps(texts: Iterable[str]) -> set[str]:
    """What is filled into these sentences."""
    return {gap for text in texts for gap in _GAP.findall(text)}


@each_language
@each_home
def test_the_catalogue_is_whole(home: Path, language: str) -> None:
    """It has what the sources say and nothing else, translated by somebody and not guessed."""
    said = {message.id for message in extracted(home) if message.id}
    known = {message.id: message for message in written(home, language) if message.id}
    assert said - known.keys() == set(), "run make translations, then translate"
    assert known.keys() - said == set(), "nobody says this any more: run make translations"
    assert [text for text, message in known.items() if not is_whole(message) or message.fuzzy] == []


@each_language
@each_home
def test_translations_fill_the_same_gaps(home: Path, language: str) -> None:
    """A form of one thing may leave the number out, as English does; nothing is filled in that English lacks."""
    for message in written(home, language):
        if message.id:
            english, ours = forms(message.id), forms(message.string)
            assert gaps(ours) == gaps(english), message.id
            assert gaps(ours[-1:]) == gaps(english[-1:]), message.id
            assert [text[-1:] == "\n" for text in ours] == [text[-1:] == "\n" for text in english], message.id


def _names(message: Message) -> str:
    return ", ".join(name for name, _line in message.locations)


@each_home
def test_a_sentence_says_by_name_what_it_is_filled_with(home: Path) -> None:
    """Names in gaps can change places in another language; positions cannot."""
    blank = [
        f"{_names(message)}: {text}"
        for message in extracted(home)
        for text in forms(message.id)
        if re.search(r"%[sdr]", text)
    ]
    assert blank == []
