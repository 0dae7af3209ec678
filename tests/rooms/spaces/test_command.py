"""``codesign space`` as a script uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from codesign.cli import commands
from codesign.kernel import schema


def test_spaces_are_made_and_listed_without_a_terminal(tmp_path: Path) -> None:
    environment = {"CODESIGN_INSTANCE": str(tmp_path / "instance"), "CODESIGN_LOG_LEVEL": "ERROR"}

    def run(*arguments: str, fine: bool = True) -> str:
        done = CliRunner(env=environment).invoke(commands, arguments, prog_name="codesign")
        assert (done.exit_code == 0) == fine, done.output
        return done.stdout if fine else done.stderr

    assert "There is no space yet" in run("space", "list")
    run("user", "create", "--email", "olga@example.org", "--name", "Olga")
    made = json.loads(
        run("space", "create", "--name", "City bike", "--slug", "city", "--template", "evaluation",
            "--owner", "Olga@example.org", "--json")
    )  # fmt: skip
    assert (made["slug"], made["ballot"]["kind"], made["ballot"]["results"]) == ("city", "updown", "after_vote")
    listed = json.loads(run("space", "list", "--json"))
    assert [(line["slug"], line["members"], line["state"]) for line in listed] == [("city", 1, "open")]
    assert "city" in run("space", "list") and "City bike" in run("space", "list")
    assert "Another space has this address" in run("space", "create", "--name", "Else", "--slug", "city", fine=False)
    assert "Nobody has the address" in run("space", "create", "--name", "Else", "--owner", "x@example.org", fine=False)
    assert len(json.loads(run("space", "list", "--json"))) == 1


def test_a_database_of_an_older_version_is_said_to_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"CODESIGN_INSTANCE": str(tmp_path / "instance"), "CODESIGN_LOG_LEVEL": "ERROR"}
    monkeypatch.setattr(schema, "state", lambda database: "behind")
    done = CliRunner(env=environment).invoke(commands, ["space", "list"], prog_name="codesign")
    assert done.exit_code == 1 and "codesign db upgrade" in done.stderr
