"""The project's own files, for tests that read them."""

from __future__ import annotations

import ast
import functools
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_TEXT = {".py", ".ts", ".mjs", ".js", ".css", ".html", ".json", ".toml", ".md", ".lock", ".sh", ".txt", ".mako", ""}


@functools.cache
def tracked_files() -> tuple[Path, ...]:
    """Every text file that belongs to the project: known to git, or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.splitlines()]
    return tuple(path for path in paths if path.is_file() and path.suffix in _TEXT)


def python_files(*folders: str, tests: bool = False) -> list[Path]:
    """The Python files below *folders*; those in a folder ``tests`` only when asked for."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if tests or "tests" not in path.relative_to(ROOT).parts]


@functools.cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def short(path: Path) -> str:
    """The path as a person names it, from the top of the project."""
    return path.relative_to(ROOT).as_posix()


def imported_modules(path: Path) -> Iterator[tuple[str, int]]:
    """Each absolute import of a file with its line: ``import a.b`` and ``from a.b import c`` both give ``a.b``."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module, node.lineno
