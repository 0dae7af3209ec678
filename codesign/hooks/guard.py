"""The ``verb`` plugins use: like the house's own, but it cannot hold SQLite's write lock for longer than a moment."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from codesign.hooks.threads import Call, NoThread, Threads
from codesign.kernel import db
from codesign.kernel.errors import Unavailable
from codesign.kernel.late import LateWrite
from codesign.kernel.text import _

P = ParamSpec("P")
T = TypeVar("T")

BUDGET = 5.0
_threads = Threads()


def verb(function: Callable[P, T]) -> Callable[P, T]:
    """A change to a plugin's own tables: opens the write transaction, or joins the one around it.

    On SQLite it runs in a thread of its own and is cut (``Unavailable``, nothing kept) when it holds the lock too
    long.
    """
    plain = db.verb(function)

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if db.in_verb() or not db.current().is_sqlite:
            return plain(*args, **kwargs)
        return cast(T, _guarded(lambda: function(*args, **kwargs)))

    return run


def _guarded(function: Callable[[], Any]) -> Any:
    late = LateWrite()
    call = Call(lambda: late.run(function), lambda call: None)
    try:
        reason = _threads.run(call, BUDGET, late.overdue)
    except NoThread:
        raise Unavailable(retry_after=5) from None
    if reason and late.cut():
        raise Unavailable(_("A plugin took too long to save this; nothing was changed."), retry_after=5)
    while not call.done:  # its commit had begun: that ends soon
        _threads.pause()
    if call.exception is not None:
        raise call.exception
    late.announce()
    return call.value
