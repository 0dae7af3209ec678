"""What the documentation says is so: links lead somewhere, tables are complete, commands and programs run.

Blocks run by their language: ``sh`` is a conversation with a server (``$SERVER``, ``$TOKEN``), ``python`` of
docs/integrate/api.md a program; of ``console`` the lines that begin with ``$`` are typed into a shell. Others are only shown.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest

from codesign.cli import COMMANDS, commands
from codesign.kernel.config import TABLE
from tests.contracts.source import ROOT
from tests.support.server import COMMAND, Server, clean_environment

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
API = ROOT / "docs/integrate/api.md"
RUNNING = ROOT / "docs/operate/running.md"
#: Accounts come before what they own.
CONSOLE = [ROOT / "docs/operate/people-and-mail.md", API, ROOT / "docs/use/spaces.md"]
LINK = re.compile(r"\]\(([^)\s]+)\)")
LANGUAGES = {"sh", "python", "console", "text", "nginx", "jinja", "html", "yaml"}
PATIENCE = 120  # seconds


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of *page* in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(page), re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The headings of *page* as they stand in addresses."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text_of(page), flags=re.M | re.S), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- What is read -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for link in LINK.findall(text_of(page)):
        target, _hash, anchor = link.partition("#")
        if "://" in target:
            continue
        there = (page.parent / target).resolve() if target else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            lost.append(link)
    assert lost == []


def test_every_page_is_linked() -> None:
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in PAGES
        for link in LINK.findall(text_of(page))
        if "://" not in link and link.partition("#")[0]
    }
    assert [name_of(page) for page in PAGES if page not in linked and page.name != "README.md"] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_blocks_say_their_language(page: Path) -> None:
    """Whether a block is run depends on its language, so none may be new or misspelt."""
    opened = re.findall(r"^```(.*)$", text_of(page), re.MULTILINE)[::2]
    assert set(opened) <= LANGUAGES | ({""} if page.name == "plugins.md" else set())


def test_every_setting_is_in_the_table_as_it_is() -> None:
    rows = re.findall(r"^\| `(CODESIGN_\w+)` \| (.*?) \| (.*) \|$", text_of(RUNNING), re.MULTILINE)
    defaults = [str(each.default if each.kind is str else int(each.default)) or "(empty)" for each in TABLE]
    assert rows == [(f"CODESIGN_{each.name}", shown, each.help) for each, shown in zip(TABLE, defaults, strict=True)]


def test_every_command_is_named() -> None:
    """``user create|list`` names two of them."""
    section = text_of(API).partition("## Commands")[2].partition("\n## ")[0]
    named = {
        f"{noun} {verb}".strip()
        for noun, verbs in re.findall(r"`([a-z]+)(?: ([a-z|]+))?`", section)
        for verb in (verbs or "").split("|")
    }
    assert named == set(every_command())


def every_command() -> Iterator[str]:
    """All commands by their words; the worker is started by the server alone."""
    context = click.Context(commands)
    for name in COMMANDS:
        command = commands.get_command(context, name)
        if isinstance(command, click.Group):
            yield from (f"{name} {verb}" for verb in command.commands)
        elif name != "worker":
            yield name


# --- What is run ------------------------------------------------------------------------------------------------------


@dataclass
class Place:
    """A server, and a shell in which ``codesign`` and ``python3`` are ours. ``said`` is what each typed command printed."""

    server: Server
    folder: Path
    token: str = ""
    said: dict[str, str] = field(default_factory=dict)

    def run(self, script: str) -> str:
        """What bash says to *script*."""
        ours = {"SERVER": self.server.url, "TOKEN": self.token, "CODESIGN_INSTANCE": str(self.server.instance)}
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", f"set -euo pipefail\n{script}"],
            env={**clean_environment(), **ours, "PATH": path, "NO_PROXY": "*", "no_proxy": "*"},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server whose administrator, token, space and archive are made by the lines that the pages show."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "bin").mkdir()
    for name, command in (("codesign", COMMAND), ("python3", [sys.executable])):
        script = folder / "bin" / name
        script.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    server = Server(folder / "instance", {}, ("--no-worker",)).start(PATIENCE)
    try:
        found = Place(server, folder)
        for typed_line, _shown in [line for page in CONSOLE for line in typed(page)]:
            found.said[typed_line] = found.run(typed_line)
        found.token = json.loads(found.said[typed(API)[0][0]])["token"]
        yield found
    finally:
        server.stop()


def typed(page: Path) -> list[tuple[str, str]]:
    """The commands of a page's consoles, each with what is shown after it."""
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(blocks(page, "console")), re.MULTILINE)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_what_is_typed_into_a_shell_prints_what_is_shown(place: Place) -> None:
    for page in CONSOLE:
        for command, shown in typed(page):
            assert shown.strip() in place.said[command], command


def test_no_block_that_should_run_is_forgotten() -> None:
    elsewhere = ROOT / "docs/integrate/first-plugin.md"  # test_first_plugin.py
    assert [name_of(page) for page in PAGES if blocks(page, "console") and page not in (*CONSOLE, elsewhere)] == []
    assert [name_of(page) for page in PAGES if blocks(page, "sh") and page != API] == []


@pytest.mark.full
@pytest.mark.timeout(600)
def test_the_conversation_with_the_api_runs(place: Place) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    said = place.run("\n".join(blocks(API, "sh")))
    assert '"title":"A bell that sounds like a bell"' in said and '"up":2' in said and '"name":"idea.published"' in said


@pytest.mark.full
@pytest.mark.timeout(600)
def test_the_program_that_listens_hears(place: Place) -> None:
    (program,) = blocks(API, "python")
    (place.folder / "follow.py").write_text(program, encoding="utf-8")
    assert "'ok': True" in place.run("python3 follow.py $SERVER city-bike 0.2")
