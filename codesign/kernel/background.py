"""Working beside the worker's rounds: it may take minutes, and the worker has a lease to renew and letters to send."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable

from codesign.kernel.backoff import Backoff

_log = logging.getLogger(__name__)


class Background:
    """Runs something in a thread of its own, one at a time; what failed rests a little longer each time.

    It goes with the process: what it had not stored is done again.
    """

    def __init__(self, name: str, run: Callable[[], object]) -> None:
        self.name, self._run = name, run
        self._thread: threading.Thread | None = None
        self._backoff = Backoff()

    @property
    def runs(self) -> bool:
        """Whether it runs now."""
        return self._thread is not None and self._thread.is_alive()

    def begin(self) -> bool:
        """Begin, unless it still runs or rests; says whether it did."""
        if self.runs or not self._backoff.ready():
            return False
        context = contextvars.copy_context()  # the thread works for the same app
        self._thread = threading.Thread(target=context.run, args=(self._guarded,), name=self.name, daemon=True)
        self._thread.start()
        return True

    def _guarded(self) -> None:
        try:
            self._run()
        except Exception:
            self._backoff.failed()
            _log.exception("%s failed %s times in a row; it is tried again", self.name, self._backoff.failures)
        else:
            self._backoff.worked()
