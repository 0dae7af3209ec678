"""A space goes out into one file and comes back, in another instance, as exactly the same bytes."""

from __future__ import annotations

import importlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import String, select

from codesign.accounts.queries import get_person
from codesign.accounts.service import register
from codesign.events import log
from codesign.exchange.archive import contents, loading
from codesign.exchange.archive.loading import import_space
from codesign.exchange.archive.writing import export_space
from codesign.ideas.queries import list_ideas
from codesign.kernel import db
from codesign.kernel.actor import ANONYMOUS, SYSTEM
from codesign.kernel.errors import Conflict, NotFound
from codesign.privacy.service import erase_person
from codesign.spaces.access import standing
from codesign.spaces.queries import find_space, list_spaces
from codesign.spaces.service import archive_space, create_space, delete_space
from codesign.testing import actor_of
from codesign.voting.service import cast_vote
from tests.contracts.source import ROOT
from tests.rooms.exchange.conftest import count_rows, rows_of
from tests.support.world import World


def lines(path: Path, name: str) -> list[dict[str, object]]:
    """The rows of a table in an archive."""
    with zipfile.ZipFile(path) as archive:
        return [json.loads(line) for line in archive.read(f"{name}.jsonl").splitlines()]


def test_every_table_is_kept_or_left_out_for_a_reason(app) -> None:
    """A table that appears tomorrow makes this red until somebody decides where it belongs."""
    for path in (ROOT / "codesign").glob("*/models.py"):
        importlib.import_module(f"codesign.{path.parent.name}.models")
    importlib.import_module("codesign.kernel.lease")
    ours = {m.local_table.name for m in db.Base.registry.mappers if m.class_.__module__.startswith("codesign.")}
    assert ours == {*contents.KEPT, *contents.LEFT_OUT}
    assert not set(contents.KEPT) & set(contents.LEFT_OUT)
    assert all(len(reason) > 10 for reason in contents.LEFT_OUT.values())


def test_every_column_of_a_person_and_every_name_of_a_row_is_decided(app) -> None:
    """What is said of people is listed; what names a row is a foreign key, a pointer, or left loose on purpose."""
    people = contents.table_of("person")
    said = (*contents.PERSON_ALWAYS, *contents.PERSON_PRIVATE, *contents.PERSON_NEVER)
    assert sorted(said) == sorted(column.name for column in people.c)
    known = {(table, column) for table, column, _named in contents.POINTERS} | contents.LOOSE
    for name in contents.KEPT:
        for column in contents.table_of(name).c:
            is_name = isinstance(column.type, String) and column.type.length == 26
            if is_name and not column.foreign_keys and column.name not in {"id", "space_id"}:
                assert (name, column.name) in known, f"{name}.{column.name}"


def words_of_titles() -> list[Any]:
    """By which candidates for look-alikes are found."""
    table = contents.table_of("idea_title_word")
    return list(db.session().execute(select(table).order_by(*table.c)))


@pytest.mark.parametrize("with_people", [False, True])
def test_out_in_and_out_again_gives_the_same_bytes(lively: World, elsewhere, tmp_path: Path, with_people: bool) -> None:
    """Whatever the databases are; the log comes along whole, nobody's bell rings, and life goes on."""
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    manifest = export_space("lively", first, with_people=with_people)
    empty = [name for name, entry in manifest["files"].items() if not entry["rows"]]
    personal = ["organization.jsonl", "choice.jsonl", "entered_vote.jsonl", "evidence.jsonl"]
    assert empty == ([] if with_people else personal)
    with db.read():
        seq = log.head(lively.space.id)
        before = [idea.tally for idea in list_ideas(standing(SYSTEM, "lively")).items]
        titles = words_of_titles()
    with elsewhere():
        steps: list[tuple[int, int]] = []
        assert import_space(first, lambda done, total: steps.append((done, total))) == manifest
        assert steps[-1][0] == steps[-1][1] > 0
        export_space("lively", second, with_people=with_people)
        assert second.read_bytes() == first.read_bytes()
        with db.read():
            assert log.check_chain(lively.space.id) is None
            assert "notifications" not in [
                reader for reader in log.behind("notifications") if reader == lively.space.id
            ]
            assert [idea.tally for idea in list_ideas(standing(SYSTEM, "lively")).items] == before
            assert words_of_titles() == titles != []
        newcomer = actor_of(register("New", "new@example.org", "a good long secret"))
        with db.read():
            idea = list_ideas(standing(newcomer, "lively")).items[0]
        assert cast_vote(newcomer, idea.id, 1).seq == seq + 1


def test_without_people_nobody_can_be_written_to_or_sign_in(lively: World, elsewhere, tmp_path: Path) -> None:
    """Addresses and credentials come with --with-people only; power over the server never."""
    bare, full = tmp_path / "bare.zip", tmp_path / "full.zip"
    export_space("lively", bare)
    export_space("lively", full, with_people=True)
    assert b"example.org" not in b"".join(zipfile.ZipFile(bare).read(name) for name in zipfile.ZipFile(bare).namelist())
    assert {row["name"] for row in lines(bare, "person")} >= {"Olga", ""}
    assert all(row["email"] for row in lines(full, "person") if not row["guest"])
    assert not any("is_admin" in row for row in lines(full, "person"))
    with elsewhere():
        import_space(full)
        person = get_person(str(lively.owner.person_id))
        assert person is not None and person.email and not person.is_admin


def test_what_people_keep_to_themselves_stays_behind(lively: World, elsewhere, tmp_path: Path) -> None:
    """Drafts and single answers come with --with-people only; links to drafts and steps taken back never."""
    bare, full, again = tmp_path / "bare.zip", tmp_path / "full.zip", tmp_path / "again.zip"
    first, second = (row[0] for row in rows_of("configuration", "id"))

    @db.verb
    def go_on_from_the_draft() -> None:
        table = contents.table_of("configuration")
        db.session().execute(table.update().where(table.c.id == first).values(forked_from=second))

    go_on_from_the_draft()
    export_space("lively", bare)
    export_space("lively", full, with_people=True)
    (published,) = lines(bare, "configuration")
    assert published["state"] == "published" and published["forked_from"] is None and not lines(bare, "choice")
    assert {row["id"]: row["forked_from"] for row in lines(full, "configuration")} == {first: second, second: first}
    assert len(lines(full, "choice")) == 1
    keys = {row[0] for row in rows_of("configuration", "share_key")}
    assert not any({"marks", "edit_key", "share_key"} & row.keys() for row in lines(full, "configuration"))
    for path in (bare, full):
        with elsewhere():
            import_space(path)
            export_space("lively", again, with_people=path == full)
            assert again.read_bytes() == path.read_bytes()
            here = rows_of("configuration", "marks", "edit_key", "share_key")
            assert all(row[:2] == ({}, None) and len(row[2]) > 20 and row[2] not in keys for row in here)


def test_the_file_is_for_its_owner_alone_and_whole_or_not_there(lively: World, tmp_path: Path, monkeypatch) -> None:
    """Nobody else on the machine reads it; what fails leaves no half of it, and the one before as it was."""
    path = tmp_path / "space.zip"
    export_space("lively", path)
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    monkeypatch.setattr("codesign.exchange.archive.writing.spelled", lambda row: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export_space("lively", path)
    assert path.read_bytes() == before and [file.name for file in tmp_path.glob("*.zip*")] == ["space.zip"]


def test_a_damaged_log_is_not_passed_on(lively: World, tmp_path: Path) -> None:
    """An event that somebody changed in the database stops the export at its number."""

    @db.verb
    def tamper() -> None:
        table = contents.table_of("event")
        db.session().execute(table.update().where(table.c.seq == 7).values(depth=1))

    tamper()
    with pytest.raises(Conflict, match="number 7"):
        export_space("lively", tmp_path / "space.zip")
    with pytest.raises(NotFound):
        export_space("nowhere", tmp_path / "space.zip")
    assert not list(tmp_path.glob("*.zip*"))


def test_an_archived_space_stays_archived(lively: World, elsewhere, tmp_path: Path) -> None:
    """The state somebody left it in comes along."""
    archive_space(lively.owner, "lively")
    export_space("lively", tmp_path / "space.zip")
    with elsewhere():
        import_space(tmp_path / "space.zip")
        assert getattr(find_space("lively"), "state", None) == "archived"


def test_what_is_here_already_is_not_touched(lively: World, elsewhere, tmp_path: Path) -> None:
    """The same space, another space at its address, another person with a name of theirs: a clear no, nothing written."""
    path = tmp_path / "space.zip"
    export_space("lively", path, with_people=True)
    before = count_rows()
    with pytest.raises(Conflict, match="lively is here already"):
        import_space(path)
    assert count_rows() == before
    with elsewhere():
        other = create_space(SYSTEM, name="Another", slug="lively")
        with pytest.raises(Conflict, match="lively is here already"):
            import_space(path)
        delete_space(SYSTEM, other.id, None)
        email = next(row["email"] for row in lines(path, "person") if row["email"])
        register("Squatter", str(email), "a good long secret")
        before = count_rows()
        with pytest.raises(Conflict, match="email_key"):
            import_space(path)
        assert count_rows() == before


def test_a_deleted_space_comes_back_and_who_was_forgotten_stays_forgotten(lively: World, tmp_path: Path) -> None:
    """The people are still here: they get their space back, and an archive undoes no erasure."""
    path = tmp_path / "space.zip"
    export_space("lively", path)
    delete_space(lively.owner, "lively", "lively")
    erase_person(lively.ben, lively.ben.person_id, remove_texts=False)
    import_space(path)
    person = get_person(str(lively.ben.person_id))
    assert person is not None and person.erased and person.name == ""
    assert standing(lively.owner, "lively").role == "owner"


def test_a_failed_import_leaves_nothing(lively: World, elsewhere, tmp_path: Path, monkeypatch) -> None:
    """Whatever breaks, however late."""
    path = tmp_path / "space.zip"
    export_space("lively", path, with_people=True)
    with elsewhere():
        empty = count_rows()
        monkeypatch.setattr(loading, "_open", lambda archive: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            import_space(path)
        assert count_rows() == empty


def test_a_killed_import_is_out_of_sight_and_begun_anew(lively: World, elsewhere, tmp_path: Path, monkeypatch) -> None:
    """Nobody but administrators sees a space that is being filled; the same command takes it away and begins again."""
    path, again = tmp_path / "space.zip", tmp_path / "again.zip"
    export_space("lively", path)
    with elsewhere():
        with monkeypatch.context() as killed:
            killed.setattr(loading, "_open", lambda archive: 1 / 0)
            killed.setattr(loading, "take_away", lambda space_id: None)
            with pytest.raises(ZeroDivisionError):
                import_space(path)
        half = count_rows()
        assert half["event"] > 0 and half["import_arrival"] == half["person"] + half["stakeholder_type"]
        assert list_spaces(ANONYMOUS).items == ()
        with pytest.raises(NotFound):
            standing(ANONYMOUS, "lively")
        with pytest.raises(Conflict, match="import is filling"):
            export_space("lively", again)
        import_space(path)
        export_space("lively", again)
        assert again.read_bytes() == path.read_bytes()
        assert count_rows()["import_arrival"] == 0


def test_two_imports_of_one_space_do_not_run_at_once(lively: World, elsewhere, tmp_path: Path) -> None:
    """The second one would take away what the first has written."""
    path = tmp_path / "space.zip"
    export_space("lively", path)
    refused: list[str] = []

    def meanwhile(done: int, total: int) -> None:
        if not refused:
            with pytest.raises(Conflict, match="running") as caught:
                import_space(path)
            refused.append(str(caught.value))

    with elsewhere():
        import_space(path, meanwhile)
        assert refused and find_space("lively") is not None
