"""Reads an archive from end to end before anything of it is written: every row, their order, the chain of the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from codesign.events.log import GENESIS, chain
from codesign.exchange.archive import contents
from codesign.exchange.archive.opening import Archive
from codesign.exchange.archive.rows import Row, Unfit, reader
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.spaces.rules import RESERVED_SLUGS

Count = Callable[[int], None]

_STATES = ("open", "archived")


def rows_of(archive: Archive, name: str) -> Iterator[Row]:
    """The rows of a table, each checked for itself and against the one before: keys grow, so none comes twice."""
    read = reader(contents.columns_of(name, archive.with_people))
    keys = [str(column.name) for column in contents.table_of(name).primary_key.columns]
    last: tuple[Any, ...] = ()
    for number, line in enumerate(archive.lines(name), 1):
        try:
            row = read(line)
            key = tuple(row[column] for column in keys)
            if last and key <= last:
                raise Unfit("rows must stand in the order of their keys, each once")
        except Unfit as error:
            raise _wrong(name, number, str(error)) from None
        last = key
        yield row


def check(archive: Archive, count: Count) -> None:
    """Raise Invalid or TooLarge at the first thing that is wrong; *count* is told of rows as they are read."""
    checks = _Checks(archive)
    for name in contents.KEPT:
        look = getattr(checks, f"check_{name}", checks.check_plain)
        number = 0
        for number, row in enumerate(rows_of(archive, name), 1):
            try:
                checks.check_place(name, row)
                look(row)
            except Unfit as error:
                raise _wrong(name, number, str(error)) from None
            if number % 500 == 0:
                count(500)
        count(number % 500)
    checks.finish()


def _wrong(name: str, number: int, reason: str) -> Invalid:
    return Invalid(
        _("%(name)s, row %(number)s: %(reason)s.", name=contents.file_of(name), number=number, reason=reason)
    )


class _Checks:
    """What has to fit together across rows: one space, one ballot, everything theirs, a log without a gap."""

    def __init__(self, archive: Archive) -> None:
        self.archive, self.space_id = archive, archive.space_id
        self.ballot_id: str | None = None
        self.spaces = 0
        self.seq, self.hash = 0, GENESIS

    def check_place(self, name: str, row: Row) -> None:
        """What names a space or ballot names this one."""
        if row.get("space_id", self.space_id) != self.space_id:
            raise Unfit("space_id: another space than the manifest says")
        if name != "ballot" and row.get("ballot_id", self.ballot_id) != self.ballot_id:
            raise Unfit("ballot_id: another ballot than that of this space")

    def check_plain(self, row: Row) -> None:
        """Nothing more to say of most rows."""

    def check_space(self, row: Row) -> None:
        """One space, with the id and address of the manifest, in a state somebody could have left it in."""
        self.spaces += 1
        if (row["id"], row["slug"]) != (self.space_id, self.archive.slug) or row["slug"] in RESERVED_SLUGS:
            raise Unfit("another space than the manifest says")
        if row["state"] not in _STATES:
            raise Unfit("state: no state a space is kept in")

    def check_ballot(self, row: Row) -> None:
        """One ballot."""
        if self.ballot_id is not None:
            raise Unfit("a second ballot")
        self.ballot_id = row["id"]

    def check_picture(self, row: Row) -> None:
        """A file of our one format: what it is shown as."""
        content = row["content"]
        if len(content) != row["size"] or content[:4] != b"RIFF" or content[8:12] != b"WEBP":
            raise Unfit("content: no picture as this server keeps them")

    def check_event(self, row: Row) -> None:
        """Each event follows from the one before; its payload is the JSON text that was hashed."""
        self.seq += 1
        try:
            payload = orjson.loads(row["payload"])
        except orjson.JSONDecodeError:
            payload = None
        if not isinstance(payload, dict):
            raise Unfit("payload: no JSON object")
        if row["seq"] != self.seq or chain(self.hash, row) != row["hash"]:
            raise Unfit("the chain of the log is broken here")
        self.hash = row["hash"]

    def finish(self) -> None:
        """There was a space with a ballot, and the log ends where the manifest says."""
        if self.spaces != 1 or self.ballot_id is None:
            raise Invalid(_("The archive holds no space, or one without a ballot."))
        if {"seq": self.seq, "hash": self.hash} != self.archive.manifest["log"]:
            raise Invalid(_("The log in the archive does not end where the manifest says."))
