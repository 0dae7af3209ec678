"""The desk as a file: exactly the view, no formulas, and read back without a difference."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from codesign.exchange.foreign.formats import guess_format, guess_mapping
from codesign.exchange.foreign.planning import Wish, make_plan
from codesign.exchange.foreign.sheets import read_sheet
from codesign.exchange.foreign.storing import bring_in
from codesign.ideas.service import answer_idea, import_votes, set_status
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.cells import as_cell, from_cell
from codesign.spaces.access import access
from codesign.spaces.queries import list_statuses
from codesign.triage.fields import keep_ready_fields
from codesign.triage.pages import export
from codesign.triage.service import change_ideas
from codesign.voting.service import cast_vote
from tests.support.visitor import Visitor
from tests.support.world import World

TRAPS = (
    "=1+1+cmd|' /C calc'!A0", "+49 171 in title", "-3 degrees outside", "@sum(a1) mention", "'=quoted already",
    "''twice quoted", "＝full width", "%percent macro", "|pipe command", "comma, and \"quotes\"", "Ångström – 漢字 🚲",
)  # fmt: skip
BODIES = ("=a\n=b", "Line one\nLine two", "", "'", "'=x", "tab\there")


@pytest.fixture
def told(world: World) -> World:
    """A space whose ideas are hard to write down."""
    statuses = list_statuses(world.space.id)
    for number, title in enumerate(TRAPS):
        tags = [("winter", "light"), ("one;two", "a,b"), (), ("[odd",)][number % 4]
        idea = world.idea(title=title, body=BODIES[number % len(BODIES)], tags=tags)
        cast_vote(world.ben, idea.id, 1)
        import_votes(SYSTEM, idea.id, "paper", number)
        if number % 2:
            set_status(world.moderator, idea.id, statuses[2].id)
            answer_idea(world.moderator, idea.id, "=We do it\nsoon")
    return world


def file(visitor: Visitor, world: World, form: str, query: str = "inbox=all") -> bytes:
    answer = visitor.get(f"/spaces/{world.space.slug}/desk/export.{form}?{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert "attachment" in answer.headers["Content-Disposition"]
    return answer.get_data()


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def comparable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What has to be the same in another space."""
    left_out = {"id", "external_id", "url", "comments", "owner"}
    kept = [{name: value for name, value in row.items() if name not in left_out} for row in rows]
    return sorted(kept, key=lambda row: str(row["title"]))


@pytest.mark.doors
@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_goes_out_comes_in_without_a_difference(
    told: World, make_world: Callable[..., World], enter: Any, form: str
) -> None:
    out = file(enter(told.owner), told, form, "inbox=all&cols=votes")
    other = make_world()
    sheet = read_sheet(out)
    known = guess_format(sheet.header)
    assert known.name == "codesign"
    with db.read():
        found = access(other.owner, other.space.id, "product")
        plan = make_plan(found, sheet, Wish(known, "elsewhere", guess_mapping(known, sheet.header)))
    assert (plan.table.flaws, len(plan.table.ideas)) == ([], len(TRAPS))
    bring_in(other.owner, plan)
    back = file(enter(other.owner), other, form, "inbox=all&cols=votes")
    read = table if form == "csv" else json.loads
    assert comparable(read(out)) == comparable(read(back))
    if form == "json":
        assert {row["title"] for row in json.loads(out)} == set(TRAPS)


@pytest.mark.doors
def test_the_space_knows_its_own_ideas_again(told: World, enter: Any) -> None:
    sheet = read_sheet(file(enter(told.owner), told, "csv"))
    known = guess_format(sheet.header)
    with db.read():
        found = access(told.owner, told.space.id, "product")
        plan = make_plan(found, sheet, Wish(known, "codesign", guess_mapping(known, sheet.header)))
    assert (plan.outlook.new, plan.outlook.known) == (0, len(TRAPS))


@pytest.mark.doors
def test_no_cell_is_a_formula(told: World, enter: Any) -> None:
    for row in table(file(enter(told.owner), told, "csv")):
        for name in ("title", "body", "answer", "author", "tags"):
            assert not row[name].lstrip().startswith(("=", "+", "-", "@", "\t", "|", "%", "＝")), row[name]
    for text in (*TRAPS, *BODIES, "\t=x", "\n=x", " =x", "'\t", "'''+1", "-", "plain"):
        assert from_cell(as_cell(text)) == text


@pytest.mark.doors
def test_exactly_the_filter_its_order_and_its_columns(told: World, enter: Any) -> None:
    keep_ready_fields(told.owner, told.space.id)
    olga = enter(told.owner)
    all_rows = table(file(olga, told, "csv", "inbox=all&sort=top"))
    assert [int(row["votes_up"]) for row in all_rows] == sorted(range(1, len(TRAPS) + 1), reverse=True)
    change_ideas(told.moderator, told.space.id, "field", {"key": "effort", "value": "2.5"}, [all_rows[0]["id"]])
    change_ideas(told.moderator, told.space.id, "owner", told.moderator.person_id, [all_rows[0]["id"]])
    rows = table(file(olga, told, "csv", "inbox=all&tag=winter&sort=old&cols=owner,field:effort"))
    assert len(rows) == 3
    assert all("winter" in row["tags"] for row in rows)
    assert {"owner", "field:effort"} <= set(rows[0])
    first = json.loads(file(olga, told, "json", f"inbox=all&q={TRAPS[-1][:4]}&cols=field:effort"))
    assert (first[0]["id"], first[0]["field:effort"], first[0]["tags"]) == (all_rows[0]["id"], 2.5, [])
    assert "owner" not in first[0]
    assert json.loads(file(olga, told, "json", "inbox=all&q=nothing+like+it")) == []
    assert olga.get(f"/spaces/{told.space.slug}/desk/export.csv?where=nonsense").status_code == 422


@pytest.mark.doors
def test_several_pages_are_read_alike(told: World, enter: Any, monkeypatch: Any, count_queries: Any) -> None:
    olga = enter(told.owner)
    whole = file(olga, told, "csv", "inbox=all&sort=top")
    monkeypatch.setattr(export, "MOST_ROWS", 4)
    assert file(olga, told, "csv", "inbox=all&sort=top") == whole
    with count_queries() as few:
        file(olga, told, "csv", "inbox=all&sort=top")
    monkeypatch.setattr(export, "MOST_ROWS", 100)
    with count_queries() as one:
        file(olga, told, "csv", "inbox=all&sort=top")
    for number in range(10):
        told.idea(title=f"One more lamp {number}")
    with count_queries() as more:
        file(olga, told, "csv", "inbox=all&sort=top")
    assert len(more) == len(one), "as many queries for a page, however many ideas stand on it"
    assert len(few) > len(one)


@pytest.mark.doors
def test_the_team_takes_it_out_and_nobody_else(told: World, enter: Any) -> None:
    for form in ("csv", "json"):
        file(enter(told.moderator), told, form)
        path = f"/spaces/{told.space.slug}/desk/export.{form}"
        for who in (told.ann, told.stranger):
            assert enter(who).get(path).status_code == 403
        assert enter(None).get(path).status_code in {302, 303, 401, 403}
    assert "Export this view" in enter(told.moderator).words(f"/spaces/{told.space.slug}/desk")
