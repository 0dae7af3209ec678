"""What the desk shows as a file: exactly the filter and its order, what an idea is and the columns that are chosen."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from flask import stream_with_context
from werkzeug.wrappers import Response

from codesign.ideas.facts import IdeaFact
from codesign.ideas.views import idea_url
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.cells import as_cell
from codesign.kernel.db import offload, read
from codesign.spaces.access import look
from codesign.triage.filters import desk_of
from codesign.triage.pages.blueprint import blueprint
from codesign.triage.pages.columns import Column, chosen, offered
from codesign.triage.pages.wishes import DeskQuery, DeskWish
from codesign.triage.queries import MOST_ROWS, DeskPage, DeskRow, desk_rows
from codesign.web.forms import asked
from codesign.web.identity import current_actor

Record = dict[str, Any]
#: What stands in every file, so that `codesign import ideas` finds it again.
_IDEA: dict[str, Callable[[IdeaFact], Any]] = {
    "id": lambda idea: idea.id,
    "external_id": lambda idea: idea.external_id or "",
    "title": lambda idea: idea.title,
    "body": lambda idea: idea.body,
    "author": lambda idea: idea.author_name or "",
    "created_at": lambda idea: clock.rfc3339(idea.created_at),
    "status": lambda idea: str(idea.status.name) if idea.status else "",
    "tags": lambda idea: list(idea.tags),
    "votes_up": lambda idea: idea.tally.up + idea.tally.imported_up if idea.tally else None,
    "votes_down": lambda idea: idea.tally.down + idea.tally.imported_down if idea.tally else None,
    "comments": lambda idea: idea.comment_count,
    "answer": lambda idea: idea.answer_body or "",
    "answered_at": lambda idea: clock.rfc3339(idea.answer_at) if idea.answer_at else "",
    "url": lambda idea: idea_url(idea, _external=True),
}
#: What chosen columns say beside that, by kind.
_CHOSEN: dict[str, Callable[[DeskRow, Column], Any]] = {
    "trend": lambda row, column: row.numbers.votes_7d,
    "score": lambda row, column: row.scores[column.key].value if column.key in row.scores else None,
    "owner": lambda row, column: row.owner or "",
    "field": lambda row, column: row.values.get(column.key),
}


@blueprint.get("/spaces/<space>/desk/export.csv")
def export_csv(space: str) -> Response:
    """The view as CSV: no cell is a formula."""
    slug, names, records = _records(space)
    return _sent(_lines(names, records), "text/csv", f"{slug}.csv")


@blueprint.get("/spaces/<space>/desk/export.json")
def export_json(space: str) -> Response:
    """The view as a list of objects."""
    slug, _names, records = _records(space)
    return _sent(_objects(records), "application/json", f"{slug}.json")


def _records(space: str) -> tuple[str, list[str], Iterator[Record]]:
    """The names of columns and, one after the other, the ideas. The first page is read before anything is sent."""
    actor, wish = current_actor(), DeskWish(**asked(DeskQuery()))
    columns, slug, page = offload(_begin, actor, space, wish)
    return slug, [*_IDEA, *(column.name for column in columns)], _walk(actor, space, wish, columns, page)


def _begin(actor: Actor, space: str, wish: DeskWish) -> tuple[list[Column], str, DeskPage]:
    with read():
        access = look(actor, space, "moderate")
        desk = desk_of(access)
        columns = [each for each in chosen(offered(access.space, desk.fields), wish) if each.kind in _CHOSEN]
        return columns, access.space.slug, desk_rows(access, wish.filter, limit=MOST_ROWS, desk=desk)


def _next(actor: Actor, space: str, wish: DeskWish, cursor: str) -> DeskPage:
    with read():
        return desk_rows(look(actor, space, "moderate"), wish.filter, limit=MOST_ROWS, cursor=cursor)


def _walk(actor: Actor, space: str, wish: DeskWish, columns: list[Column], page: DeskPage) -> Iterator[Record]:
    """Page by page, so that a file of any length takes no more memory; what moves down meanwhile stands there once."""
    seen: set[str] = set()
    while True:
        for row in page.rows:
            if row.idea.id not in seen:
                seen.add(row.idea.id)
                yield _record(row, columns)
        if page.next is None:
            return
        page = offload(_next, actor, space, wish, page.next)


def _record(row: DeskRow, columns: list[Column]) -> Record:
    told = {name: say(row.idea) for name, say in _IDEA.items()}
    return told | {column.name: _CHOSEN[column.kind](row, column) for column in columns}


# --- As a file --------------------------------------------------------------------------------------------------------


def _lines(names: list[str], records: Iterator[Record]) -> Iterator[str]:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    yield "\ufeff"  # spreadsheets take the file for UTF-8
    writer.writerow(names)
    for record in records:
        writer.writerow([_cell(record[name]) for name in names])
        yield file.getvalue()
        file.seek(0)
        file.truncate()
    yield file.getvalue()


def _cell(value: Any) -> str:
    """A value as a cell: tags with commas between, unless one of them would come apart at it."""
    if value is None:
        return ""
    if isinstance(value, list):
        apart = any(set(word) & set(',;|"[') for word in value)
        return as_cell(orjson.dumps(value).decode() if apart else ", ".join(value))
    return as_cell(value) if isinstance(value, str) else str(value)


def _objects(records: Iterator[Record]) -> Iterator[bytes]:
    between = b"[\n"
    for record in records:
        yield between + orjson.dumps(record)
        between = b",\n"
    yield b"\n]\n" if between != b"[\n" else b"[]\n"


def _sent(parts: Iterator[Any], media_type: str, name: str) -> Response:
    answer = Response(stream_with_context(parts), mimetype=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
