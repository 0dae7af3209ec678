"""Imports only go down, rooms keep their tables to themselves, and one file alone touches the database's session."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contracts.source import ROOT, imported_modules, python_files, short, tree

DATABASE = "codesign/kernel/db.py"


def test_the_contracts_of_pyproject_are_kept() -> None:
    """import-linter reads the floors, doors and room order from pyproject.toml."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def committing(path: Path) -> list[int]:
    """Lines of a file that call ``….commit(``."""
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    return [node.lineno for node in calls if isinstance(node.func, ast.Attribute) and node.func.attr == "commit"]


def naming_the_session(path: Path) -> list[int]:
    """Lines of a file that name ``db.session``, Flask-SQLAlchemy's session."""
    return [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr == "session"
        and isinstance(node.value, ast.Name)
        and node.value.id == "db"
        and not _is_our_module(path)
    ]


def _is_our_module(path: Path) -> bool:
    """Whether ``db`` in this file is codesign.kernel.db, whose ``session()`` is the accessor."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "codesign.kernel"
        and any(a.name == "db" for a in node.names)
        for node in ast.walk(tree(path))
    )


def owning_engines(path: Path) -> list[int]:
    """Lines of a file that import Flask-SQLAlchemy or its ``db``."""
    lines = [line for module, line in imported_modules(path) if module.partition(".")[0] == "flask_sqlalchemy"]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module == "codesign.kernel.db":
            lines += [node.lineno for alias in node.names if alias.name == "db"]
    return lines


@pytest.mark.parametrize("looks_for", [committing, naming_the_session, owning_engines])
def test_one_file_owns_the_database(looks_for) -> None:
    """Nothing commits, names ``db.session`` or imports the engines' owner outside the kernel's one file."""
    found = [f"{short(path)}:{line}" for path in python_files("codesign", "plugins") for line in looks_for(path)]
    assert [place for place in found if not place.startswith(DATABASE)] == []


def test_the_search_finds_what_it_looks_for() -> None:
    """The control: in the one file that may, commits are found."""
    assert committing(ROOT / DATABASE)


def test_plugins_see_the_sdk_only() -> None:
    """A plugin imports ``codesign.sdk``; its tests may also use ``codesign.testing``."""
    strangers = []
    for path in python_files("plugins", tests=True):
        allowed = {"codesign.sdk"} | ({"codesign.testing"} if "tests" in path.parts else set())
        for module, line in imported_modules(path):
            if module.partition(".")[0] == "codesign" and module not in allowed and not _takes_only_sdk(path, line):
                strangers.append(f"{short(path)}:{line} imports {module}")
    assert strangers == []


def _takes_only_sdk(path: Path, line: int) -> bool:
    """``from codesign import sdk`` is the same thing said otherwise."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.lineno == line
        and node.module == "codesign"
        and all(alias.name in {"sdk", "testing"} for alias in node.names)
        for node in ast.walk(tree(path))
    )


def test_core_never_imports_a_plugin() -> None:
    """What plugins bring comes through the host; only the loader knows their package's name, and as a string."""
    found = [
        f"{short(path)}:{line}"
        for path in python_files("codesign")
        for module, line in imported_modules(path)
        if module.partition(".")[0] in {"plugins", "codesign_plugins"}
    ]
    assert found == []
