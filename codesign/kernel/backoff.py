"""When to try again what failed."""

from __future__ import annotations

import time
from dataclasses import dataclass

LONGEST = 300.0  # seconds


@dataclass
class Backoff:
    """When to try something again that failed: after 1, 2, 4 … seconds."""

    failures: int = 0
    not_before: float = 0.0

    def ready(self) -> bool:
        return time.monotonic() >= self.not_before

    def failed(self) -> None:
        self.failures += 1
        self.not_before = time.monotonic() + min(2.0 ** min(self.failures - 1, 30), LONGEST)

    def worked(self) -> None:
        self.failures, self.not_before = 0, 0.0
