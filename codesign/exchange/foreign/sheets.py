"""A file as a table: CSV with any separator, or JSON, packed with gzip or not. Flaws are said with their line."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from codesign.exchange.csv_rows import UnreadableFile
from codesign.kernel.cells import from_cell
from codesign.kernel.text import _

MOST_BYTES = 256 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS = 100_000, 200
_GZIP = b"\x1f\x8b"
_SEPARATORS = (",", ";", "\t", "|")
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True)
class SheetRow:
    """One line of the table: its number in the file, and its cells by column."""

    line: int
    cells: dict[str, str]

    def cell(self, column: str) -> str:
        """The cell without blanks around it; empty where there is no such column."""
        return self.cells.get(column, "").strip()


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a line. ``skipped``: it brings nothing; else it is taken as the sentence says."""

    line: int
    reason: str
    skipped: bool = True
    cells: dict[str, str] = field(default_factory=dict)
    raw: str = ""


@dataclass
class Sheet:
    """The whole table."""

    header: list[str]
    rows: list[SheetRow] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)

    def column(self, name: str) -> list[str]:
        """All cells of a column that say something."""
        return [cell for row in self.rows if (cell := row.cell(name))]


def read_sheet(data: bytes, most: int = MOST_BYTES, rows: int = MOST_ROWS) -> Sheet:
    """The table in a file. Raises UnreadableFile where there is none."""
    data = _unpacked(data, most)
    if len(data) > most:
        raise UnreadableFile(_("This file is too large: at most %(most)s MB can be read.", most=most // 1024 // 1024))
    flaws: list[Flaw] = []
    lines = _lines(data, flaws)
    first = next((text.strip() for text in lines if text.strip()), "")
    if not first:
        raise UnreadableFile(_("The file is empty."))
    sheet = _from_json("".join(lines)) if first[0] in "[{" else _from_csv(lines, rows)
    if len(sheet.header) > MOST_COLUMNS or len(sheet.rows) > rows:
        raise UnreadableFile(_("This file has more than %(most)s rows, or too many columns.", most=rows))
    sheet.flaws[:0] = flaws
    return sheet


def _unpacked(data: bytes, most: int) -> bytes:
    if not data.startswith(_GZIP):
        return data
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            return stream.read(most + 1)  # a small file can hold a large one
    except (EOFError, zlib.error, OSError) as error:
        raise UnreadableFile(_("This file is damaged and cannot be unpacked: %(error)s.", error=str(error))) from None


def _lines(data: bytes, flaws: list[Flaw]) -> list[str]:
    """The lines of a file. Lines that are no UTF-8 are read as what Windows writes, and it is said."""
    for mark, encoding in _UTF_16.items():
        if data.startswith(mark):
            return _split(data.decode(encoding, "replace").lstrip("\ufeff"))
    lines = _split(data.decode("utf-8-sig", "surrogateescape"))
    for number, text in enumerate(lines, 1):
        try:
            text.encode()
        except UnicodeEncodeError:
            lines[number - 1] = text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
            said = _("Some letters are no UTF-8. They were read as Windows-1252.")
            flaws.append(Flaw(number, said, skipped=False, raw=lines[number - 1].rstrip("\n")))
    return lines


def _split(text: str) -> list[str]:
    return list(io.StringIO(text, newline=None))


# --- CSV --------------------------------------------------------------------------------------------------------------


def _from_csv(lines: list[str], most: int) -> Sheet:
    start = next(number for number, text in enumerate(lines) if text.strip())
    separator = max(_SEPARATORS, key=lambda each: len(_cells(lines[start], each)))
    sheet = Sheet(_header(_cells(lines[start], separator)))
    for number, cells, wrong in _records(lines, start + 1, separator):
        if len(sheet.rows) + len(sheet.flaws) >= most:
            raise UnreadableFile(_("This file has more than %(most)s rows.", most=most))
        if wrong:
            raw = lines[number - 1].rstrip("\n")
            sheet.flaws.append(Flaw(number, _("The row cannot be read: %(error)s.", error=wrong), raw=raw))
        elif len(cells) != len(sheet.header):
            said = _(
                "The row has %(found)s cells, the header has %(wanted)s.", found=len(cells), wanted=len(sheet.header)
            )
            known = dict(zip(sheet.header, cells, strict=False))
            sheet.flaws.append(Flaw(number, said, cells=known, raw=separator.join(cells)))
        else:
            texts = {name: from_cell(cell) for name, cell in zip(sheet.header, cells, strict=True)}
            sheet.rows.append(SheetRow(number, texts))
    return sheet


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _header(cells: list[str]) -> list[str]:
    """Names of columns, each once."""
    header: list[str] = []
    for place, cell in enumerate(cells, 1):
        name = base = " ".join(cell.split())[:120] or f"column {place}"
        number = 1
        while name in header:
            number += 1
            name = f"{base} ({number})"
        header.append(name)
    return header


def _records(lines: list[str], start: int, separator: str) -> Iterator[tuple[int, list[str], str]]:
    """Each record with the number of its first line, or why it cannot be read.

    After one that cannot (a quote never closed, a cell without end) reading starts again at the next line, so one bad row
    does not swallow the rest of the file.
    """
    at = start
    while at < len(lines):
        left = (lines[number] for number in range(at, len(lines)))
        reader = csv.reader(left, delimiter=separator, strict=True)
        begun = at
        try:
            for cells in reader:
                number, begun = begun + 1, at + reader.line_num
                if any(cell.strip() for cell in cells):
                    yield number, cells, ""
            return
        except csv.Error as error:
            yield begun + 1, [], str(error)
            at = begun + 1


# --- JSON -------------------------------------------------------------------------------------------------------------


def _from_json(text: str) -> Sheet:
    """A list of objects, or one under ``items``: each is a row, and lines are counted by objects."""
    try:
        found: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UnreadableFile(_("This JSON cannot be read: %(error)s.", error=str(error))) from None
    rows = found.get("items") if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise UnreadableFile(_("This JSON is no list of objects."))
    objects = [(number, row) for number, row in enumerate(rows, 1) if isinstance(row, dict)]
    sheet = Sheet(list(dict.fromkeys(name for _number, row in objects for name in row)))
    sheet.rows = [SheetRow(number, {name: _said(value) for name, value in row.items()}) for number, row in objects]
    known = {number for number, _row in objects}
    sheet.flaws = [
        Flaw(number, _("This is no object."), raw=_said(row))
        for number, row in enumerate(rows, 1)
        if number not in known
    ]
    return sheet


def _said(value: Any) -> str:
    """A value as a cell: texts as they are, lists as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
