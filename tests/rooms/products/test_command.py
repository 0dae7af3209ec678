"""``codesign product`` as a script uses it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from codesign.cli import commands
from tests.support.bikes import COUNT, NEXT, SMALL


def test_models_come_in_are_judged_and_go_out(tmp_path: Path) -> None:
    environment = {"CODESIGN_INSTANCE": str(tmp_path / "instance"), "CODESIGN_LOG_LEVEL": "ERROR"}

    def run(*arguments: str, fine: bool = True) -> str:
        done = CliRunner(env=environment).invoke(commands, arguments, prog_name="codesign")
        assert (done.exit_code == 0) == fine, done.output
        return done.stdout if fine else done.stderr

    file, later, wrong = tmp_path / "bike.yaml", tmp_path / "next.yaml", tmp_path / "wrong.yaml"
    file.write_text(SMALL)
    later.write_text(NEXT)
    wrong.write_text(SMALL.replace("choose: any", "choose: many"))
    run("space", "create", "--name", "City bike", "--slug", "city")
    assert "There is no product yet" in run("product", "list", "-s", "city")
    made = json.loads(run("product", "import", str(file), "-s", "city", "--name", "Bike", "--publish", "--json"))
    assert (made["product"], made["number"], made["state"]) == ("bike", 1, "published")
    assert json.loads(run("product", "analyse", "bike", "-s", "city", "--json"))["count"] == str(COUNT)
    assert f"{COUNT} configurations" in run("product", "analyse", "bike", "-s", "city")
    assert "draft 2" in run("product", "import", str(later), "-s", "city", "--product", "bike")
    assert "0 of 0 saved configurations" in run("product", "migrate", "bike", "-s", "city", "--dry-run")
    assert "a draft waits" in run("product", "list", "-s", "city")
    line = wrong.read_text().splitlines().index("    choose: many") + 1
    assert f"line {line}, groups.3.choose" in run("product", "import", str(wrong), "-s", "city", fine=False)
    assert "not offered any more" in run("product", "withdraw", "bike", "-s", "city")
    assert "not offered any more" in run("product", "list", "-s", "city")
    assert "Bike: offered" in run("product", "withdraw", "bike", "-s", "city", "--again")
    out = tmp_path / "out.yaml"
    run("product", "export", "bike", "-s", "city", "-o", str(out))
    assert out.read_text() == SMALL
    assert "no such product" in run("product", "analyse", "nothing", "-s", "city", fine=False)
