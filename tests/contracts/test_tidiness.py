"""Files a person can read in one go, and nothing in them that belongs to one machine."""

from __future__ import annotations

import ast

import pytest

from tests.contracts.source import python_files, short, tracked_files, tree

LONGEST_FILE = 450
LONGEST_FUNCTION = 60

#: Addresses of package registries and of single machines; written in pieces so that this file is clean itself.
STRANGE = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "/home" + "/",
    "/roo" + "t/",
    "/Use" + "rs/",
]
UNFINISHED = ["TO" + "DO", "FIX" + "ME", "X" + "XX"]


def test_files_are_short() -> None:
    """A file that passes 400 lines wants to become two. A migration is one step, however many tables it makes."""
    sources = [path for path in tracked_files() if path.suffix in {".py", ".ts", ".mjs", ".css", ".html"}]
    lengths = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources}
    long = {name: length for name, length in lengths.items() if length > LONGEST_FILE}
    assert {name for name in long if not name.startswith("migrations/versions/")} == set(), long


def test_functions_are_short() -> None:
    """A function that passes 50 lines wants to become two."""
    long = []
    for path in python_files("codesign", "plugins", "tests", tests=True):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    long.append(f"{short(path)}:{node.lineno} {node.name} has {length} lines")
    assert long == []


@pytest.mark.parametrize("text", STRANGE + UNFINISHED)
def test_nothing_strange_is_written_anywhere(text: str) -> None:
    """No registry's host, no folder of one machine, no note to finish later."""
    found = [short(path) for path in tracked_files() if text in path.read_text(encoding="utf-8", errors="replace")]
    assert found == []
