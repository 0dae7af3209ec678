"""Brings an archive into this instance: out of sight, in small steps, opened in one commit.

The space is in state ``importing`` until everything is there. What fails takes everything away again; what was killed is
taken away by the next run. People who are here already by the same id stay as they are: the archive adds only whom this
server does not know, and who was forgotten here stays forgotten.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import JSON, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from codesign.exchange.archive import contents
from codesign.exchange.archive.checking import check, rows_of
from codesign.exchange.archive.opening import Archive, Limits
from codesign.exchange.archive.rows import Row
from codesign.exchange.models import ImportArrival, ImportRun
from codesign.exchange.opening import open_with_past
from codesign.ideas.titles import keep_titles
from codesign.kernel import clock, db, lease
from codesign.kernel.db import reading, session, verb
from codesign.kernel.errors import Conflict, Invalid
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.notifications.service import skip_to
from codesign.spaces.service import finish_deletions

Advance = Callable[[int, int], None]
T = TypeVar("T")

SOURCE = "archive"
#: Rows in one commit; each is done within about 20 ms, so that a server beside it is not held up.
STEP = 250
#: Seconds after which a run says again that it is alive.
ALIVE = 4.0


def import_space(
    path: Path, advance: Advance = lambda done, total: None, limits: Limits | None = None
) -> dict[str, Any]:
    """Bring the space in the archive *path* into this instance; returns its manifest.

    Raises Invalid, TooLarge (nothing was written), Conflict (the space, its address or something in it is here already).
    """
    with Archive(path, limits) as archive:
        holder = new_id()
        name = f"in {archive.space_id}"
        if not lease.take(name, holder):
            raise Conflict(
                _("Another import of this space is running, or was killed just now. Try again in 15 seconds.")
            )
        try:
            _Import(archive, advance, lambda: lease.take(name, holder)).run()
        finally:
            lease.release(name, holder)
        return archive.manifest


class _Import:
    """One run: look at everything, write everything, open."""

    def __init__(self, archive: Archive, advance: Advance, stay_alive: Callable[[], object]) -> None:
        self.archive, self.advance, self.stay_alive = archive, advance, stay_alive
        self.space_id = archive.space_id
        self.done, self.total = 0, archive.rows * 2
        self.alive_until = time.monotonic() + ALIVE

    def run(self) -> None:
        """All of it, or nothing."""
        take_away_leftovers(self.space_id)
        _refuse_known_space(self.archive)
        check(self.archive, self._count)
        self._refuse_known_rows()
        try:
            self._load()
            _open(self.archive)
        except BaseException as error:
            take_away(self.space_id)
            if isinstance(error, IntegrityError):
                raise Conflict(_("Something in this archive is here already, under another space.")) from error
            raise

    def _count(self, rows: int) -> None:
        self.done += rows
        self.advance(self.done, self.total)
        if time.monotonic() > self.alive_until:
            self.alive_until = time.monotonic() + ALIVE
            self.stay_alive()

    def _refuse_known_rows(self) -> None:
        """Look for rows of others that would be in the way, before anything is written."""
        for name, unique in (("organization", ("name",)), ("person", ("external_id", "email_key")), ("idea", ("id",))):
            for chunk in _chunks(rows_of(self.archive, name), STEP):
                with db.read():
                    _refuse_known(name, unique, chunk)

    def _load(self) -> None:
        for name in contents.KEPT:
            for chunk in _chunks(rows_of(self.archive, name), contents.LARGE.get(name, STEP)):
                _store(self.archive, name, chunk)
                self._count(len(chunk))
        with db.read():
            _check_pointers(self.space_id)


def _chunks(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while chunk := list(islice(items, size)):
        yield chunk


# --- What is here already ---------------------------------------------------------------------------------------------


@reading
def _refuse_known_space(archive: Archive) -> None:
    spaces = contents.table_of("space")
    here = (spaces.c.id == archive.space_id) | (spaces.c.slug == archive.slug)
    slug = session().scalar(select(spaces.c.slug).where(here))
    if slug is not None:
        raise Conflict(
            _("A space called %(slug)s is here already. Delete it, or give it another address, first.", slug=slug)
        )


def _refuse_known(name: str, unique: tuple[str, ...], rows: list[Row]) -> None:
    """Raise Conflict where somebody else's row has what must be unique."""
    table = contents.table_of(name)
    for column in unique:
        wanted = {row[column]: row["id"] for row in rows if row.get(column) is not None}
        if not wanted:
            continue
        query = select(table.c.id, table.c[column]).where(table.c[column].in_(sorted(wanted)))
        for found in session().execute(query):
            if name == "idea" or wanted.get(found[1]) != found.id:
                sentence = _("%(what)s with the %(column)s %(value)s is here already.",
                             what=name, column=column, value=found[1])  # fmt: skip
                raise Conflict(sentence)


# --- Writing ----------------------------------------------------------------------------------------------------------


@verb
def _store(archive: Archive, name: str, rows: list[Row]) -> None:
    if name in contents.SHARED:
        rows = _arriving(archive.space_id, name, rows)
    elif name == "space":
        rows = [{**row, "state": "importing"} for row in rows]
    else:
        _require_ours(archive.space_id, name, rows)
    if rows:
        _insert(name, [_filled(name, row) for row in rows])
    if name == "space":
        _begin(archive)
    if name == "idea":
        keep_titles((archive.space_id, row["id"], row["title"]) for row in rows)


def _insert(name: str, rows: list[Row]) -> None:
    table = contents.table_of(name)
    values = {column: bindparam(f"new_{column}", type_=_kept(table.c[column].type)) for column in rows[0]}
    session().execute(insert(table).values(values), [{f"new_{column}": row[column] for column in row} for row in rows])


def _kept(kind: Any) -> Any:
    """No JSON at all is kept as NULL, as the house itself keeps it, and not as the word null."""
    return JSON(none_as_null=True) if isinstance(kind, JSON) else kind


def _begin(archive: Archive) -> None:
    """Note who fills the space, so that a killed run is known for what it is."""
    session().add(
        ImportRun(
            space_id=archive.space_id, source=SOURCE, digest=archive.digest(), step="rows", position=0,
            started_at=clock.now(),
        )
    )  # fmt: skip


def _filled(name: str, row: Row) -> Row:
    """A row with what the archive leaves out."""
    if name == "configuration":
        return {**row, "marks": {}, "edit_key": None, "share_key": secrets.token_urlsafe(16)}
    if name != "person":
        return row
    empty = {"is_admin": False, "sign_in_epoch": 0, "created_at": clock.now()}
    return {**dict.fromkeys(contents.PERSON_PRIVATE), **empty, **row}


def _arriving(space_id: str, name: str, rows: list[Row]) -> list[Row]:
    """The rows this server does not have yet, noted as brought by this import."""
    table = contents.table_of(name)
    known = set(session().scalars(select(table.c.id).where(table.c.id.in_([row["id"] for row in rows]))))
    coming = [row for row in rows if row["id"] not in known]
    if coming:
        session().execute(
            insert(ImportArrival), [{"run_id": space_id, "kind": name, "id": row["id"]} for row in coming]
        )
    return coming


def _require_ours(space_id: str, name: str, rows: list[Row]) -> None:
    """Raise Invalid where a row points at something that is not in the archive (but perhaps in another space here)."""
    for column in contents.table_of(name).c:
        for key in column.foreign_keys:
            named = key.column.table
            ids = {row[column.name] for row in rows} - {None}
            if not ids or named.name == "space":
                continue
            query = select(func.count()).select_from(named).where(key.column.in_(sorted(ids)))
            if "space_id" in named.c:
                query = query.where(named.c.space_id == space_id)
            if session().scalar(query) != len(ids):
                sentence = _("%(name)s: %(column)s names something that is not in the archive.",
                             name=contents.file_of(name), column=column.name)  # fmt: skip
                raise Invalid(sentence)


def _check_pointers(space_id: str) -> None:
    """Raise Invalid where an idea or comment points outside the space."""
    for name, column, named in contents.POINTERS:
        if named == "person":
            continue
        table, target = contents.table_of(name), contents.table_of(named)
        ours = select(target.c.id).where(target.c.space_id == space_id)
        lost = select(table.c.id).where(
            table.c.space_id == space_id, table.c[column].is_not(None), table.c[column].not_in(ours)
        )
        if session().scalar(lost.limit(1)) is not None:
            sentence = _("%(name)s: %(column)s names something that is not in the archive.",
                         name=contents.file_of(name), column=column)  # fmt: skip
            raise Invalid(sentence)


@verb
def _open(archive: Archive) -> None:
    """Let the space be seen: its log is complete, nobody's bell rings for its past."""
    space_id, log = archive.space_id, archive.manifest["log"]
    state = next(rows_of(archive, "space"))["state"]
    heads = contents.table_of("log_head")
    session().execute(insert(heads).values(space_id=space_id, seq=log["seq"], hash=log["hash"]))
    open_with_past(space_id, state)
    session().get_one(ImportRun, space_id).finished_at = clock.now()
    session().execute(delete(ImportArrival).where(ImportArrival.run_id == space_id))  # what it brought stays
    skip_to(space_id, log["seq"])


# --- Taking away ------------------------------------------------------------------------------------------------------


def take_away_leftovers(space_id: str) -> None:
    """Take away what a killed import of this space has left; what is open stays, whoever brought it."""
    if _left(space_id):
        take_away(space_id)


@reading
def _left(space_id: str) -> bool:
    """Whether nothing stands in the way of taking away what there may be of a space."""
    spaces = contents.table_of("space")
    state = session().scalar(select(spaces.c.state).where(spaces.c.id == space_id))
    if state != "importing":
        return state in {None, "deleting"}
    run = session().get(ImportRun, space_id)
    return run is not None and run.source == SOURCE and run.finished_at is None


def take_away(space_id: str) -> None:
    """Take away a space that is not open yet and everything that came with it."""
    _shut(space_id)
    while finish_deletions():
        pass
    _send_back(space_id)


@verb
def _shut(space_id: str) -> None:
    spaces = contents.table_of("space")
    unseen = spaces.c.id == space_id, spaces.c.state == "importing"
    session().execute(update(spaces).where(*unseen).values(state="deleting", slug=space_id))


def _send_back(space_id: str) -> None:
    """Take away the people, organizations and types an import had brought, unless somebody needs them by now."""
    for name in reversed(contents.SHARED):
        while ids := _next_arrivals(space_id, name):
            try:
                _send_back_some(space_id, name, ids)
            except IntegrityError:
                for one in ids:
                    _send_back_one(space_id, name, one)


def _send_back_one(space_id: str, name: str, one: str) -> None:
    try:
        _send_back_some(space_id, name, [one])
    except IntegrityError:
        _forget_some(space_id, name, [one])


@reading
def _next_arrivals(space_id: str, name: str) -> list[str]:
    query = select(ImportArrival.id).where(ImportArrival.run_id == space_id, ImportArrival.kind == name)
    return list(session().scalars(query.limit(STEP)))


@verb
def _send_back_some(space_id: str, name: str, ids: list[str]) -> None:
    table = contents.table_of(name)
    session().execute(delete(table).where(table.c.id.in_(ids)))
    _forget_some(space_id, name, ids)


@verb
def _forget_some(space_id: str, name: str, ids: list[str]) -> None:
    mine = ImportArrival.run_id == space_id, ImportArrival.kind == name, ImportArrival.id.in_(ids)
    session().execute(delete(ImportArrival).where(*mine))
