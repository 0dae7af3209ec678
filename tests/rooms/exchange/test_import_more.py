"""More than ideas and votes: what a newer file changes, fields of the space, comments."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from codesign.accounts.models import Person
from codesign.comments.models import Comment
from codesign.exchange.foreign.formats import guess_fields, guess_format, guess_mapping
from codesign.exchange.foreign.sheets import read_sheet
from codesign.ideas.service import edit_idea, follow_idea, set_status
from codesign.kernel import db
from codesign.kernel.errors import Invalid
from codesign.notifications.models import Notice
from codesign.notifications.service import deliver
from codesign.spaces.queries import list_statuses
from codesign.triage.fields import keep_field, list_fields, values_of
from tests.rooms.exchange.test_import_ideas import brought, file, needs_formats, planned, rows, status_of
from tests.support.books import check_books
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("app")


def test_a_newer_export_brings_up_to_date_what_nobody_edited_here(world: World) -> None:
    """Words, status and counts follow the source; what somebody edited here stays, and is said each time."""
    first = "id,title,body,status,votes\n" + "".join(f"{n},Lamp {n},Old,open,5\n" for n in range(1, 6))
    newer = (
        "id,title,body,status,votes\n1,Lamp 1,Old,open,5\n2,Lamp 2,New,planned,9\n3,Lamp 3,New,open,5\n"
        "4,Lamp 4,Old,planned,7\n5,Lamp 5,Old,open,3\n6,Lamp 6,Old,open,1\n"
    )
    brought(world, first)
    follow_idea(world.ann, rows(world)["csv:2"].id)
    edit_idea(world.moderator, rows(world)["csv:3"].id, body="Ours")
    declined = next(status for status in list_statuses(world.space.id) if status.kind == "declined")
    set_status(world.moderator, rows(world)["csv:4"].id, declined.id)
    plan, result = brought(world, newer)
    told = plan.outlook
    assert (told.new, told.known, told.updated, told.kept, told.known - told.touched) == (1, 5, 3, 2, 1)
    assert (result.ideas, result.updated, result.kept) == (1, 3, 2)
    found = rows(world)
    now = [found[f"csv:{number}"] for number in range(1, 7)]
    assert [(row.body, status_of(world, row), row.imported_up) for row in now] == [
        ("Old", "Open", 5), ("New", "Planned", 9), ("Ours", "Open", 5), ("Old", "Declined", 7), ("Old", "Open", 3),
        ("Old", "Open", 1),
    ]  # fmt: skip
    before = {name: row.version for name, row in found.items()}
    again, result = brought(world, newer)
    assert (again.outlook.updated, again.outlook.kept, result.updated) == (0, 2, 0)
    assert {name: row.version for name, row in rows(world).items()} == before
    deliver(world.space.id)
    with db.read() as work:
        assert work.scalar(select(func.count()).select_from(Notice).where(Notice.person_id == world.ann.person_id)) == 0
    check_books(world.space.slug)


def test_fields_of_the_space_come_in_from_columns(world: World) -> None:
    """Each as its kind takes it; by their names or as wished; what one does not take is named; what is here stays."""
    for key, kind, choices in (
        ("effort", "number", ()), ("due", "date", ()), ("size", "choice", ("Small", "Large")), ("legal", "switch", ()),
        ("note", "text", ()),
    ):  # fmt: skip
        keep_field(world.owner, world.space.id, key, key.title(), kind, choices=choices)
    table = "id;title;Effort;Due;Size;Legal;Remark\n1;A lamp;2,5;31/12/2026;large;ja;Ask Ann\n2;A bell;many;01/02/2027;Huge;no;\n"
    sheet = read_sheet(table.encode())
    with db.read():
        columns = guess_fields(
            guess_mapping(guess_format(sheet.header), sheet.header), sheet.header, list_fields(world.space.id)
        )
    assert columns["field:due"] == ("Due",) and "field:note" not in columns
    plan, _result = brought(world, table, columns=columns | {"field:note": ("Remark",)})
    ids = {name: row.id for name, row in rows(world).items()}
    with db.read():
        values = values_of(ids.values())
    assert values[ids["csv:1"]] == {
        "effort": 2.5,
        "due": "2026-12-31",
        "size": "Large",
        "legal": 1.0,
        "note": "Ask Ann",
    }
    assert values[ids["csv:2"]] == {"due": "2027-02-01", "legal": 0.0}
    assert [(flaw.line, flaw.skipped) for flaw in plan.table.flaws] == [(3, False), (3, False)]
    _plan, result = brought(world, table.replace(";2,5;", ";4;").replace(";many;", ";3;"), columns=columns)
    with db.read():
        values = values_of(ids.values())
    assert (values[ids["csv:1"]]["effort"], values[ids["csv:2"]]["effort"], result.updated) == (2.5, 3.0, 1)
    with pytest.raises(Invalid):
        planned(world, table, columns={"field:nothing": ("Effort",)})


@needs_formats
def test_quackback_comments_come_last(world: World) -> None:
    """Under the name of who said it, at its time; nobody is told, a second run adds nothing."""
    early, _result = brought(world, file("quackback-comments.csv"), source="quackback")
    assert [flaw.line for flaw in early.table.flaws] == [2, 3, 4], "the ideas come first"
    brought(world, file("quackback-posts.csv"))
    idea = rows(world)["quackback:a1"]
    follow_idea(world.ann, idea.id)
    for new in (2, 0):
        plan, result = brought(world, file("quackback-comments.csv"), source="quackback")
        assert (plan.outlook.comments, result.comments) == (new, new)
        assert [flaw.line for flaw in plan.table.flaws] == [4]
    with db.read() as work:
        said = list(
            work.execute(
                select(Comment.body, Comment.created_at, Person.name).join(Person, Person.id == Comment.author_id)
            )
        )
    assert [(row[0], row[2]) for row in said] == [("Yes please", "Person Two"), ("Looking into it", "Staff")]
    assert said[0][1] == datetime(2025, 7, 5, 8, tzinfo=UTC) and rows(world)["quackback:a1"].comment_count == 2
    deliver(world.space.id)
    with db.read() as work:
        assert work.scalar(select(func.count()).select_from(Notice).where(Notice.person_id == world.ann.person_id)) == 0
    check_books(world.space.slug)
