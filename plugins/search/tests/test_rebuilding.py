"""Making an index anew in steps: what a step takes, what changed meanwhile, what is gone."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
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


@pytest.mark.on_both
def test_what_changes_during_a_rebuild_is_indexed_as_it_is_then(
    plugins: Plugins, make_space: Any, make_idea: Any, make_person: Any, make_token: Any, client: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The texts are read all at once; one of them is edited, one hidden before its step, with and without the log's help."""
    monkeypatch.setattr(rebuilding, "AIM", 0.0)  # steps of the least size
    monkeypatch.setattr(rebuilding, "LEAST", 10)
    headers = {"Authorization": f"Bearer {make_token(make_person('Root', is_admin=True))}"}
    for told in (True, False):
        space = make_space()
        plugins.enable("search", space)
        ideas = [make_idea(space, f"Wheel number {number}") for number in range(LEAST + 4)]

        def change(ideas: list[Any] = ideas, told: bool = told) -> None:
            edited = {"title": "A lamp", "version": ideas[-1].version}
            assert client.patch(f"/api/v1/ideas/{ideas[-1].id}", json=edited, headers=headers).status_code == 200
            hidden = client.post(f"/api/v1/ideas/{ideas[-2].id}/hide", json={"reason": "rude"}, headers=headers)
            assert hidden.status_code == 200
            if told:
                plugins.work()

        heard: list[int] = []

        def advance(done: int, total: int, heard: list[int] = heard, change: Any = change) -> None:
            if not heard:
                change()
            heard.append(done)

        rebuilding.rebuild(space.id, "en", advance)
        assert heard == [LEAST, LEAST + 4]
        found = {word: search.search([space], NOBODY, word) for word in ("wheel", "lamp")}
        assert {word: each.total for word, each in found.items() if each} == {"wheel": LEAST + 2, "lamp": 1}
        assert counted(space.id) == {"documents": LEAST + 3, "wheel": LEAST + 2, "lamp": 1}


def counted(space_id: str) -> dict[str, int]:
    """How many documents the index says that it has, and that two words stand in."""
    with sdk.read() as session:
        said = text("SELECT documents FROM search_space WHERE space_id = :space")
        known = text("SELECT word, documents FROM search_word WHERE space_id = :space AND word IN ('wheel', 'lamp')")
        words = {row.word: row.documents for row in session.execute(known, {"space": space_id})}
        return {"documents": session.scalar(said, {"space": space_id}), **words}


@pytest.mark.on_both
def test_two_who_make_it_anew_at_once_count_every_word_once(plugins: Plugins, make_space: Any, make_idea: Any) -> None:
    space = make_space()
    plugins.enable("search", space)
    for number in range(LEAST + 20):
        make_idea(space, f"Wheel number {number}")
    for _round in range(2):  # the first over nothing, not even a state
        with ThreadPoolExecutor(2) as pool:
            made = list(pool.map(lambda _which: rebuilding.rebuild(space.id, "en"), range(2)))
        assert made == [LEAST + 20, LEAST + 20]
        assert counted(space.id) == {"documents": LEAST + 20, "wheel": LEAST + 20}


@pytest.mark.on_both
def test_two_who_set_counts_right_at_once_add_what_is_missing_once(
    plugins: Plugins, make_space: Any, make_idea: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one has counted between the reading of the first and its writing."""
    space = make_space()
    plugins.enable("search", space)
    make_idea(space, "A wheel")
    rebuilding.rebuild(space.id, "en")
    forget_counts(space.id)
    first, add = [True], rebuilding._add_words

    def late(space_id: str, wrong: Any) -> bool:
        if first.pop() if first else False:
            assert rebuilding._recount(space_id)
        return add(space_id, wrong)

    monkeypatch.setattr(rebuilding, "_add_words", late)
    assert not rebuilding._recount(space.id)
    assert rebuilding._recount(space.id)
    assert counted(space.id) == {"documents": 1, "wheel": 1}


@sdk.verb
def forget_counts(space_id: str) -> None:
    for statement in ("DELETE FROM search_word WHERE space_id = :space", "UPDATE search_space SET documents = 0"):
        sdk.session().execute(text(statement), {"space": space_id} if ":space" in statement else {})


REBUILDER = """
import sys
from pathlib import Path
from codesign.app import create_app
from codesign.testing import Database, settings_for
create_app(settings_for(Database("any", sys.argv[1]), Path(sys.argv[2])))
from codesign_plugins.search import rebuilding
rebuilding.rebuild(sys.argv[3], "en", lambda done, total: print(done, flush=True))
"""


@pytest.mark.full
@pytest.mark.on_both
def test_one_that_is_killed_in_the_middle_is_not_trusted_and_the_next_one_is_whole(
    plugins: Plugins, make_space: Any, make_idea: Any, database: Any, tmp_path: Any
) -> None:
    space = make_space()
    plugins.enable("search", space)
    for number in range(4 * LEAST):
        make_idea(space, f"Wheel number {number}")
    command = [sys.executable, "-W", "ignore", "-c", REBUILDER, database.url, str(tmp_path / "instance"), space.id]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline()
    process.kill()
    process.wait()
    assert search.search([space], NOBODY, "wheel") is None
    assert rebuilding.rebuild(space.id, "en") == 4 * LEAST
    assert counted(space.id) == {"documents": 4 * LEAST, "wheel": 4 * LEAST}
    found = search.search([space], NOBODY, "wheel")
    assert found is not None and found.total == 4 * LEAST


def test_what_changed_since_it_was_read_is_written_as_it_is_now(
    plugins: Plugins, make_space: Any, make_idea: Any
) -> None:
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
