"""What came of a check, and how one says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

PASS: Final = "pass"  # noqa: S105 - no password
FAIL: Final = "fail"
NOT_APPLICABLE: Final = "not applicable"


@dataclass(frozen=True)
class Finding:
    """One line of the report: the check, what came of it, and why in a sentence."""

    check: str
    outcome: Literal["pass", "fail", "not applicable"]
    why: str

    @property
    def failed(self) -> bool:
        return self.outcome == FAIL


class Broken(Exception):
    """A check found what must not be; the message is what its author reads."""


class Nothing(Exception):
    """The plugin has nothing that this check is about."""
