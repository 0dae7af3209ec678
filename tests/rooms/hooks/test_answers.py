"""Answers that are not what they should be are failures of the plugin: nobody else notices, and it comes to rest."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from codesign.hooks import answers, asking
from codesign.hooks.facts import Facet, Found, Hit
from codesign.hooks.runner import FAILURES
from codesign.kernel.contribution import ALLOW, HOLD, REFUSE, Verdict
from codesign.kernel.text import Sentence, _
from tests.rooms.hooks.test_host import ANN, SPACE, Place, finder, host_with, review, reviewer, switch

pytestmark = [pytest.mark.usefixtures("ground"), pytest.mark.doors]


class Nasty:
    """Fails at whatever it is asked."""

    def __str__(self) -> str:  # noqa: PLE0307 - it never returns
        sys.exit("no")

    __repr__ = __hash__ = __str__  # type: ignore[assignment]


class Mute(Exception):
    """An exception without words."""

    def __str__(self) -> str:
        raise ValueError


def fails_and_rests(host: Any, ask: Any, allowed: Any) -> None:
    for _time in range(FAILURES + 1):
        assert ask() == allowed
    health = host.runner.health("a")
    assert len(health.failures) == FAILURES and health.rests_until is not None


@pytest.mark.parametrize(
    "said",
    [
        "a text", Nasty(), Verdict(Nasty()), Verdict([]), Verdict("ban"), Verdict(HOLD, None), Verdict(HOLD, "because"),
        Verdict(REFUSE, (Nasty(),)), Verdict(HOLD, ("half a pair \ud800",)), Verdict(HOLD, ("a\0",)), Mute(),
    ],
)  # fmt: skip
def test_a_verdict_that_is_none(said: Any) -> None:
    host = host_with(reviewer("a", said))
    switch(host, "a")
    fails_and_rests(host, lambda: review(host, "pass").decision, ALLOW)


@pytest.mark.parametrize(
    "said",
    [
        "hits", 7, ["x"], [Hit("idea", "1\ud800", SPACE)], [Hit("idea", "1\0", SPACE)], [Hit("idea", Nasty(), SPACE)],
        [Hit("idea", "1", SPACE, 10**400)], [Hit("idea", "1", SPACE, float("nan"))], [Hit("idea", "1", SPACE, Nasty())],
        [Hit("idea", "1", SPACE, 0.5, "word", {0: 1})],
    ],
)  # fmt: skip
def test_hits_that_are_none(said: Any) -> None:
    host = host_with(finder("a", said))
    switch(host, "a")
    fails_and_rests(host, lambda: asking.find_similar(host, Place(), ANN, "belt"), None)  # type: ignore[arg-type]
    host = host_with(finder("a", said))
    fails_and_rests(host, lambda: asking.search(host, [Place()], ANN, "belt"), None)  # type: ignore[list-item]


@pytest.mark.parametrize(
    "said",
    [
        Found(did_you_mean=Nasty()), Found(did_you_mean="\ud800"), Found(facets=Nasty()),
        Found(facets=(Facet("tag", "1", "1", "many"),)), Found(facets=(Facet("tag", Nasty(), "1", 1),)),
    ],
)  # fmt: skip
def test_findings_that_are_none(said: Any) -> None:
    with pytest.raises((TypeError, ValueError, SystemExit)):
        answers.found(said)


def test_what_is_right_stays_and_sentences_stay_translatable() -> None:
    reason = _("More than %(count)s links", count=3)
    plain = answers.verdict(Verdict(HOLD, ["links", reason]))  # type: ignore[arg-type]
    assert plain == Verdict(HOLD, ("links", "More than 3 links")) and isinstance(plain.reasons[1], Sentence)
    assert plain.reasons[1].parameters == {"count": 3} and answers.verdict(None) is None
    hit, facet = Hit("idea", "1", SPACE, 1, "a word", ((0, 1),)), Facet("tag", "t", "Tag", 2)
    assert answers.found([hit]) == Found([hit]) and answers.hits((hit,)) == [hit] and answers.found(None) is None
    assert answers.found(Found([hit], "ward", (facet,))) == Found([hit], "ward", (facet,))


def test_what_cannot_be_drawn_or_narrowed_by_is_left_out() -> None:
    hit = Hit("idea", "1", SPACE, 1, "a word", ((0, 1), ("a", 1), "x", (True, 2), [2, 6]))  # type: ignore[arg-type]
    plain = answers.found(Found([hit], facets=(Facet("size", "big", "big", 1), "tag", Facet("tag", "t", "Tag", 2))))  # type: ignore[arg-type]
    assert plain is not None and plain.hits[0].marks == ((0, 1), (2, 6)) and [f.field for f in plain.facets] == ["tag"]
