"""Rows of a CSV file that somebody else wrote: every flaw is reported with its line, none of them stops the reading."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TypeVar

from codesign.kernel.errors import Invalid
from codesign.kernel.text import _

LONGEST_LINE = 1024 * 1024
MOST_PROBLEMS_KEPT = 1000
_CHUNK = 256 * 1024

T = TypeVar("T", bytes, str)


class UnreadableFile(Invalid):
    """The file as a whole cannot be used; the sentence says why."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One row that was skipped, or read only after a repair."""

    file: str
    line: int
    reason: str
    skipped: bool = True

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass
class Problems:
    """What was found wrong so far: the first thousand in full, all of them counted."""

    rows: list[RowProblem] = field(default_factory=list)
    skipped: int = 0
    repaired: int = 0

    def skip(self, file: str, line: int, reason: str) -> None:
        """Note a row that is left out."""
        self.skipped += 1
        self._keep(RowProblem(file, line, reason))

    def repair(self, file: str, line: int, reason: str) -> None:
        """Note a row that is used although something in it had to be mended."""
        self.repaired += 1
        self._keep(RowProblem(file, line, reason, skipped=False))

    def _keep(self, problem: RowProblem) -> None:
        if len(self.rows) < MOST_PROBLEMS_KEPT:
            self.rows.append(problem)


@dataclass(frozen=True)
class Row:
    """One record: the number of its first line and its cells by column name."""

    line: int
    cells: dict[str, str]

    def cell(self, column: str) -> str:
        """The cell without blanks around it; empty when the file has no such column."""
        return self.cells.get(column, "").strip()


class CsvFile:
    """A CSV file, packed with gzip or not, read line by line."""

    def __init__(self, folder: Path, name: str, problems: Problems) -> None:
        plain, packed = folder / name, folder / f"{name}.gz"
        self.path = plain if plain.is_file() else packed
        if not self.path.is_file():
            raise UnreadableFile(_("There is neither %(name)s nor %(name)s.gz in the folder.", name=name))
        self.name = self.path.name
        self._problems = problems

    def unpacked(self) -> Iterator[bytes]:
        """The unpacked bytes, piece by piece: for a digest in which a packed copy counts as the same input."""
        with self._opened() as stream:
            while piece := self._read(stream.read, _CHUNK):
                yield piece

    def plain_rows(self, aliases: dict[str, tuple[str, ...]], needed: Iterable[str]) -> Iterator[Row]:
        """Rows of a file whose cells hold no line breaks: a stray quote can spoil its own line only."""
        lines = self._lines()
        header = self._header(next(lines, (1, ""))[1], aliases, needed)
        for number, text in lines:
            if text.strip():
                try:
                    cells = next(csv.reader([text], strict=True)) if '"' in text else text.rstrip("\n").split(",")
                except csv.Error as error:
                    self._problems.skip(self.name, number, _("The row cannot be read: %(error)s.", error=str(error)))
                    continue
                yield from self._row(number, cells, header)

    def rows(self, aliases: dict[str, tuple[str, ...]], needed: Iterable[str]) -> Iterator[Row]:
        """Rows of a file whose cells may run over several lines.

        After a row that cannot be read (a quote never closed, a cell without end) reading starts again at the next
        line, so one bad row does not swallow the rest of the file.
        """
        lines = list(self._lines())
        header = self._header(lines[0][1] if lines else "", aliases, needed)
        at = 1
        while at < len(lines):
            reader = csv.reader((text for _number, text in lines[at:]), strict=True)
            start = at
            try:
                for cells in reader:
                    number = lines[start][0]
                    start = at + reader.line_num
                    if any(cell.strip() for cell in cells):
                        yield from self._row(number, cells, header)
                return
            except csv.Error as error:
                reason = _("The row cannot be read: %(error)s.", error=str(error))
                self._problems.skip(self.name, lines[start][0], reason)
                at = start + 1

    def _row(self, number: int, cells: list[str], header: list[str]) -> Iterator[Row]:
        if len(cells) == len(header):
            yield Row(number, dict(zip(header, cells, strict=True)))
            return
        reason = _("The row has %(found)s cells, the header has %(wanted)s.", found=len(cells), wanted=len(header))
        self._problems.skip(self.name, number, reason)

    def _header(self, text: str, aliases: dict[str, tuple[str, ...]], needed: Iterable[str]) -> list[str]:
        """Column names as we call them: exports of different years differ in case, dashes and some names."""
        names = {alias: ours for ours, others in aliases.items() for alias in (ours, *others)}
        found = [cell.strip().lower().replace("_", "-").replace(" ", "-") for cell in next(csv.reader([text]), [])]
        header: list[str] = []
        for name in found:
            ours = names.get(name, name)
            header.append(ours if ours not in header else name)
        missing = [name for name in needed if name not in header]
        if missing:
            columns = ", ".join(missing)
            raise UnreadableFile(_("%(file)s has no column %(columns)s.", file=self.name, columns=columns))
        return header

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Every line with its number. An endless one is skipped, broken UTF-8 is mended; both are reported.

        A line ends as it did on any system there was: with LF, CR LF or CR alone.
        """
        with TextIOWrapper(self._opened(), "utf-8-sig", "surrogateescape") as stream:
            number = 0
            while text := self._read(stream.readline, LONGEST_LINE):
                number += 1
                if len(text) == LONGEST_LINE and not text.endswith("\n"):
                    while text and not text.endswith("\n"):
                        text = self._read(stream.readline, LONGEST_LINE)
                    self._problems.skip(self.name, number, _("The line is longer than a million characters."))
                    continue
                try:
                    text.encode()
                except UnicodeEncodeError:
                    self._problems.repair(self.name, number, _("Bytes that are no UTF-8 were replaced."))
                    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                yield number, text

    def _opened(self) -> BinaryIO:
        # gzip.open hands out a GzipFile, which reads like the binary file it stands for.
        return gzip.open(self.path, "rb") if self.path.suffix == ".gz" else self.path.open("rb")  # type: ignore[return-value]

    def _read(self, read: Callable[[int], T], size: int) -> T:
        try:
            return read(size)
        except (EOFError, zlib.error, OSError) as error:
            # Half a packed file would give plausible but wrong tallies, so it is refused as a whole.
            reason = _("%(file)s is damaged and cannot be unpacked: %(error)s.", file=self.name, error=str(error))
            raise UnreadableFile(reason) from error
