"""``codesign import ideas``: dry run, the rows that are wrong as a file, mapping, again without harm."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from codesign.cli.importing import importing
from codesign.ideas.lists import list_ideas
from codesign.kernel.errors import Invalid
from tests.support.world import World

TABLE = "Name;Wanted;Area;State\nLamp;7;Light;Later\nBell;many;Sound;Later\n"


def command(world: World, file: Path, *words: str) -> Result:
    return CliRunner().invoke(importing, ["ideas", str(file), "--space", world.space.slug, *words])


@pytest.fixture(autouse=True)
def here(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command works on the database of the test."""
    monkeypatch.setattr("codesign.cli.importing.app_context", nullcontext)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "table.csv"
    file.write_text(TABLE, encoding="utf-8")
    return file


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, (result.output, result.exception)
    return dict(json.loads(result.stdout))


def test_a_table_comes_in_as_said(world: World, file: Path, tmp_path: Path) -> None:
    errors = tmp_path / "wrong.csv"
    words = ("--source", "city", "--map", "votes=Wanted", "--map", "tags=Area,State", "--map", "status=State",
             "--status", "Later=Planned", "--errors", str(errors), "--json")  # fmt: skip
    dry = told(command(world, file, "--dry-run", *words))
    assert (dry["new"], dry["counted"], dry["skipped"], dry["dry_run"]) == (1, 7, 1, True)
    assert not list_ideas(world.access(world.owner), "new", limit=10).items
    done = told(command(world, file, *words))
    assert (done["ideas"], done["counted"], done["already_here"], done["skipped"]) == (1, 7, 0, 1)
    assert "“many” is no number of votes." in errors.read_text(encoding="utf-8")
    (idea,) = list_ideas(world.access(world.owner), "new", limit=10).items
    assert (idea.title, idea.tags, idea.external_id and idea.external_id.partition(":")[0]) == (
        "Lamp", ("light", "later"), "city",
    )  # fmt: skip
    assert idea.status is not None
    assert idea.status.kind == "planned"
    again = told(command(world, file, *words))
    assert (again["ideas"], again["already_here"]) == (0, 1)


def test_what_is_said_wrongly_is_refused(world: World, file: Path) -> None:
    for words in (("--map", "title"), ("--status", "=x")):
        assert command(world, file, *words).exit_code == 2
    for words in (
        ("--format", "nothing"),
        ("--map", "title=Nothing"),
        ("--source", "Ü"),
        ("--status", "Later=Nothing"),
    ):
        assert isinstance(command(world, file, *words).exception, Invalid), words
