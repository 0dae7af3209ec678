"""The same host in the server's world: patched by gevent, where whoever blocks stops every socket."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from gevent import monkey
monkey.patch_all()
import sys, time, gevent
from gevent.monkey import get_original
from codesign.hooks.runner import Runner

sleep = get_original("time", "sleep")  # blocks its thread for real, as C code and drivers do
gaps, last, going = [], time.monotonic(), True

def tick():
    global last
    while going:
        gevent.sleep(0.005)
        gaps.append(time.monotonic() - last)
        last = time.monotonic()

ticker = gevent.spawn(tick)
runner = Runner()
assert runner.call("good", "fill_slot", lambda: 42, 1).value == 42
late = runner.call("slow", "fill_slot", lambda: sleep(0.6), 0.1)
assert late.late and 0.09 < late.seconds < 0.4, late
assert runner.call("slow", "fill_slot", lambda: sleep(0.6), 0.1).late
assert runner.call("slow", "fill_slot", lambda: 1, 0.1).skipped
started = time.monotonic()
answers = [gevent.spawn(runner.call, "busy", "fill_slot", lambda: sleep(0.2) or 1, 1) for _ in range(10)]
gevent.joinall(answers)
assert all(each.value.ok for each in answers) and time.monotonic() - started < 1.2
going = False
ticker.join()
print(f"longest pause of the hub: {max(gaps):.3f}")
assert max(gaps) < 0.15
"""

VERB = """
from gevent import monkey
monkey.patch_all()
import sys, time, gevent
from flask import Flask
from sqlalchemy import text
from codesign.hooks.guard import verb
from codesign.kernel import db
from codesign.kernel.errors import Unavailable

opened = db.install(Flask("x"), sys.argv[1])
db.verb(lambda: db.session().execute(text("CREATE TABLE wall (n INTEGER)")))()

@verb
def put(n, nap):
    db.session().execute(text("INSERT INTO wall VALUES (:n)"), {"n": n})
    gevent.monkey.get_original("time", "sleep")(nap)
    return n

assert put(1, 0) == 1
slow = gevent.spawn(lambda: put(2, 1.5))
gevent.sleep(0.1)
started = time.monotonic()
db.verb(lambda: db.session().execute(text("INSERT INTO wall VALUES (3)")))()
waited = time.monotonic() - started
assert waited < 0.8, waited
slow.join()
assert isinstance(slow.exception, Unavailable), slow.exception
with db.read():
    assert db.session().execute(text("SELECT n FROM wall ORDER BY n")).scalars().all() == [1, 3]
print("ok")
"""


def run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_waiting_for_a_plugin_does_not_stop_the_hub() -> None:
    assert "longest pause" in run(PROGRAM)


def test_a_plugin_that_sleeps_with_the_lock_is_cut_in_the_server_too(tmp_path: object) -> None:
    assert run(VERB, f"sqlite:///{tmp_path}/x.db").strip() == "ok"
