"""The figures: on rows of our own. Those on real data stand in tests/rooms/hooks."""

from __future__ import annotations

from pathlib import Path

from codesign.testing import load_plugin

load_plugin(Path(__file__).parents[1])
from codesign_plugins.moderation_rules import measuring as figures  # noqa: E402

SETTINGS = figures.defaults(("en", "de"))


def test_a_small_flood_is_held_after_its_first_texts_and_honest_titles_pass() -> None:
    honest = [
        "Shade for the playground",
        "More benches along the river",
        "A later bus on line 12",
        "Metro stop at the market",
    ]
    rows = [{"title": title, "created_at": "2025-03-07", "suspected_test_spam": "0"} for title in honest]
    rows += [
        {"title": f"Advanced load test {n} - 17414{n}", "created_at": "2025-03-08", "suspected_test_spam": "1"}
        for n in range(10)
    ]
    rows += [{"title": honest[0], "created_at": "2025-04-01", "suspected_test_spam": "0"}]  # again, but long after
    real, spam = figures.flood(rows, SETTINGS)
    assert (real.texts, real.held, spam.texts, spam.held) == (5, 0, 10, 9)
    assert spam.rules == {"same_again": 9} and spam.share == 0.9


def test_sets_are_counted_by_rule() -> None:
    line = figures.held("x", ["You won a cash prize, call now", "What a shit idea", "I like the bench"], SETTINGS)
    assert (line.texts, line.held, dict(line.rules)) == (3, 2, {"advertising": 1, "hurtful": 1})
    warned = figures.held("x", ["me@mail.example.org", "nobody"], SETTINGS, warned=True)
    assert warned.held == 1 and figures.Line("empty").share == 0.0
