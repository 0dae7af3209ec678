"""One who votes in a process of its own while this one works: how long each vote waits for its answer."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

#: Votes a second.
RATE = 20


def waits(url: str, idea_id: str, person_id: str, work: Callable[[], object]) -> list[float]:
    """The milliseconds that votes for an idea took while *work* was done."""
    command = [sys.executable, "-m", "tests.load.beside", url, idea_id, person_id]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as voter:
        assert voter.stdin is not None and voter.stdout is not None
        voter.stdout.readline()  # the first vote is cast
        work()
        voter.stdin.close()
        found: list[float] = json.loads(voter.stdout.read())
    return found


def main(url: str, idea_id: str, person_id: str) -> None:
    """Vote until the input ends, then print the times."""
    from codesign.app import create_app
    from codesign.kernel.actor import Actor
    from codesign.testing import Database, settings_for
    from codesign.voting.service import cast_vote, withdraw_vote

    taken: list[float] = []
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        create_app(settings_for(Database("any", url), Path(folder)))
        actor = Actor(person_id=person_id)
        cast_vote(actor, idea_id, 1)
        print("votes", flush=True)
        while not over.wait(1 / RATE):
            started = time.perf_counter()
            if len(taken) % 2:
                cast_vote(actor, idea_id, 1)
            else:
                withdraw_vote(actor, idea_id)
            taken.append((time.perf_counter() - started) * 1000)
    print(json.dumps(taken))


if __name__ == "__main__":
    main(*sys.argv[1:4])
