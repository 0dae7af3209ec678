"""Archives that are broken, forged or meant to hurt: each is refused in one sentence, and nothing of it is written."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from codesign.accounts.service import create_person, make_guest
from codesign.events.log import chain
from codesign.exchange.archive import contents
from codesign.exchange.archive.loading import import_space
from codesign.exchange.archive.opening import Limits
from codesign.exchange.archive.rows import reader, spelled
from codesign.exchange.archive.writing import export_space
from codesign.ideas.service import submit_idea
from codesign.kernel.actor import SYSTEM
from codesign.kernel.errors import Problem
from codesign.spaces.queries import find_space
from codesign.spaces.service import create_space
from tests.rooms.exchange.conftest import count_rows, instance, make_lively

Row = dict[str, Any]
OTHER = "0" * 26


def make_space(owner: Any, **fields: Any) -> Any:
    """What the fixture of this name does, for as long as this file is tested."""
    return create_space(SYSTEM, owner_id=owner.id, **fields)


def make_person(name: str = "Somebody", guest: bool = False) -> Any:
    """What the fixture of this name does, for as long as this file is tested."""
    return make_guest() if guest else create_person(SYSTEM, name=name)


@pytest.fixture(scope="module")
def archive(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An archive nobody has touched."""
    folder = tmp_path_factory.mktemp("archive")
    with instance(sqlite_template, folder / "instance"):
        make_lively(make_person, make_space)
        export_space("lively", folder / "good.zip")
    return (folder / "good.zip").read_bytes()


@pytest.fixture(scope="module")
def victim(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An instance with a space of its own; yields the id of an idea in it. Since all is refused, it stays as it is."""
    with instance(sqlite_template, tmp_path_factory.mktemp("victim") / "instance"):
        here = create_space(SYSTEM, name="Here before")
        yield submit_idea(SYSTEM, here.id, "An idea of somebody else").id


@pytest.fixture
def good(archive: bytes, victim: str, tmp_path: Path) -> Path:
    """The archive as a file of this test."""
    path = tmp_path / "good.zip"
    path.write_bytes(archive)
    return path


class Forger:
    """Changes an archive and makes size, count and hash fit again, as somebody would who means harm."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self.files = {name: archive.read(name) for name in archive.namelist()}
        self.manifest = json.loads(self.files.pop("manifest.json"))
        self.path = path.with_name("forged.zip")

    def rows(self, name: str) -> list[Row]:
        """The rows of a table."""
        return [json.loads(line) for line in self.files[f"{name}.jsonl"].splitlines()]

    def put(self, name: str, rows: list[Row]) -> None:
        """Replace the rows of a table, and say so in the manifest."""
        self.put_bytes(name, b"".join(json.dumps(row).encode() + b"\n" for row in rows), len(rows))

    def put_bytes(self, name: str, content: bytes, rows: int) -> None:
        """Replace the bytes of a table's file, and say so in the manifest."""
        self.files[f"{name}.jsonl"] = content
        entry = {"bytes": len(content), "rows": rows, "sha256": hashlib.sha256(content).hexdigest()}
        self.manifest["files"][f"{name}.jsonl"] = entry

    def write(self, *more: tuple[Any, bytes]) -> Path:
        """The forged archive."""
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.files.items():
                archive.writestr(name, content)
            for entry, content in more:
                archive.writestr(entry, content)
            archive.writestr("manifest.json", json.dumps(self.manifest))
        return self.path


def refuse(path: Path, reason: str, limits: Limits | None = None) -> None:
    """The archive is refused for *reason*, and the instance stays as it was."""
    before = count_rows()
    with pytest.raises(Problem) as caught:
        import_space(path, limits=limits)
    assert reason in str(caught.value.sentence)
    assert count_rows() == before


def test_the_control_a_good_archive_is_taken(good: Path, elsewhere: Any) -> None:
    """Also when somebody packed it anew: what counts is what is in it."""
    forged = Forger(good).write()
    for path in (good, forged):
        with elsewhere():
            import_space(path)
            assert find_space("lively") is not None


# --- The file as a ZIP ------------------------------------------------------------------------------------------------


def test_what_is_no_zip_is_refused(good: Path, tmp_path: Path) -> None:
    """Text, nothing, half a file, a file with something behind its end, a folder, a pipe."""
    whole = good.read_bytes()
    broken = tmp_path / "broken.zip"
    for content in (b"", b"PK", b"Dear server,", whole[: len(whole) // 2], whole + b"more"):
        broken.write_bytes(content)
        refuse(broken, "no ZIP file")
    os.mkfifo(tmp_path / "pipe")
    refuse(tmp_path / "pipe", "no plain file")
    refuse(tmp_path, "no plain file")


def test_a_flipped_bit_is_noticed(good: Path, tmp_path: Path) -> None:
    """Wherever it lies in the rows."""
    content = bytearray(good.read_bytes())
    with zipfile.ZipFile(good) as archive:
        at = archive.getinfo("event.jsonl").header_offset + 200
    content[at] ^= 4
    broken = tmp_path / "broken.zip"
    broken.write_bytes(content)
    refuse(broken, "event.jsonl")


def link(name: str) -> zipfile.ZipInfo:
    """A symbolic link in a ZIP file."""
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    return entry


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ([(link("idea.jsonl"), b"/etc/passwd")], "no plain file"),
        ([("../../evil.jsonl", b"{}")], "does not belong there"),
        ([("notes.txt", b"hello")], "does not belong there"),
        ([("folder/", b"")], "no plain file"),
        ([("vote.jsonl", b"{}")], "does not belong there"),
        ([(f"file-{number}", b"") for number in range(2000)], "more files than"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_does_not_belong_into_an_archive(good: Path, more: list[Any], reason: str) -> None:
    """Links, paths that climb, strange files, one name twice, a directory that would fill the memory."""
    forger = Forger(good)
    del forger.files["idea.jsonl"]
    refuse(forger.write(*more), reason)


def test_a_directory_that_lies_about_its_size(good: Path, tmp_path: Path) -> None:
    """A second, larger end of the file is not even looked at."""
    content = good.read_bytes()
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    broken = tmp_path / "broken.zip"
    broken.write_bytes(content[:-22] + locator + content[-22:])
    refuse(broken, "more files than")


@pytest.mark.full
def test_a_bomb_is_not_unpacked(good: Path) -> None:
    """Neither one that says how large it is, nor one that lies; memory stays flat."""
    size = 32 * 1024 * 1024
    honest = Forger(good)
    honest.put_bytes("idea", b"\0" * size, 1)
    path = honest.write()
    assert path.stat().st_size < size // 200
    tracemalloc.start()
    try:
        refuse(path, "packed more tightly")
        refuse(path, "longer than", Limits(ratio=10**6))
        refuse(path, "larger than this server", Limits(unpacked=size))
        honest.manifest["files"]["idea.jsonl"]["bytes"] = 1000
        refuse(honest.write(), "another size")
        assert tracemalloc.get_traced_memory()[1] < size // 2
    finally:
        tracemalloc.stop()


# --- The manifest -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda said: said.update(format="something-else"), "format"),
        (lambda said: said.update(format_version=2), "format"),
        (lambda said: said.update(more=1), "more"),
        (lambda said: said.pop("log"), "log"),
        (lambda said: said.update(with_people="yes"), "with_people"),
        (lambda said: said["space"].update(slug="../admin"), "space"),
        (lambda said: said["space"].update(id=OTHER), "another space"),
        (lambda said: said["log"].update(seq=3), "does not end"),
        (lambda said: said["files"].pop("vote.jsonl"), "vote.jsonl is missing"),
        (lambda said: said["files"]["vote.jsonl"].update(rows=3), "more rows than"),
        (lambda said: said["files"]["vote.jsonl"].update(rows=3000), "does not hold the rows"),
        (lambda said: said["files"]["vote.jsonl"].update(sha256="0" * 64), "hash is wrong"),
    ],
)
def test_a_manifest_that_does_not_fit(good: Path, change: Callable[[Row], Any], reason: str) -> None:
    """Each is named in the refusal."""
    forger = Forger(good)
    change(forger.manifest)
    refuse(forger.write(), reason)


def test_more_rows_than_a_server_takes(good: Path) -> None:
    """The limit is looked at before the first row."""
    refuse(good, "more rows than this server takes", Limits(rows=20))


# --- The rows ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "column", "value", "reason"),
    [
        ("idea", "title", "x" * 141, "longer than 140"),
        ("idea", "title", "nul\0", "cannot be kept"),
        ("idea", "title", None, "no text"),
        ("idea", "title", 7, "no text"),
        ("idea", "up", "1", "no whole number"),
        ("idea", "up", True, "no whole number"),
        ("idea", "up", 1.5, "no whole number"),
        ("idea", "up", 2**31, "no whole number"),
        ("idea", "created_at", "yesterday", "no time"),
        ("idea", "created_at", "2026-03-02T09:00:00", "no time"),
        ("idea", "verdict", {"history": ["nul\0"]}, "cannot be kept"),
        ("idea", "space_id", OTHER, "another space"),
        ("idea", "status_id", OTHER, "not in the archive"),
        ("idea", "merged_into", OTHER, "not in the archive"),
        ("comment", "parent_id", OTHER, "not in the archive"),
        ("vote", "ballot_id", OTHER, "another ballot"),
        ("person", "guest", 0, "neither true nor false"),
        ("space", "state", "deleting", "no state"),
        ("space", "slug", "server", "another space"),
        ("event", "payload", "[]", "no JSON object"),
        ("event", "depth", 1, "chain of the log"),
        ("event", "seq", 2, "chain of the log"),
        ("idea", "is_admin", True, "no column is_admin"),
        ("person", "is_admin", True, "no column is_admin"),
    ],
)
def test_a_row_that_cannot_be(good: Path, table: str, column: str, value: Any, reason: str) -> None:
    """Wrong type, too long, too large, pointing outside: refused by table and row."""
    forger = Forger(good)
    rows = forger.rows(table)
    rows[0][column] = value
    forger.put(table, rows)
    refuse(forger.write(), reason)


def test_an_archive_of_an_older_version_is_taken(good: Path, elsewhere: Any) -> None:
    """A column that came later holds what it holds where nobody says anything; one that must be there must be there."""
    forger = Forger(good)
    forger.put("idea", [{k: v for k, v in row.items() if k != "shuffle_key"} for row in forger.rows("idea")])
    refuse(forger.write(), "columns are missing")
    forger = Forger(good)
    later = ("comment_count", "answer_at", "verdict")
    forger.put("idea", [{k: v for k, v in row.items() if k not in later} for row in forger.rows("idea")])
    forger.put("space", [{k: v for k, v in row.items() if k != "settings"} for row in forger.rows("space")])
    with elsewhere():
        import_space(forger.write())
        space = find_space("lively")
        assert space is not None and space.settings == {}


def test_rows_stand_in_their_order_each_once(good: Path) -> None:
    """A row twice would be a vote twice."""
    for change in (lambda rows: [rows[0], *rows], lambda rows: rows[::-1]):
        forger = Forger(good)
        forger.put("vote", change(forger.rows("vote")))
        refuse(forger.write(), "order of their keys")


def test_two_spaces_or_ballots_or_none(good: Path) -> None:
    """One archive, one space, one ballot."""
    for table, count, reason in (
        ("space", 2, "another space"),
        ("ballot", 2, "second ballot"),
        ("space", 0, "no space"),
    ):
        forger = Forger(good)
        row = forger.rows(table)[0]
        forger.put(table, [row, {**row, "id": "Z" * 26}][:count])
        refuse(forger.write(), reason)


@pytest.mark.parametrize("line", [b"[" * 100_000 + b"]" * 100_000, b"{}", b"null", b"not json", b'{"a":NaN}', b"\xff"])
def test_lines_that_are_no_rows(good: Path, line: bytes) -> None:
    """Deep nests, other shapes, broken text."""
    forger = Forger(good)
    forger.put_bytes("idea", line + b"\n", 1)
    refuse(forger.write(), "idea.jsonl, row 1")


def test_an_archive_does_not_reach_into_other_spaces(good: Path, victim: str) -> None:
    """Votes on an idea of another space on this server, a comment under one, an idea of the same id."""
    before = count_rows()
    for table in ("vote", "comment", "follow"):
        forger = Forger(good)
        keys = [str(column.name) for column in contents.table_of(table).primary_key.columns]
        rows = [{**row, "idea_id": victim} for row in forger.rows(table)]
        unique = {tuple(row[key] for key in keys): row for row in rows}
        forger.put(table, [unique[key] for key in sorted(unique)])
        with pytest.raises(Problem, match="not in the archive"):
            import_space(forger.write())
        assert count_rows() == before
    forger = Forger(good)
    rows = forger.rows("idea")
    forger.put("idea", sorted([*rows[1:], {**rows[0], "id": victim}], key=lambda row: row["id"]))
    with pytest.raises(Problem, match="here already"):
        import_space(forger.write())
    assert count_rows() == before


def test_a_log_that_was_written_anew_from_some_point_is_noticed_by_its_end(good: Path) -> None:
    """Whoever leaves out the last event has to change the manifest too; then it is a shorter log, whole in itself."""
    forger = Forger(good)
    events = forger.rows("event")
    forger.put("event", events[:-1])
    refuse(forger.write(), "does not end")


def test_rows_are_spelled_one_way(victim: str) -> None:
    """What is read and written again is the same line; the hash of an event can be worked out from its row."""
    read = reader(list(contents.table_of("event").c))
    row = read(
        b'{"actor_id":null,"caused_by":null,"depth":0,"hash":"","name":"space.created","occurred_at":"2026-03-02T09:00:00.000Z",'
        b'"payload":"{}","seq":1,"space_id":"S","version":1}'
    )
    assert reader(list(contents.table_of("event").c))(spelled(row)) == row
    assert len(chain("0" * 64, row)) == 64
