"""More than ideas and votes: what a newer file changes, fields of the space, comments."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, update

from codesign.accounts.models import Person
from codesign.comments.models import Comment
from codesign.exchange.foreign.formats import FORMATS, Format, guess_fields, guess_format, guess_mapping
from codesign.exchange.foreign.sheets import read_sheet
from codesign.exchange.models import ImportedIdea
from codesign.ideas.imports import words_of
from codesign.ideas.service import edit_idea, follow_idea, publish_idea, set_status
from codesign.ideas.team import answer_idea, remove_answer
from codesign.kernel import db
from codesign.kernel.errors import Invalid
from codesign.merging.service import merge_idea
from codesign.notifications.models import Notice
from codesign.notifications.service import deliver
from codesign.spaces.queries import list_statuses
from codesign.triage.fields import keep_field, list_fields, values_of
from codesign.triage.service import change_ideas
from tests.rooms.exchange.test_import_ideas import brought, file, needs_formats, planned, rows, status_of
from tests.support.books import check_books
from tests.support.imported import imported_sources
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


def test_counts_that_a_merge_brought_along_are_not_counted_twice(world: World) -> None:
    """What the source says of an idea stands beside what came along with others of the same source."""
    brought(world, "id,title,votes\n1,A lamp,10\n2,A bell,5\n")
    lamp, bell = rows(world)["csv:1"], rows(world)["csv:2"]
    merge_idea(world.moderator, bell.id, lamp.id)
    _plan, result = brought(world, "id,title,votes\n1,A lamp,12\n2,A bell,6\n")
    assert (rows(world)["csv:1"].imported_up, result.updated) == (17, 1)
    check_books(world.space.slug)


def test_what_a_newer_file_does_not_say_stays(world: World) -> None:
    """Neither a column nor a cell that is not there is a word of the source; a title alone comes as a title."""
    brought(world, "id,title,body,status,votes\n1,A lamp,Bright,planned,10\n2,A bell,Loud,planned,4\n")
    _plan, result = brought(world, "id,title\n1,A lantern\n2,A bell\n")
    assert result.updated == 1
    plan, result = brought(world, "id,title,body,status,votes\n1,A lantern,Bright,,\n2,A bell,,,0\n")
    now = [rows(world)[f"csv:{number}"] for number in (1, 2)]
    assert [(row.title, row.body, status_of(world, row), row.imported_up) for row in now] == [
        ("A lantern", "Bright", "Planned", 10), ("A bell", "", "Planned", 0),
    ]  # fmt: skip
    assert (plan.outlook.updated, plan.outlook.kept, result.updated) == (1, 0, 1)
    edit_idea(world.moderator, now[0].id, body="Ours")
    brought(world, "id,title\n1,A lantern\n")
    plan, _sheet = planned(world, "id,title,body\n1,A lantern,Brighter\n")
    assert (plan.outlook.updated, plan.outlook.kept) == (0, 1), "a file without texts agrees to none"


def test_supporters_who_were_only_counted_are_not_counted_twice(world: World) -> None:
    """Be it in a file that does not count, or of an idea that was held and stands here by now."""
    table = "idea_id,idea_title,voters_count,moderation_state,user_name\n"
    held = f"{table}1,A lamp,2,pending,Ann\n1,A lamp,2,pending,Ben\n"
    brought(world, f"{held}2,A bell,3,,\n")
    publish_idea(world.moderator, rows(world)["uservoice:1"].id)
    for _again in range(2):
        brought(world, f"{held}2,A bell,,,Cem\n")
        now = [rows(world)[f"uservoice:{number}"] for number in (1, 2)]
        assert [(row.up, row.imported_up) for row in now] == [(2, 0), (1, 2)]
    check_books(world.space.slug)


def test_an_export_of_this_space_is_no_newer_word_of_its_source(world: World) -> None:
    """Ideas that are known by their own ids stay as they are, also those that are part of others by now."""
    brought(world, "id,title,votes\n1,A lamp,10\n2,A bell,5\n")
    found = rows(world)
    lamp, bell = found["csv:1"], found["csv:2"]
    table = "id,title,body,votes_up,votes_down,created_at,answered_at\n" + "".join(
        f"{row.id},{row.title} of old,,25,0,,\n" for row in (lamp, bell)
    )
    merge_idea(world.moderator, bell.id, lamp.id)
    plan, result = brought(world, table)
    assert plan.wish.format.name == "codesign"
    assert (plan.outlook.known, plan.outlook.touched, result.updated, result.ideas) == (2, 0, 0, 0)
    with db.read():
        assert imported_sources(lamp.id) == {"csv": (15, 0)}
    assert rows(world)["csv:1"].title == "A lamp"


def test_an_edit_that_the_source_made_too_is_none_any_more(world: World) -> None:
    """Where both say the same, the source leads again from then on, and nothing of it counts as a change."""
    table = "id,title,body,status\n1,A lamp,{},{}\n"
    brought(world, table.format("Old", "open"))
    lamp = rows(world)["csv:1"]
    edit_idea(world.moderator, lamp.id, body="New")
    planned_here = next(status for status in list_statuses(world.space.id) if status.kind == "planned")
    set_status(world.moderator, lamp.id, planned_here.id)
    version = rows(world)["csv:1"].version
    assert planned(world, table.format("Other", "done"))[0].outlook.kept == 1
    _plan, result = brought(world, table.format("New", "planned"))
    assert (result.updated, result.kept, rows(world)["csv:1"].version) == (0, 0, version)
    plan, result = brought(world, table.format("Newest", "done"))
    now = rows(world)["csv:1"]
    assert (plan.outlook.updated, plan.outlook.kept, result.updated, result.kept) == (1, 0, 1, 0)
    assert (now.body, status_of(world, now)) == ("Newest", "Shipped")


def tags_and_answer(world: World, name: str) -> tuple[tuple[str, ...], str]:
    """What an idea is filed under, and what the team says of it."""
    idea_id = rows(world)[name].id
    words = words_of([idea_id])[idea_id]
    return words.tags, words.answer


@pytest.mark.parametrize(
    "system", [each for each in FORMATS if each.columns and "tags" in each.columns], ids=lambda each: each.name
)
def test_tags_and_answers_follow_the_source_in_each_format(world: World, system: Format) -> None:
    columns = {field: (names,) if isinstance(names, str) else names for field, names in (system.columns or {}).items()}
    header = list(dict.fromkeys([*system.needs, *(name for names in columns.values() for name in names)]))

    def table(tags: str, answer: str) -> str:
        told = {"key": "1", "title": "A lamp", "created": "2024-01-01", "tags": tags, "answer": answer}
        cells = {columns[field][0]: value for field, value in told.items() if field in columns}
        return f"{';'.join(header)}\n{';'.join(cells.get(name, '') for name in header)}\n"

    plan, _result = brought(world, table("Light,Night", "We look at it."))
    assert plan.wish.format == system
    (name,) = rows(world)
    many = len(columns["tags"]) == 1  # else each column is one tag
    answers = "answer" in columns
    first = ("light", "night") if many else ("light,night",)
    assert tags_and_answer(world, name) == (first, "We look at it." if answers else "")
    for changed in (1, 0):
        assert brought(world, table("sound", "We build it."))[1].updated == changed
        assert tags_and_answer(world, name) == (("sound",), "We build it." if answers else "")


def test_tags_and_answers_that_were_changed_here_stay_and_the_row_says_so(world: World) -> None:
    table = "id,title,tags,answer\n1,A lamp,{0}\n2,A bell,{0}\n3,A rack,{0}\n4,A fork,{0}\n"
    brought(world, table.format("light,Soon."))
    lamp, bell, rack = (rows(world)[f"csv:{number}"].id for number in range(1, 4))
    follow_idea(world.ann, lamp)
    change_ideas(world.owner, world.space.id, "tags", ["ours"], [lamp])
    answer_idea(world.owner, bell, "We did.")
    remove_answer(world.owner, rack)
    plan, result = brought(world, table.format("light,Soon."))
    assert (plan.outlook.touched, result.updated, plan.table.flaws) == (0, 0, []), "the source says nothing new"
    for _again in range(2):
        plan, result = brought(world, table.format("sound,Now."))
        assert [(flaw.line, flaw.reason[:8], flaw.skipped, flaw.cells["title"]) for flaw in plan.table.flaws] == [
            (2, "The tags", False, "A lamp"), (3, "The offi", False, "A bell"), (4, "The offi", False, "A rack"),
        ]  # fmt: skip
        assert (plan.outlook.kept, result.kept) == (3, 3)
    here = [tags_and_answer(world, f"csv:{number}") for number in range(1, 5)]
    assert here == [(("ours",), "Now."), (("sound",), "We did."), (("sound",), ""), (("sound",), "Now.")]
    answered = rows(world)["csv:1"]
    assert answered.answer_by is None and answered.answer_at is not None
    brought(world, "id,title,tags,answer\n4,A fork,,\n")
    assert tags_and_answer(world, "csv:4") == ((), "Now."), "an empty cell is no tags, and no word of an answer"
    change_ideas(world.owner, world.space.id, "tags", ["sound"], [lamp])
    brought(world, table.format("sound,Now."))
    brought(world, table.format("quiet,Now."))
    assert tags_and_answer(world, "csv:1")[0] == ("quiet",), "where both agree the source leads again"
    deliver(world.space.id)
    with db.read() as work:
        told = select(func.count()).select_from(Notice).where(Notice.person_id == world.ann.person_id)
        assert work.scalar(told.where(Notice.name == "idea.answered")) == 0
    check_books(world.space.slug)


def test_of_ideas_that_came_before_this_was_kept_tags_and_answers_stay(world: World) -> None:
    brought(world, "id,title,tags\n1,A lamp,light\n")

    @db.verb
    def forget() -> None:
        db.session().execute(update(ImportedIdea).values(tags=None, answer=None))

    forget()
    _plan, result = brought(world, "id,title,tags\n1,A lamp,sound\n")
    assert (result.kept, tags_and_answer(world, "csv:1")[0]) == (1, ("light",))
    brought(world, "id,title,tags\n1,A lamp,light\n")
    brought(world, "id,title,tags\n1,A lamp,sound\n")
    assert tags_and_answer(world, "csv:1")[0] == ("sound",)


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
