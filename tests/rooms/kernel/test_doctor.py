"""``codesign doctor`` as somebody uses it before anything else."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

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
