"""How numbers, moments and people's own words are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.kernel import clock
from codesign.kernel.text import _
from codesign.web import markdown, text

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon(app: Flask):
    clock.use(lambda: NOON)
    with app.test_request_context():
        yield
    clock.use(None)


def test_numbers_are_exact_below_ten_thousand() -> None:
    assert text.number(999) == "999"
    assert text.number(1284) == "1\u202f284"
    assert text.number(12431) == '<span title="12\u202f431">12.4\u00a0k</span>'
    assert text.short(1_250_000) == "1.2\u00a0M"
    assert text.number(None) == "–"


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=10), "just now"),
        (timedelta(minutes=2), "2 minutes ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(days=1, hours=2), "yesterday"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=30), "22 October"),
        (timedelta(days=400), "17 October 2025"),
        (timedelta(days=-3), "24 November"),
    ],
)
def test_moments_are_relative_under_a_week(passed: timedelta, words: str) -> None:
    element = str(text.ago(NOON - passed))
    assert element.endswith(f">{words}</time>")
    assert 'datetime="20' in element and "title=" in element


def test_sentences_are_said_with_their_parameters() -> None:
    assert text.say(_("Hello %(name)s", name=_("World"))) == "Hello World"
    assert text.say("as it is: 100 %") == "as it is: 100 %"


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](&#106;avascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        "![x](https://evil.example/pixel.png)",
        '[x](https://a "onmouseover=alert(1)")',
        "<svg/onload=alert(1)>",
        "<a id=main name=main>x</a>",
    ],
)
def test_what_people_write_is_harmless(attack: str) -> None:
    html = str(markdown.render(attack)).lower()
    for wrong in ("<script", "<img", "<svg", "<a id", 'href="javascript', 'href="data', 'href="vbscript'):
        assert wrong not in html


def test_markdown_works_and_links_are_marked() -> None:
    html = str(markdown.render("# Big\n\n**bold** [there](https://example.org) @mira\n\n- one"))
    assert "<h3>Big</h3>" in html and "<strong>bold</strong>" in html and "<li>one</li>" in html and "@mira" in html
    assert 'rel="nofollow ugc noopener"' in html


def test_previews_are_plain() -> None:
    assert markdown.plain("**bold** & <b>x</b> [link](https://a.example)") == "bold & <b>x</b> link"
    assert markdown.plain("word " * 100, 20) == "word word word word…"
    assert (
        markdown.plain_text("# A\n\n- **b** [c](https://d.example)\n\n1. e_f_ `g` &amp; \\*h\\*")
        == "A b c e_f_ g & *h*"
    )


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab1 \n\t.!?'\"():;,-+=~$%^/{}€é検", max_size=40))
def test_what_is_taken_for_no_markdown_is_none(typed: str) -> None:
    """Texts without markup are not parsed; parsing them would give the same words."""
    assert markdown.plain_text(typed) == markdown._words(markdown._clean(typed))
