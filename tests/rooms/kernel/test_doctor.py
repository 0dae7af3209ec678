"""``codesign doctor`` as somebody uses it before anything else."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner, Result

from codesign.cli import commands


def test_looking_makes_nothing_and_tells_every_limit(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    done = CliRunner(env={"CODESIGN_INSTANCE": str(folder), "CODESIGN_VOTES_BURST": "7"}).invoke(
        commands, ["doctor", "--json"], prog_name="codesign"
    )
    told = json.loads(done.stdout)
    assert done.exit_code == 1 and not folder.exists()
    assert told["checks"][0] == {"ok": False, "what": f"instance folder {folder}", "advice": "Run `codesign init`."}
    limits = {line["name"]: (line["value"], line["source"]) for line in told["settings"]}
    assert limits["CODESIGN_VOTES_PER_MINUTE"] == ("60", "default")
    assert limits["CODESIGN_VOTES_BURST"] == ("7", "environment")


def test_what_stands_still_on_a_running_server_is_told(tmp_path: Path) -> None:
    environment = {"CODESIGN_INSTANCE": str(tmp_path / "instance"), "CODESIGN_DEMO": "1", "CODESIGN_LOG_LEVEL": "ERROR"}
    database = tmp_path / "instance" / "codesign.db"

    def run(*arguments: str) -> Result:
        return CliRunner(env=environment).invoke(commands, arguments, prog_name="codesign")

    def told() -> dict[str, str]:
        checks = json.loads(run("doctor", "--json").stdout)["checks"]
        return {check["what"]: check["advice"] for check in checks if not check["ok"]}

    assert run("init").exit_code == 0 and told() == {}
    later, now = 4_000_000_000_000, "2026-01-01 00:00:00.000000"
    with closing(sqlite3.connect(database)) as ours, ours:
        ours.execute("INSERT INTO lease (name, holder, until) VALUES ('worker', 'other', 0)")
        letter = "INSERT INTO letter (id, cause, recipient, subject, body, created_at, tries, last_error) VALUES "
        ours.execute(letter + "('1', '1', 'ana@example.org', 'News', 'Text', ?, 3, 'Connection refused')", [now])
    assert run("plugin", "rest", "scoring").exit_code == 0
    found = told()
    assert set(found) == {"no worker runs", "plugin scoring is resting", "letters that could not be sent so far: 1"}
    assert "Connection refused" in found["letters that could not be sent so far: 1"]
    assert "FIX  no worker runs" in (plain := run("doctor")).stdout and plain.exit_code == 1
    with closing(sqlite3.connect(database)) as ours, ours:
        ours.execute("UPDATE lease SET until = ?", [later])
        ours.execute("UPDATE letter SET last_error = NULL")
    assert run("plugin", "resume", "scoring").exit_code == 0
    assert told() == {} and run("doctor").exit_code == 0
