"""Computing beside the worker's rounds: it takes seconds, and the worker has a lease to renew and letters to send."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


class Beside:
    """Runs something in a thread of its own, one at a time. It goes with the process: what it had not stored is done again."""

    def __init__(self, name: str, run: Callable[[], object]) -> None:
        self.name, self._run = name, run
        self._thread: threading.Thread | None = None

    def begin(self) -> bool:
        """Begin, unless it still runs; says whether it did."""
        if self._thread is not None and self._thread.is_alive():
            return False
        self._thread = threading.Thread(target=self._guarded, name=self.name, daemon=True)
        self._thread.start()
        return True

    def _guarded(self) -> None:
        try:
            self._run()
        except Exception:
            _log.exception("%s failed; it is tried again", self.name)
