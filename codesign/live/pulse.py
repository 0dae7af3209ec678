"""What makes the live server tick: a wake-up after our own commits, a look at the database for those of others."""

from __future__ import annotations

import logging
import time

import sqlalchemy

from codesign.kernel.db import Database
from codesign.kernel.watch import Watcher
from codesign.live.server import PRESENCE_PAUSE, Live

#: Seconds that a tick grows by for each socket: telling everybody may take half of the time, the rest is for votes and pages.
EACH = 0.000_1

_log = logging.getLogger(__name__)


def run(live: Live, database: Database, tick: float) -> None:
    """Tick for ever, every *tick* seconds, less often when very many listen.

    A failing tick is logged and the next one goes on where it left off.
    """
    from gevent import sleep

    watcher, told_presence = Watcher(database), 0.0
    while True:
        started = time.monotonic()
        try:
            if watcher.anything_new():
                live.tick()
            if started - told_presence > PRESENCE_PAUSE:
                live.tell_presence()
                told_presence = started
        except sqlalchemy.exc.SQLAlchemyError:
            _log.exception("the database did not answer a tick; the next one tries again")
            watcher.close()
            watcher = Watcher(database)
            sleep(1)
        except Exception:
            _log.exception("a tick failed")
            sleep(1)
        pause, took = max(tick, len(live.clients) * EACH), time.monotonic() - started
        # Where a tick takes longer than planned, others wait for their turn too: it gets half of the time at most.
        sleep(max(0.001, pause - took, took))
