"""Writes a space into a file, row by row: the same space gives the same bytes, whenever and wherever it is written."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from sqlalchemy import Column, String, Table, func, select

from codesign import __version__
from codesign.events.log import GENESIS, chain
from codesign.exchange.archive import contents
from codesign.exchange.archive.rows import spelled
from codesign.kernel import db
from codesign.kernel.db import session
from codesign.kernel.errors import Conflict, NotFound
from codesign.kernel.text import _
from codesign.spaces.facts import SpaceFact
from codesign.spaces.queries import find_space

Advance = Callable[[int, int], None]

#: The first moment a ZIP file can name; every file in an archive is of this time.
_TIME = (1980, 1, 1, 0, 0, 0)
_UNIX, _PLAIN_FILE = 3, 0o100600 << 16
_BLOCK = 64 * 1024
_ROWS_AT_ONCE = 500


def export_space(
    reference: str, path: Path, *, with_people: bool = False, advance: Advance = lambda done, total: None
) -> dict[str, Any]:
    """Write the space *reference* (slug or id) to the file *path*, whole or not at all; returns the manifest.

    Raises NotFound, Conflict (an import is filling the space; its log is damaged).
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with _private(part) as target, db.read(db.current().offline):
            manifest = write_archive(reference, target, with_people=with_people, advance=advance)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _private(path: Path) -> BinaryIO:
    """A new file that only we can read: votes and names are nobody else's business."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")


def write_archive(
    reference: str, target: BinaryIO, *, with_people: bool = False, advance: Advance = lambda done, total: None
) -> dict[str, Any]:
    """Write a space to an open file inside the caller's snapshot; returns the manifest."""
    space = _require(reference)
    total, done = _count_rows(space.id, with_people), 0
    files: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(target, "w") as archive:
        for name in contents.KEPT:
            with archive.open(_entry(contents.file_of(name)), "w", force_zip64=True) as stream:
                member = _Member(stream)
                rows = _rows(name, space.id, with_people)
                for row in _whole(rows) if name == "event" else rows:
                    member.write(spelled(row))
                    if member.rows % _ROWS_AT_ONCE == 0:
                        advance(done + member.rows, total)
                files[contents.file_of(name)] = member.close()
            done += member.rows
            advance(done, total)
        manifest = _manifest(space, with_people, files)
        archive.writestr(_entry(contents.MANIFEST), orjson.dumps(manifest, option=_INDENTED))
    target.flush()
    return manifest


_INDENTED = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def _require(reference: str) -> SpaceFact:
    space = find_space(reference)
    if space is None or space.state == "deleting":
        raise NotFound(_("There is no space called %(slug)s.", slug=reference))
    if space.state == "importing":
        raise Conflict(_("An import is filling this space. Wait until it is done."))
    return space


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, _UNIX, _PLAIN_FILE
    return entry


class _Member:
    """One file of the archive while it is written: gathers blocks, counts rows and bytes, keeps the hash."""

    def __init__(self, stream: Any) -> None:
        self.stream, self.hash, self.waiting = stream, hashlib.sha256(), io.BytesIO()
        self.rows = self.bytes = 0

    def write(self, line: bytes) -> None:
        self.waiting.write(line)
        self.rows += 1
        if self.waiting.tell() >= _BLOCK:
            self._pass_on()

    def _pass_on(self) -> None:
        block = self.waiting.getvalue()
        self.hash.update(block)
        self.stream.write(block)
        self.bytes += len(block)
        self.waiting = io.BytesIO()

    def close(self) -> dict[str, Any]:
        self._pass_on()
        return {"bytes": self.bytes, "rows": self.rows, "sha256": self.hash.hexdigest()}


def _rows(name: str, space_id: str, with_people: bool) -> Iterator[dict[str, Any]]:
    """The rows of a table that belong to a space, in the order of their keys by code point."""
    columns = contents.columns_of(name, with_people)
    kept = [contents.as_kept(column, space_id, with_people) for column in columns]
    query = select(*kept).where(contents.condition(name, space_id, with_people))
    query = query.order_by(*_order(contents.table_of(name)))
    found = session().execute(query.execution_options(yield_per=contents.LARGE.get(name, _ROWS_AT_ONCE)))
    names = [str(column.name) for column in columns]
    for row in found:
        yield dict(zip(names, row, strict=True))


def _whole(events: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The events as they come, as long as each follows from the one before."""
    last = GENESIS
    for number, event in enumerate(events, 1):
        if event["seq"] != number or chain(last, event) != event["hash"]:
            raise Conflict(_("The log of this space is damaged at number %(seq)s; nothing was written.", seq=number))
        last = event["hash"]
        yield event


def _order(table: Table) -> list[Any]:
    # PostgreSQL sorts words as people of some language do; an archive sorts them as every computer does.
    is_sqlite = session().get_bind().dialect.name == "sqlite"
    return [_plain(column, "BINARY" if is_sqlite else "C") for column in table.primary_key.columns]


def _plain(column: Column[Any], collation: str) -> Any:
    return column.collate(collation) if isinstance(column.type, String) else column


def _count_rows(space_id: str, with_people: bool) -> int:
    return sum(
        session().scalar(
            select(func.count())
            .select_from(contents.table_of(name))
            .where(contents.condition(name, space_id, with_people))
        )
        or 0
        for name in contents.KEPT
    )


def _manifest(space: SpaceFact, with_people: bool, files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    heads = contents.table_of("log_head")
    head = session().execute(select(heads.c.seq, heads.c.hash).where(heads.c.space_id == space.id)).one()
    return {
        "format": contents.FORMAT,
        "format_version": contents.VERSION,
        "product_version": __version__,
        "with_people": with_people,
        "space": {"id": space.id, "slug": space.slug, "name": space.name},
        "log": {"seq": head.seq, "hash": head.hash},
        "files": files,
    }
