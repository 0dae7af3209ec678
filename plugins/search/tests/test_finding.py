"""What people find through the hooks, in a space where the plugin is on and its index has followed the log."""

from __future__ import annotations

from typing import Any

import pytest
from codesign_plugins.search import hooks, limits, meaning, search

from codesign import sdk
from codesign.testing import Plugins

NOBODY = sdk.Actor()


@pytest.fixture
def board(plugins: Plugins, make_space: Any, make_idea: Any, make_person: Any) -> Any:
    """A space with some ideas, the plugin on."""
    space = make_space()
    ann = make_person("Ann Author")
    for title, body, tags in (
        ("Dark theme for the display", "At night the screen is far too bright.", ["display"]),
        ("Export trips as PDF", "My employer wants exported lists of my trips.", ["export"]),
        ("A bell that sounds like a bell", "Not like a phone. Exporting is not my problem.", ["bell"]),
        ("Größere Fahrradhäuser bauen", "Die Häuser für die Räder sind zu klein und nicht für alle da.", []),
        ("検索機能を改善してください", "検索がとても遅いので速くしてほしいです。", []),
    ):
        make_idea(space, title, author=ann, body=body, tags=tags)
    plugins.enable("search", space)
    plugins.work()
    return space


def titles(space: Any, query: str, actor: Any = NOBODY) -> list[str]:
    found = search.search([space], actor, query)
    assert found is not None
    ideas = sdk.ideas(actor, space.id, [match.idea_id for match in found.matches])
    return [ideas[match.idea_id].title[:6] for match in found.matches]


FINDS = [
    ("exports", ["Export", "A bell"]), ("title:exporting", ["Export"]), ("export -bell", ["Export"]),
    ('"trips as pdf"', ["Export"]), ('"pdf as trips"', []), ("disp*", ["Dark t"]), ("bell OR theme", ["A bell", "Dark t"]),
    ("tag:bell", ["A bell"]), ("-tag:bell export", ["Export"]), ("Haus", ["Größer"]), ("grosse Haus", ["Größer"]),
    ("検索", ["検索機能を改"]), ("検索機能", ["検索機能を改"]), ("the", ["Dark t"]), ("dispaly theme", ["Dark t"]),
    ("author:Ann tag:export", ["Export"]), ("author:Bob", []), ("is:comment", []), ("is:open bell", ["A bell"]),
    ("is:closed bell", []), ("after:2200-01-01", []), ("before:2200 bell", ["A bell"]), ("bell unicorn", ["A bell"]),
    ("(((", ["検索機能を改", "Größer", "A bell", "Export", "Dark t"]), ("-export tag:display", ["Dark t"]),
]  # fmt: skip


def test_queries_find(board: Any) -> None:
    assert [(query, titles(board, query)) for query, _titles in FINDS] == FINDS


def test_days_that_no_calendar_has_are_told(board: Any) -> None:
    for day in ("after:9999y", "before:9999y", "date:9999y", "after:9999-12-31", "date:0000"):
        found = search.search([board], NOBODY, f"{day} bell")
        assert found is not None and found.total == 1 and "is no day like" in str(found.notes[0]), day


def test_an_answer_has_snippets_counts_and_what_was_meant(board: Any) -> None:
    found = hooks.search_contributions([board], NOBODY, "brihgt", {"language": "en"})
    assert found is not None and found.did_you_mean == "bright"
    (hit,) = found.hits
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["bright"]
    found = hooks.search_contributions([board], NOBODY, "export", {"language": "en"})
    assert found is not None and found.did_you_mean == ""
    assert [(f.field, f.label, f.count) for f in found.facets if f.field != "status"] == [
        ("tag", "bell", 1), ("tag", "export", 1), ("author", "Ann Author", 2),
    ]  # fmt: skip


def test_slips_that_others_made_too(plugins: Plugins, make_space: Any, make_idea: Any) -> None:
    """A misspelt word is meant as the usual one also where somebody wrote it so; a rare word by itself is not doubted."""
    space = make_space()
    for number in range(meaning.OFTEN):
        make_idea(space, f"I received lamp {number}")
    for title in ("I recieved a lamp", "A brass bell", "A brass belt"):
        make_idea(space, title)
    plugins.enable("search", space)
    plugins.work()
    found = search.search([space], NOBODY, "recieved")
    assert found is not None and found.meaning.meant == "received" and found.total == meaning.OFTEN + 1
    found = search.search([space], NOBODY, "belt")
    assert found is not None and (found.meaning.meant, found.total) == ("", 1)


def test_the_very_word_comes_before_other_forms_of_it(plugins: Plugins, make_space: Any, make_idea: Any) -> None:
    space = make_space()
    for title in ("Information for riders", "Informed riders", "Inform the riders"):
        make_idea(space, title, body="On every road.")
    plugins.enable("search", space)
    plugins.work()
    ideas = {idea.id: idea.title for idea in sdk.idea_texts(space.id)}
    for title in ideas.values():
        found = search.search([space], NOBODY, f"riders {title.split()[0]}")
        assert found is not None and len(found.matches) == 3 and ideas[found.matches[0].idea_id] == title


def test_a_quotation_in_a_question_is_not_all_there_is(board: Any) -> None:
    assert titles(board, 'Where is the "theme of the display" for the night?')[:1] == ["Dark t"]
    assert titles(board, '"theme of the display" night') == []


def test_a_beginning_leaves_out_words_that_tell_nothing(board: Any) -> None:
    found = search.search([board], NOBODY, "export th", typing=True)
    assert found is not None and "the" not in found.meaning.stems


def test_look_alikes_of_a_title_being_typed(board: Any) -> None:
    hits = hooks.find_similar(board, "Please export my trips as a PDF", {"language": "en"})
    assert hits and hits[0].kind == "idea" and 0.4 < hits[0].weight <= 1
    same = hooks.find_similar(board, "Dark theme for the display", {"language": "en"})
    assert same and same[0].weight > 0.8
    assert hooks.find_similar(board, "unrelated gardening", {"language": "en"}) == []


def test_only_so_many_authors_of_a_search_are_looked_for(
    plugins: Plugins, make_space: Any, make_idea: Any, make_person: Any, count_queries: Any
) -> None:
    """Each name costs the database a few questions; what does not count any more is said, once."""
    space = make_space()
    plugins.enable("search", space)
    make_idea(space, "A bright lamp", author=make_person("Ann"))
    plugins.work()
    asked = {}
    for names in (limits.MOST_AUTHORS, 3 * limits.MOST_AUTHORS):
        with count_queries() as counted:
            found = search.search([space], NOBODY, " OR ".join(["author:Ann"] + ["author:X"] * (names - 1)))
        assert found is not None and found.total == 1
        asked[str(found.notes)] = len(counted)
    assert list(asked) == ["()", "('Only the first 10 authors of a search count.',)"]
    assert len(set(asked.values())) == 1
