"""The tutorials of docs/integrate do what they say: one is typed step by step, of the other every line lies in its folder."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contracts.source import ROOT
from tests.support.server import COMMAND, clean_environment

FIRST = ROOT / "docs/integrate/first-plugin.md"
REACTIONS = ROOT / "docs/integrate/reactions.md"
EXAMPLE = ROOT / "docs/integrate/examples/reactions"
BLOCK = re.compile(r"^```(console|python|html|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACE = re.compile(r"# (\S+?\.py) \(end\)\n")


def shell(folder: Path) -> dict[str, str]:
    """An environment in which ``codesign`` and ``pytest`` are ours."""
    (folder / "bin").mkdir()
    for name, command in (
        ("codesign", COMMAND),
        ("pytest", [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]),
    ):
        script = folder / "bin" / name
        script.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**clean_environment(), "PATH": path, "CODESIGN_INSTANCE": str(folder / "instance")}


@pytest.mark.full
@pytest.mark.timeout(300)
def test_the_first_plugin_is_written_as_the_page_says(tmp_path: Path) -> None:
    """Every step in order: what is typed prints what is shown, what is to be added is added."""
    environ, here = shell(tmp_path), tmp_path / "here"
    here.mkdir()
    for language, text in BLOCK.findall(FIRST.read_text(encoding="utf-8")):
        if language == "python":
            place = PLACE.match(text)
            assert place, text
            with (here / place[1]).open("a", encoding="utf-8") as file:
                file.write("\n\n" + text[place.end() :])
            continue
        for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
            if command.startswith("export "):
                environ["CODESIGN_PLUGIN_FOLDERS"] = str(here / "plugins")
                continue
            done = subprocess.run(
                ["bash", "-c", command], cwd=here, env=environ, capture_output=True, text=True, check=False, timeout=120
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            assert all(line in done.stdout for line in shown.splitlines()), f"{command}\n{done.stdout}"


def test_the_page_of_reactions_shows_what_lies_in_its_folder() -> None:
    """A block begins with the file it is of; its lines stand there one after another."""
    blocks = [text for language, text in BLOCK.findall(REACTIONS.read_text(encoding="utf-8")) if language != "console"]
    assert blocks
    for text in blocks:
        head, body = text.split("\n", 1)
        place = re.search(r"reactions/(\S+)", head)
        assert place, head
        for part in re.split(r"^\s*(?:# …|// …|\{# … #\})\n", body, flags=re.MULTILINE):
            assert part.strip("\n") in (EXAMPLE / place[1]).read_text(encoding="utf-8"), f"{place[1]}:\n{part}"
