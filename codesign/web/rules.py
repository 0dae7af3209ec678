"""Rules of addresses that learn to build theirs when the first one is built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LazyRule(Rule):
    """werkzeug compiles two functions per rule when an app starts: half of its start, for rules that may never be asked."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled: Callable[..., tuple[str, str]] | None = None
        compile_builder = super()._compile_builder

        def build(*arguments: Any, **values: Any) -> tuple[str, str]:
            nonlocal compiled
            if compiled is None:
                compiled = compile_builder(append_unknown)
            return compiled(*arguments, **values)

        return build
