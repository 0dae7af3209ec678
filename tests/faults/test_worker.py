"""Plugins that misbehave in the worker: the others go on, and the culprit is named."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from codesign.app import create_app
from codesign.hooks import overview, service
from codesign.hooks.host import PluginHost, host_of
from codesign.kernel import config, db
from codesign.kernel.actor import SYSTEM
from codesign.spaces.access import access
from codesign.testing import Database
from tests.support.processes import die_with_parent
from tests.support.programs import Admin
from tests.support.server import Server, clean_environment

CARD = """
    import os, time
    from pathlib import Path
    from codesign import sdk
    from codesign.sdk import hookimpl

    class hooks:
        @staticmethod
        @hookimpl
        def events_recorded(events):
            {body}

    plugin = sdk.Plugin(name="{name}", title="{name}", version="1.0.0", hooks=hooks, listens_to=(sdk.IdeaPublished,))
"""
LEAVER, GLUTTON = "os._exit(7)", "bytearray(1 << 30)"


def write(base: Path, name: str, body: str) -> None:
    folder = base / name
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(textwrap.dedent(CARD.format(name=name, body=body)))


@pytest.fixture
def plugins_of(tmp_path: Path) -> Iterator[Callable[[Server], PluginHost]]:
    """The host of another process on a server's database: it switches plugins and reads what the worker tells."""

    def make(server: Server) -> PluginHost:
        app = create_app(config.load({}, instance=str(tmp_path / "beside"), **server.settings))
        return host_of(app)

    yield make
    db.current().dispose()
    db.use(None)


def switch_on(host: PluginHost, slug: str, *names: str) -> None:
    for name in names:
        service.switch_plugin(SYSTEM, host, access(SYSTEM, slug).space.id, name, True)


def wait_for(what: Callable[[], Any], patience: float = 40) -> Any:
    until = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.2)
    return found


def test_one_that_ends_the_process_and_one_that_takes_all_memory(
    sqlite_database: Database, serve: Callable[..., Server], tmp_path: Path, plugins_of: Any
) -> None:
    heard, base = tmp_path / "heard", tmp_path / "plugins"
    write(base, "leaver", LEAVER)
    write(base, "glutton", GLUTTON)
    write(base, "scribe", f"Path({str(heard)!r}).open('a').writelines(f'{{e.seq}} ' for e in events)")
    allowed = {"plugin_folders": str(base), "plugins": "leaver,glutton,scribe"}
    server = serve(database_url=sqlite_database.url, trace_plugins="1", **allowed)
    admin = Admin(server)
    space = admin.make_space("yard")
    host = plugins_of(server)
    switch_on(host, "yard", "leaver", "glutton", "scribe")
    for number in range(2):
        admin.make_idea("yard", f"Idea number {number}")
        wait_for(lambda n=number: heard.exists() and len(set(heard.read_text().split())) > n)

    def errors(name: str) -> list[str]:
        return [each.error for each in overview.one_plugin(host, name).failures]

    wait_for(lambda: "the worker ended while it was told" in errors("leaver"))
    wait_for(lambda: any(error.startswith("MemoryError") for error in errors("glutton")))
    assert errors("scribe") == [] and overview.one_plugin(host, "scribe").behind == 0
    assert overview.one_plugin(host, "leaver").behind > 0 and overview.one_plugin(host, "glutton").behind > 0
    printed = server.output()
    assert "the worker ended with code 7; it starts again" in printed
    traced = [line for line in printed.splitlines() if "glutton.events_recorded" in line]
    assert f"space={space['id']}" in traced[0] and traced[0].endswith("ms failed: MemoryError")


HANGS = """
    import sys
    from dataclasses import replace
    from codesign import worker
    from codesign.app import create_app
    from codesign.hooks import specs

    specs.STYLES["events_recorded"] = replace(specs.STYLES["events_recorded"], budget=0.1)
    sys.argv = ["codesign", "worker", "--alone"]
    print("begins", flush=True)
    worker.main(create_app())
"""


@pytest.mark.full
def test_calls_that_hang_are_left_behind_by_a_new_life(
    sqlite_database: Database, serve: Callable[..., Server], tmp_path: Path, plugins_of: Any
) -> None:
    """Two calls that never come back: the plugin rests, and the worker goes on as the same process without their threads."""
    base = tmp_path / "plugins"
    write(base, "sleeper", "time.sleep(600)")
    server = serve(
        database_url=sqlite_database.url, plugin_folders=str(base), plugins="sleeper", arguments=("--no-worker",)
    )
    admin, host = Admin(server), plugins_of(server)
    for slug in ("yard", "barn"):
        admin.make_space(slug)
        admin.make_idea(slug, "An idea of it")
        switch_on(host, slug, "sleeper")
    named = {f"CODESIGN_{name.upper()}": value for name, value in server.settings.items()}
    log = tmp_path / "worker.log"
    with open(log, "wb") as file:
        worker = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(HANGS)],
            env={**clean_environment(), "CODESIGN_INSTANCE": str(server.instance), **named},
            stdout=file, stderr=file, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent,
        )  # fmt: skip
    try:
        wait_for(lambda: "the worker starts anew" in log.read_text())
        assert wait_for(lambda: overview.one_plugin(host, "sleeper").state == "resting")
        wait_for(lambda: "codesign\0worker" in Path(f"/proc/{worker.pid}/cmdline").read_text())
        assert worker.poll() is None, log.read_text()
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) in (0, -signal.SIGTERM), log.read_text()
