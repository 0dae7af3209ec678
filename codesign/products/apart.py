"""Questions that may take long, answered in a process of their own: bounded in time, processor time and memory.

A model is a formula somebody wrote, and there are small formulas nobody can count. So the publish gate and every count run
here: what takes too long is ended from outside, and neither votes nor sockets wait for it.
"""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from codesign.kernel.errors import Unavailable
from codesign.kernel.text import _

#: Seconds a question may take by the clock and by the processor, bytes of memory it may use.
MOST_SECONDS = 20
MOST_MEMORY = 1_500_000_000
#: Questions at once in one server process; others wait this many seconds, then hear to come back.
AT_ONCE, PATIENCE = 2, 10
#: Answers kept: the gate is drawn again and again for the same draft.
MOST_KEPT = 64

_turns = threading.BoundedSemaphore(AT_ONCE)
_kept: OrderedDict[str, dict[str, Any]] = OrderedDict()


class TooHard(Unavailable):
    """The question was ended because it took too long or too much."""

    default = _("This takes longer than we allow. Fewer options or simpler rules will help.")


def ask(question: str, spent: Callable[[float], None] | None = None, **content: Any) -> dict[str, Any]:
    """The answer to *question* (``analysis``, ``count``, ``breaks``) about *content*, all of it JSON.

    *spent* hears how many seconds it was worked on. Raises TooHard when it was ended, Unavailable while too many others
    are being answered.
    """
    sent = json.dumps({"question": question, **content}).encode()  # in order: decisions are told oldest first
    key = hashlib.blake2b(sent, digest_size=16).hexdigest()
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    if not _turns.acquire(timeout=PATIENCE):
        raise Unavailable(_("Several models are being worked on. Try again in a moment."), retry_after=PATIENCE)
    started = time.monotonic()
    try:
        answer = _run(sent)
    finally:
        _turns.release()
        if spent:
            spent(time.monotonic() - started)
    _kept[key] = answer
    while len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)
    return answer


def _run(sent: bytes) -> dict[str, Any]:
    command = [sys.executable, "-I", "-m", "codesign.products.apart"]
    try:
        done = subprocess.run(command, input=sent, capture_output=True, timeout=MOST_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise TooHard() from None
    if done.returncode != 0:
        raise TooHard()
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


# --- In the process apart ---------------------------------------------------------------------------------------------


def main() -> None:
    """Answer the one question on standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from codesign.products.answers import answer

    content: Mapping[str, Any] = json.loads(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(answer(content)))


if __name__ == "__main__":
    main()
