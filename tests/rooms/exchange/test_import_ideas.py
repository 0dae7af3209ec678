"""Ideas of other systems come in: each format as it is written, flaws row by row, a second run adds nothing."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from codesign.accounts.models import Person
from codesign.exchange.csv_rows import UnreadableFile
from codesign.exchange.foreign import jobs
from codesign.exchange.foreign.formats import guess_format, guess_mapping
from codesign.exchange.foreign.planning import Plan, Wish, flaws_as_csv, make_plan
from codesign.exchange.foreign.sheets import Sheet, read_sheet
from codesign.exchange.foreign.storing import Result, bring_in
from codesign.ideas.models import Idea
from codesign.ideas.service import follow_idea
from codesign.kernel import db
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import HELD
from codesign.kernel.errors import Closed, Forbidden, Invalid
from codesign.notifications.models import Notice
from codesign.notifications.service import deliver
from codesign.spaces.access import access
from codesign.spaces.queries import list_statuses
from codesign.spaces.service import close_ballot
from tests.support.books import check_books
from tests.support.skips import data_folder
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("app")

needs_formats = pytest.mark.needs_data("import-formats")


def planned(world: World, data: bytes | str, actor: Actor | None = None, **wish: Any) -> tuple[Plan, Sheet]:
    """What bringing a file in would do."""
    sheet = read_sheet(data.encode() if isinstance(data, str) else data)
    known = guess_format(sheet.header)
    columns = guess_mapping(known, sheet.header) | wish.pop("columns", {})
    with db.read():
        found = access(actor or world.owner, world.space.id, "product")
        return make_plan(found, sheet, Wish(known, wish.pop("source", known.name), columns, **wish)), sheet


def brought(world: World, data: bytes | str, **wish: Any) -> tuple[Plan, Result]:
    """Bring a file in."""
    plan, _sheet = planned(world, data, **wish)
    done, result = bring_in(world.owner, plan)
    assert done == len(plan.table.ideas) + len(plan.table.votes) + len(plan.table.comments)
    return plan, result


def rows(world: World) -> dict[str, Idea]:
    """The ideas of the space by the name they are known by."""
    with db.read() as work:
        found = list(work.scalars(select(Idea).where(Idea.space_id == world.space.id)))
        work.expunge_all()
    return {str(row.external_id): row for row in found}


def status_of(world: World, row: Idea) -> str:
    """The name of an idea's status."""
    return next(str(status.name) for status in list_statuses(world.space.id) if status.id == row.status_id)


def people() -> int:
    with db.read() as work:
        return work.scalar(select(func.count()).select_from(Person)) or 0


def file(name: str) -> bytes:
    return (data_folder() / "import-formats" / name).read_bytes()


# --- Formats ----------------------------------------------------------------------------------------------------------


@needs_formats
def test_fider(world: World) -> None:
    _plan, result = brought(world, file("fider-posts.csv"))
    found = rows(world)
    assert (result.ideas, result.merged, result.counted, result.named) == (5, 1, 22, 0)
    dark, night = found["fider:1"], found["fider:3"]
    assert (dark.title, dark.imported_up, dark.created_at) == ("Dark theme", 14, datetime(2024, 1, 5, 10, tzinfo=UTC))
    assert night.merged_into == dark.id
    assert found["fider:5"].title == "=1+2 looks like a formula"
    assert (found["fider:4"].title, found["fider:4"].body) == ('Title with, comma and "quotes"', "Line one\nLine two")
    assert [status_of(world, found[f"fider:{n}"]) for n in (1, 2, 4, 5)] == ["Open", "Planned", "Declined", "Shipped"]
    assert (found["fider:2"].answer_body, found["fider:2"].answer_at) == (
        "Planned for spring", datetime(2024, 2, 1, 9, tzinfo=UTC),
    )  # fmt: skip
    check_books(world.space.slug)


@needs_formats
def test_uservoice_has_one_row_per_supporter(world: World) -> None:
    before = people()
    plan, result = brought(world, file("uservoice-full-suggestions.csv"))
    found = rows(world)
    assert set(found) == {"uservoice:101", "uservoice:102"}
    assert (found["uservoice:101"].up, found["uservoice:101"].imported_up) == (3, 0)
    assert found["uservoice:101"].created_at == datetime(2025, 7, 1, 8, tzinfo=UTC)
    assert status_of(world, found["uservoice:102"]) == "Under review"
    assert (result.named, people() - before) == (4, 3)
    assert Counter(flaw.skipped for flaw in plan.table.flaws) == {True: 1, False: 1}
    assert "example.com" not in str([(person.external_id, person.name) for person in everybody()])
    check_books(world.space.slug)


def everybody() -> list[Person]:
    with db.read() as work:
        found = list(work.scalars(select(Person).where(Person.external_id.is_not(None))))
        work.expunge_all()
    return found


@needs_formats
def test_quackback_posts_then_votes(world: World) -> None:
    brought(world, file("quackback-posts.csv"))
    found = rows(world)
    assert (found["quackback:a1"].imported_up, found["quackback:a1"].up) == (3, 0)
    assert found["quackback:a2"].state == HELD, "what waited for a moderator there waits for one here"
    for _again in range(2):
        plan, _result = brought(world, file("quackback-votes.csv"), source="quackback")
        found = rows(world)
        assert (found["quackback:a1"].imported_up, found["quackback:a1"].up) == (0, 3), "nobody counts twice"
    assert [flaw.line for flaw in plan.table.flaws] == [5, 6]
    check_books(world.space.slug)


@needs_formats
@pytest.mark.parametrize(
    ("name", "system", "ideas", "left_out"),
    [("consul-proposals.csv", "consul", 12, 0), ("feeblo-board.csv", "feeblo", 2, 0), ("jive-ideas.csv", "jive", 2, 0),
     ("gitlab-issues.csv", "gitlab", 1, 1)],
)  # fmt: skip
def test_other_systems(world: World, name: str, system: str, ideas: int, left_out: int) -> None:
    plan, result = brought(world, file(name))
    assert (plan.wish.format.name, plan.table.skipped) == (system, left_out)
    assert result.ideas == len(plan.table.ideas) == len(rows(world))
    assert result.ideas >= ideas
    first = plan.table.ideas[0]
    if system == "consul":
        assert (first.key, first.up, first.created_at) == ("35573", 15, datetime(2024, 1, 1, tzinfo=UTC))
    if system == "feeblo":
        assert [(idea.title, idea.tags) for idea in plan.table.ideas] == [
            ("Offline mode", ("mobile", "sync")), ("=SUM(A1) in title", ()),
        ]  # fmt: skip
    if system == "gitlab":
        assert first.body.endswith("<https://gitlab.example.com/a/b/-/issues/1>")


@pytest.mark.full
@pytest.mark.needs_data("ideas-decidim-barcelona")
def test_barcelona(world: World) -> None:
    folder = data_folder() / "ideas-decidim-barcelona"
    expected = json.loads((folder / "expected.json").read_text())
    plan, result = brought(world, (folder / "proposals.csv.gz").read_bytes(), source="barcelona")
    assert (plan.wish.format.name, result.ideas, result.counted) == (
        "decidim",
        expected["proposals"],
        expected["votes"],
    )
    found = rows(world)
    assert sum(row.imported_up for row in found.values()) == expected["votes"]
    statuses = Counter(status_of(world, row) for row in found.values())
    assert statuses == {"Planned": expected["status"]["accepted"], "Declined": expected["status"]["rejected"]}
    assert Counter(row.tags[-1] for row in plan.table.ideas) == {
        name.lower(): number for name, number in expected["by_district"].items()
    }
    best = sorted(found.values(), key=lambda row: -row.top)[:10]
    assert [[int(str(row.external_id).partition(":")[2]), row.top] for row in best] == [
        row[:2] for row in expected["top10"]
    ]
    again, result = brought(world, (folder / "proposals.csv.gz").read_bytes(), source="barcelona")
    assert (again.outlook.new, result.ideas, len(rows(world))) == (0, 0, expected["proposals"])


# --- Any table --------------------------------------------------------------------------------------------------------

GENERIC = "Titel;Beschreibung;Stimmen;Datum\nLamp;It lights up;7;31.12.2024\nBell;;2;01.02.2025\n"


def test_any_table_is_guessed_and_mapped(world: World) -> None:
    plan, result = brought(world, GENERIC)
    assert plan.wish.columns == {
        "title": ("Titel",), "body": ("Beschreibung",), "created": ("Datum",), "votes": ("Stimmen",),
    }  # fmt: skip
    assert [(idea.title, idea.up, idea.created_at) for idea in plan.table.ideas] == [
        ("Lamp", 7, datetime(2024, 12, 31, tzinfo=UTC)), ("Bell", 2, datetime(2025, 2, 1, tzinfo=UTC)),
    ]  # fmt: skip
    assert result.ideas == 2
    plan, _sheet = planned(world, GENERIC, columns={"title": ("Beschreibung",), "body": ("Titel",)})
    assert [idea.title for idea in plan.table.ideas] == ["It lights up", "Bell"]
    for wrong in ({"title": ("Nothing",)}, {"title": ()}, {"body": ("Titel", "Stimmen")}, {"colour": ("Titel",)}):
        with pytest.raises(Invalid):
            planned(world, GENERIC, columns=wrong)


def test_statuses_are_mapped_by_name_by_kind_or_as_wished(world: World) -> None:
    table = "title,status\nFirst,planned\nSecond,Done\nThird,Odd\nFourth,\n"
    shipped = next(status for status in list_statuses(world.space.id) if status.kind == "shipped")
    brought(world, table, statuses={"Odd": shipped.id})
    assert {row.title: status_of(world, row) for row in rows(world).values()} == {
        "First": "Planned", "Second": "Shipped", "Third": "Shipped", "Fourth": "Open",
    }  # fmt: skip
    with pytest.raises(Invalid):
        planned(world, table, statuses={"Odd": "nothing"})


def test_a_dry_run_writes_nothing_and_says_what_the_run_does(world: World) -> None:
    names, before = world.names(), people()
    plan, _sheet = planned(world, GENERIC)
    assert (plan.outlook.new, plan.outlook.counted) == (2, 9)
    assert (world.names(), people(), rows(world)) == (names, before, {})
    _plan, result = brought(world, GENERIC)
    assert (result.ideas, result.counted) == (2, 9)


def test_a_second_run_adds_nothing_and_overwrites_nothing(world: World) -> None:
    brought(world, GENERIC)
    before = {name: (row.id, row.version, row.imported_up) for name, row in rows(world).items()}
    plan, result = brought(world, GENERIC)
    assert (result.ideas, plan.outlook.known) == (0, 2)
    assert {name: (row.id, row.version, row.imported_up) for name, row in rows(world).items()} == before
    _plan, other = brought(world, GENERIC, source="second")
    assert other.ideas == 2, "the same table of another source is another table"


def test_a_run_that_was_killed_is_finished_by_the_next(world: World) -> None:
    table = "title,votes\n" + "".join(f"Idea {number},{number}\n" for number in range(40))
    plan, _sheet = planned(world, table)
    done, first = bring_in(world.owner, plan, seconds=0)
    assert 0 < done < 40
    _plan, second = brought(world, table)
    assert first.ideas + second.ideas == len(rows(world)) == 40
    assert sum(row.imported_up for row in rows(world).values()) == sum(range(40))


# --- Flaws ------------------------------------------------------------------------------------------------------------

FLAWED = (
    b"id,title,body,votes,created_at\r\n"
    b"1,Good one,x,3,2024-01-01\r\n"
    b"2,Ragged,x,3\r\n"
    b"3,Bad number,x,many,2024-01-01\r\n"
    b"4,Bad day,x,1,yesterday\r\n"
    b"5,M\xfcnchen,x,1,2024-01-01\r\n"
    b"6,Huge," + b"y" * 200_000 + b",1,2024-01-01\r\n"
    b"7,Long," + b"y" * 20_000 + b",1,2024-01-01\r\n"
    b"8,,,1,2024-01-01\r\n"
    b"9,Nul\x00,x,1,2024-01-01\r\n"
    b"1,Good one,again,3,2024-01-01\r\n"
    b"10,Quoted,\"a \"b\" c\",1,2024-01-01\r\n"
    b"11,Last one,x,1,2024-01-01\r\n"
    b"12,Never closed,\"x,1,2024-01-01\r\n"
)  # fmt: skip


def test_every_flaw_is_said_with_its_line_and_the_rest_comes_in(world: World) -> None:
    plan, result = brought(world, FLAWED)
    assert {row.title for row in rows(world).values()} == {"Good one", "München", "Last one"}
    assert [flaw.line for flaw in plan.table.flaws if flaw.skipped] == [3, 4, 5, 7, 8, 9, 10, 11, 12, 14]
    assert [flaw.line for flaw in plan.table.flaws if not flaw.skipped] == [6]
    assert result.ideas == 3


def test_the_file_of_flaws_can_be_put_right_and_brought_in(world: World) -> None:
    plan, sheet = planned(world, FLAWED)
    brought(world, FLAWED)
    plan.table.flaws = [flaw for flaw in plan.table.flaws if len(flaw.raw) < 100_000]
    kept = list(csv.DictReader(io.StringIO(flaws_as_csv(sheet.header, plan.table.flaws))))
    assert all(row["import_line"] and row["import_reason"] for row in kept)
    assert [row["title"] or row["import_raw"] for row in kept if row["import_line"] in {"3", "14"}] == [
        "Ragged", '12,Never closed,"x,1,2024-01-01',
    ]  # fmt: skip
    fixed = [row | {"votes": "12", "created_at": "2024-01-01"} for row in kept if row["import_line"] in {"3", "4", "5"}]
    file = io.StringIO()
    writer = csv.DictWriter(file, fixed[0])
    writer.writeheader()
    writer.writerows(fixed)
    plan, result = brought(world, file.getvalue())
    assert (result.ideas, plan.table.flaws) == (3, [])


@pytest.mark.parametrize(
    "data",
    [b"", b"  \n", b"\x1f\x8bbroken", gzip.compress(b"title\n" + b"a" * 40_000_000), b"[1, 2", b'{"a": 1}',
     b"title\n" + b"x\n" * 100_001, b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_table_is_refused_at_once(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_sheet(data, jobs.MOST_BYTES, jobs.MOST_ROWS)


def test_long_titles_tags_and_odd_days(world: World) -> None:
    table = f'title,body,tags,created_at\n{"long " * 40},More,"a,{"b" * 31},c,d,e,f,g",2999-01-01\nSSO,,,\n'
    plan, _result = brought(world, table)
    first, second = plan.table.ideas
    assert len(first.title) <= 140
    assert first.body.startswith("long long")
    assert first.body.endswith("More")
    assert first.tags == ("a", "c", "d", "e", "f")
    assert second.title == "SSO"
    assert len(plan.table.flaws) == 3
    assert plan.table.skipped == 0


def test_days_of_a_column_agree_on_which_number_is_the_month(world: World) -> None:
    months = planned(world, "title,created_at\nA first one,03/25/2024\nA second one,04/05/2024\n")[0]
    days = planned(world, "title,created_at\nA first one,25/03/2024\nA second one,04/05/2024\n")[0]
    numbers = planned(world, "title,created_at\nA first one,1704067200\nA second one,1704067200000\n")[0]
    assert [idea.created_at and idea.created_at.month for idea in months.table.ideas] == [3, 4]
    assert [idea.created_at and idea.created_at.month for idea in days.table.ideas] == [3, 5]
    assert {idea.created_at for idea in numbers.table.ideas} == {datetime(2024, 1, 1, tzinfo=UTC)}


# --- Who may, and whom it reaches -------------------------------------------------------------------------------------


def test_product_people_bring_in_and_others_do_not(world: World) -> None:
    planned(world, GENERIC, world.member("product"))
    for actor in (world.moderator, world.ann, world.stranger):
        with pytest.raises(Forbidden):
            planned(world, GENERIC, actor)
    plan, _sheet = planned(world, GENERIC)
    with pytest.raises(Forbidden):
        bring_in(world.moderator, plan)


def test_nothing_comes_into_a_closed_ballot(world: World) -> None:
    close_ballot(world.owner, world.space.id)
    with pytest.raises(Closed):
        planned(world, GENERIC)


def test_against_is_left_out_where_nobody_votes_against(world: World, make_world: Any) -> None:
    table = "title,votes_up,votes_down\nA first one,3,2\n"
    assert planned(world, table)[0].outlook.against_left == 2
    other = make_world(kind="updown")
    _plan, result = brought(other, table)
    assert (result.counted, rows(other).popitem()[1].top) == (5, 1)


def notices() -> int:
    with db.read() as work:
        return work.scalar(select(func.count()).select_from(Notice)) or 0


def test_nobody_is_told(world: World) -> None:
    table = "number,title,description,created_by,total_votes,status,original_number\n"
    first = f"{table}1,Lamp,@[Ann](person:{world.ann.person_id}),Ann,3,Open,\n"
    brought(world, first)
    lamp = rows(world)["fider:1"]
    assert "person:" not in lamp.body
    follow_idea(world.ann, lamp.id)
    deliver(world.space.id)
    before = notices()
    _plan, result = brought(world, f"{first}2,Torch,,Ben,1,Duplicate,1\n")
    deliver(world.space.id)
    assert (result.merged, notices()) == (0, before), "whoever follows here would have been told of the merge"


def test_authors_are_people_of_this_space_alone(world: World, make_world: Any) -> None:
    table = "title,author,author_email\nA first one,Ann,ANN@example.org\nA second one,Ann,ann@example.org\n"
    brought(world, table)
    authors = {row.author_id for row in rows(world).values()}
    assert len(authors) == 1
    other = make_world()
    brought(other, table)
    assert not authors & {row.author_id for row in rows(other).values()}
