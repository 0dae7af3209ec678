"""Fields of every kind, saved views, and what stays when somebody is forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from codesign.privacy.service import erase_person
from codesign.triage.belongings import data_of
from codesign.triage.fields import keep_field, list_fields, retire_field, values_of
from codesign.triage.filters import DeskFilter
from codesign.triage.marks import marks_of
from codesign.triage.queries import desk_rows, last_deeds
from codesign.triage.service import change_ideas
from codesign.triage.views import drop_view, list_views, save_view
from tests.support.world import World

KINDS: dict[str, tuple[dict[str, Any], list[tuple[str, Any]], list[str]]] = {
    "number": ({}, [("2,5", 2.5), ("-1", -1.0), ("1e3", 1000.0)], ["much", "nan", "1e999"]),
    "choice": ({"choices": ["low", "high"]}, [("low", "low"), ("high", "high")], ["middle", "0"]),
    "text": ({}, [("two  words ", "two words")], ["x" * 501]),
    "date": ({}, [("2026-03-01", "2026-03-01")], ["1.3.2026", "2026-02-30"]),
    "switch": ({}, [("1", 1.0), ("0", 0.0)], []),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_takes_what_is_of_its_kind(world: World, kind: str) -> None:
    more, good, bad = KINDS[kind]
    idea = world.idea()
    keep_field(world.owner, world.space.id, "it", "It", kind, **more)
    for value, kept in good:
        change_ideas(world.moderator, world.space.id, "field", {"key": "it", "value": value}, [idea.id])
        assert values_of([idea.id]) == {idea.id: {"it": kept}}
    for value in bad:
        with pytest.raises(Invalid):
            change_ideas(world.moderator, world.space.id, "field", {"key": "it", "value": value}, [idea.id])
    assert values_of([idea.id]) == {idea.id: {"it": good[-1][1]}}
    change_ideas(world.moderator, world.space.id, "field", {"key": "it", "value": ""}, [idea.id])
    assert values_of([idea.id]) == {}


@pytest.mark.parametrize(
    ("kind", "where", "found"),
    [
        ("number", "it<=2", 2), ("number", "it>2", 1), ("number", "it=3", 1), ("date", "it<2026-03-02", 1),
        ("text", "it=Two", 1), ("choice", "it=two", 1), ("choice", "it>=two", 2),
    ],
)  # fmt: skip
def test_fields_are_compared(world: World, kind: str, where: str, found: int) -> None:
    values = {"number": ["1", "2", "3"], "date": ["2026-03-01", "2026-03-02", "2026-03-03"]}
    words = values.get(kind, ["one", "two", "three"])
    keep_field(world.owner, world.space.id, "it", "It", kind, choices=words if kind == "choice" else ())
    for number, value in enumerate(words):
        idea = world.idea(title=f"Lamp number {number}")
        change_ideas(world.owner, world.space.id, "field", {"key": "it", "value": value}, [idea.id])
    page = desk_rows(world.access(world.owner), DeskFilter(inbox="all", where=where))
    assert len(page.rows) == found


@pytest.mark.on_both
def test_choices_that_moved_are_found_by_their_words(world: World) -> None:
    def keep(*choices: str) -> None:
        keep_field(world.owner, world.space.id, "it", "It", "choice", choices=choices)

    def found(where: str) -> list[str]:
        rows = desk_rows(world.access(world.owner), DeskFilter(inbox="all", where=where, sort="field:it")).rows
        return [row.idea.title for row in rows]

    keep("lower", "upper")
    for word in ("lower", "upper"):
        change_ideas(world.owner, world.space.id, "field", {"key": "it", "value": word}, [world.idea(title=word).id])
    keep("upper", "middle", "lower")
    assert [found(f"it={word}") for word in ("lower", "middle", "upper")] == [["lower"], [], ["upper"]]
    assert found("it>=middle") == ["lower"]
    keep("middle", "lower")
    assert found("it>=middle") == ["lower"]  # what said a word that is gone has no place
    keep("upper", "lower")
    assert found("it<=lower") == ["lower", "upper"]


@pytest.mark.on_both
def test_texts_are_compared_whatever_their_capitals(world: World) -> None:
    keep_field(world.owner, world.space.id, "it", "It", "text")
    for text in ("Ärger", "100% ÜBER", "Erger"):
        idea = world.idea(title=text)
        change_ideas(world.owner, world.space.id, "field", {"key": "it", "value": text}, [idea.id])

    def found(where: str) -> list[str]:
        return [row.idea.title for row in desk_rows(world.access(world.owner), DeskFilter("all", where=where)).rows]

    assert found("it=äRGER") == ["Ärger"] and found("it=100% über") == ["100% ÜBER"] and found("it=100_ über") == []
    for comparison in ("<", "<=", ">", ">="):
        with pytest.raises(Invalid):
            found(f"it{comparison}Ärger")


def test_a_retired_field_comes_back_with_what_it_said(world: World) -> None:
    idea = world.idea()
    keep_field(world.owner, world.space.id, "it", "It")
    change_ideas(world.owner, world.space.id, "field", {"key": "it", "value": "1"}, [idea.id])
    retire_field(world.owner, world.space.id, "it")
    assert list_fields(world.space.id) == []
    with pytest.raises(Invalid):
        change_ideas(world.owner, world.space.id, "field", {"key": "it", "value": "2"}, [idea.id])
    with pytest.raises(Conflict):
        keep_field(world.owner, world.space.id, "it", "It", "text")
    keep_field(world.owner, world.space.id, "it", "It again")
    assert [field.title for field in list_fields(world.space.id)] == ["It again"]
    assert values_of([idea.id]) == {idea.id: {"it": 1.0}}
    for actor in (world.moderator, world.ann):
        with pytest.raises(Forbidden):
            keep_field(actor, world.space.id, "more", "More")
        with pytest.raises(Forbidden):
            retire_field(actor, world.space.id, "it")


def test_whose_view_it_is(world: World, make_world: Any) -> None:
    mine = save_view(world.moderator, world.space.id, "Mine", {"owner": "me", "nonsense": "x"})
    ours = save_view(world.moderator, world.space.id, "Ours", {"inbox": "all"}, team=True)
    assert mine.query == {"owner": "me"}
    assert [view.name for view in list_views(world.access(world.moderator))] == ["Mine", "Ours"]
    assert [view.name for view in list_views(world.access(world.owner))] == ["Ours"]
    other, elsewhere = world.member("moderator"), make_world()
    for actor, view, refusal in ((other, mine, NotFound), (other, ours, Forbidden), (world.ann, ours, Forbidden)):
        with pytest.raises(refusal):
            drop_view(actor, world.space.id, view.id)
    with pytest.raises(NotFound):
        drop_view(elsewhere.owner, elsewhere.space.id, ours.id)
    with pytest.raises(Invalid):
        save_view(world.owner, world.space.id, "Nonsense", {"where": "nonsense"})
    with pytest.raises(Forbidden):
        save_view(world.ann, world.space.id, "Theirs", {})
    drop_view(world.owner, world.space.id, ours.id)
    drop_view(world.moderator, world.space.id, mine.id)
    assert list_views(world.access(world.moderator)) == []


def test_who_is_forgotten_looks_after_nothing_any_more(world: World) -> None:
    idea, mod = world.idea(), str(world.moderator.person_id)
    change_ideas(world.moderator, world.space.id, "owner", mod, [idea.id])
    save_view(world.moderator, world.space.id, "Mine", {"owner": "me"})
    assert [len(part) for part in data_of(mod).values()] == [1, 1]
    erase_person(SYSTEM, mod)
    assert data_of(mod) == {"views": [], "looks_after": []} and marks_of([idea.id])[idea.id].owner_id is None
    with db.read():
        assert last_deeds(world.access(world.owner)) == []
