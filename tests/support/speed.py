"""What makes a thousand apps and databases cheap. Nothing here changes what is tested."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

_MEMORY = "/dev/shm"
_ENOUGH = 4 << 30


def use_memory_for_temporary_files() -> None:
    """Databases of tests lie in memory where there is plenty: SQLite then waits for no disk at its commits."""
    if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH:
        os.environ["TMPDIR"] = tempfile.tempdir = _MEMORY


def compile_each_route_once() -> None:
    """Werkzeug compiles Python code for every route of every app, two thirds of the time an app takes to make.

    The code depends on the route alone, so apps of one process may share it.
    """
    compile_builder: Callable[..., Any] = Rule._compile_builder
    known: dict[object, Any] = {}

    def remembered(self: Rule, append_unknown: bool = True) -> Any:
        route = (append_unknown, self.rule, repr(self.defaults), repr(self._trace))
        if route not in known:
            known[route] = compile_builder(self, append_unknown)
        return known[route]

    Rule._compile_builder = remembered  # type: ignore[method-assign]


def pytest_configure() -> None:
    """Before the first test."""
    use_memory_for_temporary_files()
    compile_each_route_once()
