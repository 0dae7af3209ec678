"""``codesign serve``: the server, and the worker it watches."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import click

_log = logging.getLogger("codesign.serve")

RESTART_PAUSE = (0.5, 30.0)  # seconds between two starts of a failing worker: first, longest


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5000, show_default=True, help="Port to listen on; 0 picks a free one.")
@click.option("--no-worker", is_flag=True, help="Do not start the worker; it runs elsewhere.")
def serve(host: str, port: int, no_worker: bool) -> None:
    """Serve pages, API and sockets, and run the worker beside."""
    from codesign import app as factory
    from codesign.cli import starting
    from codesign.cli.output import ready_database
    from codesign.hooks.host import host_of
    from codesign.hooks.reports import SERVER, Reporter
    from codesign.kernel import config, db
    from codesign.live import serving

    settings = config.load()
    starting.check_address(settings, host)
    listener = starting.bind(host, port)
    host, port = listener.getsockname()[:2]
    app = factory.create_app(settings)
    ready_database(app, db.current())
    Reporter(host_of(app), SERVER).start()
    origins = starting.origins(settings, host, port)
    socketio = factory.create_socketio(app, origins)
    factory.start_live(app, socketio)
    server = serving.server(listener, app, lambda environ: starting.may_upgrade(environ, origins))
    helper = None if no_worker else Supervisor([sys.executable, "-m", "codesign", "worker"])
    starting.greet(app, settings, host, port)
    serving.settle()
    run(server, helper)


def run(server: Any, helper: Supervisor | None) -> None:
    """Serve until a signal says stop; then leave nothing running."""
    import gevent

    def stop(*_signal: object) -> None:
        gevent.spawn(server.stop, 2)

    gevent.signal_handler(signal.SIGTERM, stop)
    gevent.signal_handler(signal.SIGINT, stop)
    try:
        if helper:
            gevent.spawn(helper.watch)
        server.serve_forever()
    finally:
        if helper:
            helper.stop()


class Supervisor:
    """Keeps one child process running."""

    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.child: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()

    def watch(self) -> None:
        """Start the child and start it again when it ends, later and later while it keeps failing."""
        pause = RESTART_PAUSE[0]
        while not self._stopping.is_set():
            started = time.monotonic()
            # The pipe's other end closes when we die, however we die: the worker ends itself then.
            self.child = subprocess.Popen(self.command, stdin=subprocess.PIPE, env=os.environ.copy())  # noqa: S603
            code = self.child.wait()
            if self._stopping.is_set():
                return
            pause = RESTART_PAUSE[0] if time.monotonic() - started > 60 else min(pause * 2, RESTART_PAUSE[1])
            _log.warning("the worker ended with code %s; it starts again in %.1f s", code, pause)
            self._stopping.wait(pause)

    def stop(self) -> None:
        """End the child; forcefully when it does not listen."""
        self._stopping.set()
        if self.child is None or self.child.poll() is not None:
            return
        self.child.terminate()
        try:
            self.child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                self.child.kill()


@click.command()
@click.option("--alone", is_flag=True, help="Run without a server watching (stop with Ctrl-C).")
def worker(alone: bool) -> None:
    """Deliver the log and run timed tasks."""
    from codesign.worker import end_with_parent, main

    if not alone:
        end_with_parent()

    from codesign.app import create_app

    main(create_app())
