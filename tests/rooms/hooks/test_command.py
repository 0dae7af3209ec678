"""``codesign plugin``: what it prints, and that a new plugin's own test passes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from codesign.cli import commands
from codesign.cli.plugin import plugin
from codesign.hooks import specs
from codesign.testing import Database


@pytest.fixture
def codesign(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``codesign plugin …`` as a program."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CODESIGN_")}
    environ = {**kept, "CODESIGN_DATABASE_URL": sqlite_database.url, "CODESIGN_INSTANCE": str(tmp_path / "instance")}

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "codesign", "plugin", *arguments]
        return subprocess.run(command, env={**environ, **more}, capture_output=True, text=True, check=False, timeout=60)

    return run


def test_hooks_are_printed_with_their_arguments_and_budgets() -> None:
    printed = CliRunner().invoke(plugin, ["hooks"]).output
    assert all(f"{hook}(" in printed for hook in specs.STYLES)
    assert "all, in the server, 150 ms; else: the space's choice" in printed
    as_json = json.loads(CliRunner().invoke(plugin, ["hooks", "--json"]).output)
    assert [hook["name"] for hook in as_json] == list(specs.STYLES)


def test_the_list_tells_state_and_reason(codesign: Any, write_plugin: Callable[..., Path]) -> None:
    base = write_plugin("broken", "import nowhere")
    listed = codesign("list", "--json", CODESIGN_PLUGIN_FOLDERS=str(base))
    found = {each["name"]: each for each in json.loads(listed.stdout)}
    assert found["scoring"]["state"] == "off" and found["scoring"]["rules"][:2] == ["hot", "wilson"]
    assert found["broken"]["state"] == "refused" and "No module named 'nowhere'" in found["broken"]["reason"]
    plain = codesign("list", CODESIGN_PLUGINS="none")
    assert plain.returncode == 0 and "left out" in plain.stdout and "CODESIGN_PLUGINS does not list it" in plain.stdout


def test_what_cannot_be_switched_is_one_sentence(codesign: Any) -> None:
    done = codesign("enable", "nobody", "--space", "server")
    assert done.returncode == 1 and done.stderr == "codesign: There is no plugin called nobody.\n"
    assert codesign("enable", "scoring", "--space", "nowhere").stderr.startswith("codesign: There is no such space")


@pytest.mark.full
@pytest.mark.parametrize(("options", "tests"), [pytest.param([], 4, marks=pytest.mark.full), (["--table"], 5)])
def test_a_new_project_passes_its_own_tests_before_it_is_installed(
    tmp_path: Path, options: list[str], tests: int
) -> None:
    """docs/integrate/first-plugin.md does the same in a folder of plugins."""
    made = CliRunner().invoke(plugin, ["new", "acme_score", "--package", str(tmp_path / "acme"), *options])
    assert made.exit_code == 0, made.output
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path / "acme", capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0 and f"{tests} passed" in done.stdout, done.stdout + done.stderr
    again = CliRunner().invoke(plugin, ["new", "acme_score", "--package", str(tmp_path / "acme")])
    assert again.exit_code != 0


@pytest.mark.full
def test_the_tests_of_a_plugin_may_share_a_conftest_that_imports_the_plugin(tmp_path: Path) -> None:
    made = CliRunner().invoke(plugin, ["new", "acme_score", "--in", str(tmp_path), "--table"])
    assert made.exit_code == 0, made.output
    tests = tmp_path / "acme_score/tests"
    (tests / "conftest.py").write_text("from codesign_plugins.acme_score import store\nassert store\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", str(tests)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0 and "5 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["Acme Score", "class", "json", "scoring", "server"])
def test_a_new_plugin_needs_a_name_it_can_have(tmp_path: Path, name: str) -> None:
    for more in (["--in", str(tmp_path)], ["--package", str(tmp_path / "acme")]):
        made = CliRunner().invoke(commands, ["plugin", "new", name, *more])
        assert made.exit_code == 1 and made.output.startswith("codesign: ") and list(tmp_path.iterdir()) == []


def test_a_new_plugin_needs_a_folder_it_can_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in ("/proc/x", str(tmp_path / "file/inside")):
        made = CliRunner().invoke(commands, ["plugin", "new", "acme_score", "--in", folder])
        assert made.exit_code == 1 and made.output.count("\n") == 1 and "cannot be written" in made.output


@pytest.mark.full
def test_a_purge_asks_for_the_name(codesign: Any, write_plugin: Callable[..., Path], tmp_path: Path) -> None:
    """It needs no code of the plugin: settings that an uninstalled one left behind go too."""
    card = "from codesign import sdk\nplugin = sdk.Plugin(name='ledger', title='Ledger', version='1', scope='server')\n"
    base = str(write_plugin("ledger", card))
    assert codesign("enable", "ledger", "--space", "server", CODESIGN_PLUGIN_FOLDERS=base).returncode == 0
    refused = codesign("purge", "ledger", "--yes", CODESIGN_PLUGIN_FOLDERS=base)
    assert refused.returncode == 1 and "Switch it off first" in refused.stderr
    unsure = codesign("purge", "ledger")
    assert unsure.returncode != 0 and "Type its name" in unsure.stdout
    done = codesign("purge", "ledger", "--yes")
    assert done.returncode == 0 and "Nothing of ledger is in the database any more." in done.stdout
    assert "Nothing is kept of a plugin called ledger" in codesign("purge", "ledger", "--yes").stderr
