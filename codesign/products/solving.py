"""Questions that take milliseconds, asked of a compiled model: one after another in a thread beside the sockets.

A solver holds Python's lock while it thinks, so more threads would not be quicker; one lane answers in the order asked.
What may take longer is asked ``apart``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sized
from contextlib import suppress
from typing import TypeVar

from codesign.kernel.errors import FieldError, Invalid, Problem
from codesign.kernel.lane import Lane, under_gevent
from codesign.kernel.text import _
from codesign.products.engine import Compiled
from codesign.products.facts import VersionFact
from codesign.products.queries import compiled_version, model_of

T = TypeVar("T")

#: Decisions of one question, and of one configuration.
MOST_DECISIONS = 2_000

_lane = Lane()
#: The questions asked and not answered yet.
_open: set[object] = set()


def solve(version: VersionFact, question: Callable[[Compiled], T]) -> T:
    """The answer of *version*'s compiled model to *question*; what the question raises comes through."""
    asked = object()
    _open.add(asked)
    try:
        return _lane.run(lambda: question(compiled_version(version)))
    finally:
        _open.discard(asked)


def make_ready(version: VersionFact) -> None:
    """Prepare *version* in a server before anybody composes it: its model, what reasons need, and the range of the whole.

    Nobody waits for this, and what fails here is told to the first who asks. It keeps to the limits of any question.
    """
    if under_gevent():
        threading.Thread(target=_prepare, args=(version,), daemon=True).start()


def _prepare(version: VersionFact) -> None:
    with suppress(Problem):
        solve(version, lambda compiled: (compiled.totals({}), compiled.reasoner))


def fair(seconds: float) -> float:
    """What one question may take of *seconds*: the more wait beside it the less, so that nobody waits for long."""
    return seconds / max(1, len(_open))


def require_few(options: Sized, field: str = "decisions") -> None:
    """Raise Invalid where more is decided than anybody composes."""
    if len(options) > MOST_DECISIONS:
        raise Invalid.field(field, _("At most %(most)s decisions at once.", most=MOST_DECISIONS), "too_many")


def check_options(version: VersionFact, options: Mapping[str, object], field: str = "decisions") -> None:
    """Raise Invalid, one error each, where *options* names what the version does not have, or too many."""
    require_few(options, field)
    known = model_of(version).options
    unknown = [option for option in options if option not in known]
    if unknown:
        sentence = _("This version has no such option.")
        raise Invalid(errors=[FieldError(f"{field}.{option}", "unknown", sentence) for option in unknown[:50]])
