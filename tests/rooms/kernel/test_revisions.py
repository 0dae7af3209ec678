"""How far tables could be, read from the files: the same as Alembic says, wherever it is answered without it."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from codesign.kernel import paths, revisions

ROOT = paths.find("migrations").parent
OURS = [paths.find("migrations"), *sorted(ROOT.glob("plugins/*/migrations"))]


@pytest.mark.parametrize("folder", OURS, ids=lambda folder: folder.parent.name)
def test_our_migrations_are_read_as_alembic_reads_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = ScriptDirectory(str(folder)).get_current_head()
    monkeypatch.setattr("alembic.script.ScriptDirectory", None)
    assert revisions.newest(folder) == told


FIRST = "revision = '1'\ndown_revision = None"


@pytest.mark.parametrize(
    ("second", "newest"),
    [
        ("revision: str = '2'\ndown_revision: str | None = '1'  # after the first", "2"),
        ("revision, down_revision, labels = '2', '1', ('x',)", "2"),
        ("revision = '2'\ndown_revision = ('1',)", "2"),
        ("NUMBER = '2'\nrevision = NUMBER\ndown_revision = '1'", "2"),
    ],
)
def test_what_is_no_simple_chain_alembic_tells(tmp_path: Path, second: str, newest: str) -> None:
    assert revisions.newest(written(tmp_path, second)) == newest


@pytest.mark.parametrize(
    ("second", "reason"), [("revision = '2'\ndown_revision = None", "multiple heads"), ("revision = '2'\nboom", "boom")]
)
def test_what_is_no_chain_at_all_is_said(tmp_path: Path, second: str, reason: str) -> None:
    with pytest.raises(Exception, match=reason):
        revisions.newest(written(tmp_path, second))


def written(folder: Path, second: str) -> Path:
    """A folder with two migrations."""
    (folder / "versions").mkdir()
    (folder / "versions/1.py").write_text(FIRST)
    (folder / "versions/2.py").write_text(second)
    return folder
