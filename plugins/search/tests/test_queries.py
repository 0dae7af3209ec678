"""What people type, and what it means. Nothing is an error."""

from __future__ import annotations

from typing import Any

import pytest
from codesign_plugins.search.queries import TITLE, All, Narrow, Not, Phrase, Some, Word, parse
from hypothesis import given, settings
from hypothesis import strategies as st

READINGS: list[tuple[str, Any, tuple[Narrow, ...]]] = [
    ("dark theme", All((Word("dark"), Word("theme"))), ()),
    ('"dark theme"', Phrase("dark theme"), ()),
    ("“dark theme”", Phrase("dark theme"), ()),
    ("dark OR night", Some((Word("dark"), Word("night"))), ()),
    ("dark -light", All((Word("dark"), Not(Word("light")))), ()),
    ("dark -light -grey", All((Word("dark"), Not(Word("light")), Not(Word("grey")))), ()),
    ("-light", Not(Word("light")), ()),
    ("NOT light", Not(Word("light")), ()),
    ("exp*", Word("exp", prefix=True), ()),
    ("title:exp*", Word("exp", TITLE, prefix=True), ()),
    ('title:"dark theme"', Phrase("dark theme", TITLE), ()),
    ("(dark OR night) theme", All((Some((Word("dark"), Word("night"))), Word("theme"))), ()),
    ("wi-fi", All((Word("wi"), Word("fi"))), ()),
    ("at 12:30", All((Word("at"), Word("12"), Word("30"))), ()),
    ("tag:pdf export", Word("export"), (Narrow("tag", ("pdf",)),)),
    ("tag:a OR tag:b", None, (Narrow("tag", ("a", "b")),)),
    ("tag:a tag:b", None, (Narrow("tag", ("a",)), Narrow("tag", ("b",)))),
    ("-tag:pdf", None, (Narrow("tag", ("pdf",), True),)),
    ('status:"in review"', None, (Narrow("status", ("in review",)),)),
    ("is:open after:2026-01", None, (Narrow("is", ("open",)), Narrow("after", ("2026-01",)))),
    ("bell OR tag:pdf", Some((Word("bell"), Word("pdf"))), ()),
    ("foo:bar", All((Word("foo"), Word("bar"))), ()),
]


@pytest.mark.parametrize(("text", "words", "narrow"), READINGS, ids=[row[0] for row in READINGS])
def test_what_is_typed_means(text: str, words: Any, narrow: tuple[Narrow, ...]) -> None:
    query = parse(text)
    assert (query.words, query.narrow) == (words, narrow)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", None), ("   ", None), ("(((", None), ('""', None), ("*", None), ("-", None), ("…", None),
        ('"unclosed', Word("unclosed")), ("a AND", All((Word("a"), Word("and")))), ("OR b", All((Word("or"), Word("b")))),
        ("(a", Word("a")), ("a)", Word("a")), ("tag:", Word("tag")), ("--a", Word("a")), ("a\x00b", All((Word("a"), Word("b")))),
    ],
)  # fmt: skip
def test_malformed_queries_are_read_as_well_as_they_can_be(text: str, words: Any) -> None:
    assert parse(text).words == words


def test_brackets_far_inside_brackets_are_left_aside() -> None:
    """Databases stumble over them: nobody's question may keep others from asking theirs."""
    deep = parse("".join(f"(a{number} OR (b{number} " for number in range(10)) + "x" + "))" * 10)
    assert isinstance(deep.words, All) and all(isinstance(part, Word) for part in deep.words.parts)


def test_while_typing_the_last_word_may_be_a_beginning() -> None:
    assert parse("dark the", typing=True).words == All((Word("dark"), Word("the", prefix=True)))
    assert parse("dark the ", typing=True).words == parse("dark the", typing=True).words
    assert parse("dark t", typing=True).words == Word("dark")
    assert parse("t", typing=True).words == Word("t", prefix=True)
    assert parse('dark "the', typing=False).words == All((Word("dark"), Word("the")))


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='ab "():*-+~^\\[]{}<>?!&|/.tagORNT é検索', max_size=30))
def test_nothing_is_an_error(text: str) -> None:
    query = parse(text, typing=True)
    assert isinstance(query.plain_words(), list)
