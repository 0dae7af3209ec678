"""Patterns that people supply. Python's own may take for ever and hold up everybody; RE2's take time in line with the text.

https://github.com/google/re2: no references back and no look-around, and in exchange no text that is slow.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from codesign.kernel.errors import Invalid
from codesign.kernel.text import _

#: So long may a pattern be, and so much memory (bytes) may it take while it is looked for.
LONGEST, MEMORY = 500, 1 << 20


class Pattern(Protocol):
    """What ``pattern`` answers: the first place of a text that fits, or None; ``group()`` of it is the words there."""

    def search(self, text: str) -> Match | None: ...


class Match(Protocol):
    """A place in a text."""

    def group(self) -> str: ...

    def span(self) -> tuple[int, int]: ...


@lru_cache(maxsize=1_024)
def pattern(text: str, *, ignore_case: bool = True) -> Pattern:
    """A pattern somebody typed, ready to ``search`` with; Invalid where it is none, with the reason in words."""
    import re2

    if len(text) > LONGEST:
        raise Invalid(_("A pattern has at most %(most)s letters.", most=LONGEST))
    options = re2.Options()
    options.case_sensitive, options.max_mem, options.log_errors = not ignore_case, MEMORY, False
    try:
        found: Pattern = re2.compile(text, options)
    except re2.error as error:
        told = error.args[0] if error.args else ""
        reason = told.decode(errors="replace") if isinstance(told, bytes) else str(told)
        raise Invalid(_("This is no pattern: %(reason)s", reason=reason)) from None
    return found
