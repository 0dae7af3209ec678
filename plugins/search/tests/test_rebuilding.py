"""Making an index anew in steps: what a step takes, what changed meanwhile, what is gone."""

from __future__ import annotations

from typing import Any

import pytest
from codesign_plugins.search import index, rebuilding, search, words
from codesign_plugins.search.rebuilding import LEAST, MOST, Pace
from sqlalchemy import text

from codesign import sdk
from codesign.testing import Plugins

NOBODY = sdk.Actor()


def test_steps_grow_and_shrink_with_the_work_they_are() -> None:
    pace = Pace()
    pace.hear(LEAST, 0.0)
    assert pace.size == 2 * LEAST
    for _step in range(9):
        pace.hear(pace.size, 0.001)
    assert pace.size == MOST
    pace.hear(MOST, 8 * rebuilding.AIM)
    assert pace.size == MOST // 8
    pace.hear(pace.size, 60.0)
    assert pace.size == LEAST


def test_a_rebuild_goes_on_behind_each_portion(
    plugins: Plugins, make_space: Any, make_idea: Any, make_person: Any, make_token: Any, client: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Every text comes in once, words are counted once, and what went unnoticed goes."""
    monkeypatch.setattr(rebuilding, "READ", 3)
    space = make_space()
    plugins.enable("search", space)
    ideas = [make_idea(space, f"Wheel number {number}") for number in range(8)]
    heard: list[tuple[int, int]] = []
    assert rebuilding.rebuild(space.id, "en", lambda done, total: heard.append((done, total))) == 8
    assert heard == [(3, 8), (6, 8), (8, 8)]
    headers = {"Authorization": f"Bearer {make_token(make_person('Root', is_admin=True))}"}
    hidden = client.post(f"/api/v1/ideas/{ideas[0].id}/hide", json={"reason": "rude"}, headers=headers)
    assert hidden.status_code == 200  # the log is not followed here
    assert rebuilding.rebuild(space.id, "en") == 7
    with sdk.read() as session:
        assert index.count_ideas(space.id) == 7
        assert session.scalar(text("SELECT documents FROM search_word WHERE word = 'wheel'")) == 7
        assert session.scalar(text("SELECT documents FROM search_space")) == 7
    found = search.search([space], NOBODY, "wheel")
    assert found is not None and found.total == 7


def test_what_changed_since_it_was_read_is_left_to_the_log(plugins: Plugins, make_space: Any, make_idea: Any) -> None:
    space = make_space()
    plugins.enable("search", space)
    idea = make_idea(space, "A bright lamp")
    plugins.work()
    (now,) = sdk.idea_texts(space.id)
    then = sdk.IdeaText(idea.id, "An old lantern", now.body, now.tags, now.status_id, now.author_id, now.published_at)
    rebuilding._bring_in(rebuilding._Portion(rebuilding._Ideas(space.id, "en"), "before", [then]), Pace())
    found = search.search([space], NOBODY, "lamp")
    assert found is not None and found.total == 1


TEXTS = [
    "Plain words, 12:30 at snake_case's UPPER end", "Größere Fahrradhäuser für É. Ω und ﬁnde", "検索がとても遅いので dark mode",
    "x" * 70, "أحب الدراجات الكهربائية وأريد الأجراس", "Мне нравятся тёмные велосипеды", "",
    "ｆｕｌｌ width",
]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "de", "ar", "ru", words.PLAIN])
def test_words_for_the_index_are_those_that_are_looked_for(language: str) -> None:
    for each in TEXTS:
        tokens = list(words.tokens(each, language))
        assert words.spoken(each, language) == ([t.word for t in tokens], [t.stem for t in tokens])


def test_every_language_has_a_stemmer_that_works() -> None:
    """Whoosh's for Arabic has a replacement that Python refuses; and texts tell their language by script or words."""
    for language in words.LANGUAGES:
        assert all(words.stem(word, language) for each in TEXTS for word in words.spoken(each, words.PLAIN)[0])
    assert words.spoken("الدراجة والدراجات", "ar")[1] == ["درج", "درج"]
    told = {each: words.language_of(each) for each in TEXTS[:6]}
    assert list(told.values()) == ["en", "de", words.PLAIN, "en", "ar", "ru"]
