"""What an archive of a space holds: every table of the house is either kept or left out for a reason that is written here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Select, String, Table, and_, case, false, null, select, union
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

from codesign.kernel.db import Base
from codesign.spaces.service.deletion import belongs_to

FORMAT, VERSION = "codesign-space", 1
MANIFEST = "manifest.json"

#: The tables of an archive in an order in which they can be loaded. Members come last: nobody enters before.
KEPT = (
    "organization", "stakeholder_type", "person", "space", "ballot", "status", "move_rule", "roadmap_column", "roadmap_status",
    "product", "product_version", "product_picture", "configuration", "sampled_configuration", "choice", "idea",
    "idea_tag", "release", "release_idea", "comment", "merge", "vote", "ballot_voter", "imported_votes", "follow",
    "merged_vote", "merged_comment", "flag", "appeal", "canned_reply", "triage_field", "triage_mark", "triage_value",
    "entered_vote", "evidence", "segment_weights", "picture", "picture_use", "event", "member",
)  # fmt: skip
#: Rows that belong to the server, of which an archive takes those its space needs.
SHARED = ("organization", "stakeholder_type", "person")

LEFT_OUT = {
    "api_token": "keys of programs open the server that made them, no other",
    "single_use_link": "links in letters lead to the server that wrote them",
    "ended_session": "cookies of this server",
    "pending_action": "what somebody began here before signing in",
    "invitation": "links lead to the server that made them; new ones are made in a minute",
    "log_head": "follows from the last event",
    "log_bookmark": "how far readers on this server have come",
    "plugin_bookmark": "how far plugins on this server have come",
    "plugin_set_aside": "what plugins on this server could not take",
    "plugin_task": "when tasks ran on this server",
    "plugin_health": "how plugins did on this server",
    "plugin_hold": "which plugins were left alone on this server",
    "plugin_space": "settings of plugins may hold keys; plugins are switched on anew",
    "draft_edit": "steps somebody made, and took back, are nobody else's business",
    "draft_partner": "who edits a draft along came by a link of this server",
    "idea_title_word": "made again from the titles",
    "idea_score": "worked out again from votes and comments",
    "insight": "worked out again from what people composed, chose and voted",
    "score_state": "what the scores of this server were worked out with",
    "triage_twin": "looked for again as the log is followed",
    "triage_view": "filters name people and statuses by ids of this server",
    "triage_deed": "what was done at the desk of this server can be taken back there",
    "triage_deed_row": "as those deeds",
    "moderation_claim": "who reads what in this quarter of an hour",
    "notice": "bells that rang on this server; they are not rung twice",
    "letter": "mails are never sent twice",
    "delivery": "which notices go into letters of this server",
    "letter_wish": "how soon people want letters of this server",
    "confirmed_address": "an address is shown to be somebody's own to the server that writes there",
    "erasure": "what plugins of this server still have to forget",
    "import_run": "how far an import on this server has come",
    "imported_idea": "a file of the other system is compared with it on this server",
    "idea_import": "a file that is being brought in on this server",
    "import_arrival": "what a running import on this server has brought",
    "demo_switch": "switches of the demo on this server",
    "lease": "which process leads on this server",
}

#: Columns that are worked out by the database.
COMPUTED = {("idea", "top")}
#: What every archive says of a person, what only one with people says, what none says.
PERSON_ALWAYS = ("id", "external_id", "name", "guest", "show_name", "joined_into", "banned_at", "erased_at")
PERSON_PRIVATE = ("email", "email_key", "password_hash", "organization_id", "demo_role", "locale", "created_at")
PERSON_NEVER = {
    "is_admin": "nobody comes to power over a server by an archive",
    "sign_in_epoch": "counts the cookies of this server",
}
#: What no archive says of a configuration.
CONFIGURATION_NEVER = {
    "marks": "point at steps that stay behind",
    "share_key": "opens a draft to whoever has the link; a new one is made",
    "edit_key": "lets others edit a draft; its owner asks them anew",
}
#: Tables that tell of people, and come along only where people do.
PERSONAL = {"choice", "entered_vote", "evidence"}
_DRAFT = "draft"

#: Tables whose rows hold a file, and how many of them are held in memory at once.
LARGE = {"picture": 8}

#: Columns that name a row without a foreign key: table, column, table named.
POINTERS = (
    ("idea", "author_id", "person"), ("idea", "answer_by", "person"), ("idea", "merged_into", "idea"),
    ("idea", "configuration_id", "configuration"), ("idea", "for_product_id", "product"),
    ("comment", "author_id", "person"), ("comment", "parent_id", "comment"), ("merge", "merged_by", "person"),
    ("product", "published_version_id", "product_version"), ("product_version", "created_by", "person"),
    ("flag", "settled_by", "person"), ("appeal", "settled_by", "person"), ("event", "actor_id", "person"),
    ("triage_mark", "owner_id", "person"), ("entered_vote", "entered_by", "person"), ("evidence", "added_by", "person"),
    ("segment_weights", "set_by", "person"), ("picture", "owner_id", "person"),
)  # fmt: skip
#: Columns that look like names of rows and are left alone when an archive is loaded.
LOOSE = {
    ("configuration", "forked_from"), ("vote", "merge_id"), ("follow", "merge_id"), ("merged_vote", "earlier_merge_id"),
    ("flag", "target_id"), ("appeal", "target_id"), ("appeal", "against"), ("person", "joined_into"),
    ("picture_use", "text_id"),
}  # fmt: skip


def table_of(name: str) -> Table:
    """A table of the house by name."""
    return Base.metadata.tables[name]


def file_of(name: str) -> str:
    """The file in the archive that holds a table."""
    return f"{name}.jsonl"


def columns_of(name: str, with_people: bool) -> list[Column[Any]]:
    """The columns of a table that an archive keeps."""
    table = table_of(name)
    if name == "person":
        wanted = PERSON_ALWAYS + (PERSON_PRIVATE if with_people else ())
        return [table.c[column] for column in wanted]
    never = CONFIGURATION_NEVER if name == "configuration" else ()
    return [column for column in table.c if (name, column.name) not in COMPUTED and column.name not in never]


def as_kept(column: Column[Any], space_id: str, with_people: bool) -> ColumnElement[Any]:
    """What an archive says in a column: of a draft that stays behind, nothing goes on."""
    configurations = table_of("configuration")
    if with_people or column is not configurations.c.forked_from:
        return column
    drafts = configurations.alias()
    left_out = select(drafts.c.id).where(drafts.c.space_id == space_id, drafts.c.state == _DRAFT)
    return case((column.in_(left_out), null()), else_=column)


def names_people(name: str) -> Iterator[Column[Any]]:
    """The columns of a kept table that name a person."""
    table = table_of(name)
    for column in table.c:
        if any(key.column is table_of("person").c.id for key in column.foreign_keys):
            yield column
    for table_name, column_name, named in POINTERS:
        if table_name == name and named == "person":
            yield table.c[column_name]


def condition(name: str, space_id: str, with_people: bool) -> ColumnElement[bool]:
    """Which rows of a table belong into the archive of a space. What people keep to themselves (drafts of configurations,
    answers to cards) comes along only where people do.
    """
    table = table_of(name)
    if name == "person":
        return table.c.id.in_(_people(space_id, with_people))
    if name == "organization":
        people = table_of("person")
        here = select(people.c.organization_id).where(people.c.id.in_(_people(space_id, with_people)))
        return table.c.id.in_(here) if with_people else false()
    if name == "stakeholder_type":
        members = table_of("member")
        return table.c.id.in_(select(members.c.stakeholder_type).where(members.c.space_id == space_id))
    found = belongs_to(table, space_id)
    if found is None:
        raise LookupError(f"no row of {name} belongs to a space")
    if name in PERSONAL and not with_people:
        return false()
    if name == "picture":  # what waits for a text stays behind
        return and_(found, table.c.id.in_(select(table_of("picture_use").c.picture_id)))
    if name == "configuration" and not with_people:
        return and_(found, table.c.state != _DRAFT)
    return found


def _people(space_id: str, with_people: bool) -> Any:
    """Selects the ids of everybody a space's rows and log name."""
    events = table_of("event")
    asked: list[Select[Any]] = [
        select(column).where(condition(name, space_id, with_people))
        for name in KEPT
        if name not in SHARED
        for column in names_people(name)
    ]
    asked.append(select(_PersonIn(events.c.payload)).where(events.c.space_id == space_id))
    return union(*asked)


class _PersonIn(FunctionElement[str]):
    """The ``person_id`` in the JSON text of an event."""

    type = String()
    inherit_cache = True


@compiles(_PersonIn, "sqlite")
def _in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **options)}, '$.person_id')"


@compiles(_PersonIn, "postgresql")
def _in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"(CAST({compiler.process(element.clauses, **options)} AS jsonb) ->> 'person_id')"
