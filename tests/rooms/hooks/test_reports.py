"""What a process knew of a plugin outlives it, and a plugin waits for its tables."""

from __future__ import annotations

import json
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from codesign.events import log
from codesign.hooks import delivery, overview, purge, queries, reports, service, tables, tasks
from codesign.hooks.card import Task
from codesign.hooks.host import PluginHost
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.errors import Conflict, Forbidden, NotFound
from codesign.testing import Clock
from codesign.worker import Worker

from .conftest import SPACE, host_with, make_plugin

pytestmark = [pytest.mark.usefixtures("ground"), pytest.mark.doors]


def worker_of(host: PluginHost) -> reports.Reporter:
    reporter = reports.Reporter(host, reports.WORKER)
    reporter.restore()
    return reporter


def shaky(run: Callable[..., Any] = lambda space_id, settings: None) -> PluginHost:
    """A host whose one plugin has a task that is due."""
    host = host_with(make_plugin("shaky", tasks=(Task("sweep", every="1d", run=run),)))
    service.switch_plugin(SYSTEM, host, SPACE, "shaky", True)
    return host


def test_a_rest_and_its_reasons_survive_the_process(clock: Clock) -> None:
    host = host_with(make_plugin("shaky"))
    reporter = worker_of(host)
    for _ in range(5):
        host.runner.call("shaky", "plugin_enabled", lambda: 1 / 0, 1)
    reporter.beat()
    again = host_with(make_plugin("shaky"))
    worker_of(again)
    health = again.runner.health("shaky")
    assert health.rests == 1 and health.rests_until == host.runner.health("shaky").rests_until
    assert "1 / 0" in health.failures[-1].traceback
    clock.advance(minutes=10)
    assert not again.runner.call("shaky", "plugin_enabled", lambda: 1 / 0, 1).skipped, "the trial"
    assert again.runner.health("shaky").rests_until == clock.moment.replace(minute=30), "now twice as long"


def test_failures_are_counted_over_restarts(clock: Clock) -> None:
    """One that takes the worker down each time never fails twice in one process."""
    for _ in range(5):
        host = host_with(make_plugin("shaky"))
        reporter = worker_of(host)
        assert host.runner.health("shaky").rests_until is None
        with pytest.raises(KeyboardInterrupt), reporter.marked("shaky", "task sweep"):
            reports._mark = lambda *_: None  # type: ignore[assignment]
            raise KeyboardInterrupt
        reports._mark = MARK  # type: ignore[assignment]
        clock.advance(seconds=30)
    host = host_with(make_plugin("shaky"))
    worker_of(host)
    assert host.runner.health("shaky").rests_until is not None
    assert host.runner.health("shaky").failures[-1].error == "the worker ended while it ran"


MARK = reports._mark


def test_calls_outside_the_delivery_are_marked_while_they_run() -> None:
    seen: list[str] = []
    host = shaky(lambda space_id, settings: seen.extend(row.calling for row in queries.health()))
    worker_of(host)
    assert tasks.run_due(host) == 1
    assert seen == ["task sweep"] and [row.calling for row in queries.health()] == [""]


def test_a_task_beside_the_delivery_stays_marked_until_its_own_end() -> None:
    host = shaky()
    reporter = worker_of(host)
    with reporter.marked("shaky", "task sweep"):
        with reporter.marked("shaky", "events_recorded"):
            assert [row.calling for row in queries.health()] == ["task sweep, events_recorded"]
        host.runner.call("shaky", "fill_slot", lambda: 1, 1)
        reporter.beat()
        assert [row.calling for row in queries.health()] == ["task sweep"]
    assert [row.calling for row in queries.health()] == [""]


def test_a_task_that_takes_its_time_keeps_no_round_waiting() -> None:
    begun, end = threading.Event(), threading.Event()

    def linger(space_id: str, settings: object) -> None:
        begun.set()
        assert end.wait(10)

    host = shaky(linger)
    worker_of(host)
    chores: dict[str, Any] = {name: run for name, _every, run in host.chores(lambda *parts: parts)}
    assert chores["tasks of shaky"]() and begun.wait(10), "it runs, and the round goes on"
    assert not chores["tasks of shaky"](), "never twice at once"
    assert [row.calling for row in queries.health()] == ["task sweep"]
    end.set()
    until = time.monotonic() + 10
    while any(row.calling for row in queries.health()) and time.monotonic() < until:
        time.sleep(0.01)
    assert [row.calling for row in queries.health()] == [""]


def test_only_what_changed_is_written(count_queries: Any) -> None:
    host = shaky()
    reporter = worker_of(host)
    host.runner.call("shaky", "fill_slot", lambda: 1, 1)
    reporter.beat()
    with count_queries() as statements:
        reporter.beat()
    assert not any(statement.startswith(("INSERT", "UPDATE")) for statement in statements), statements
    (row,) = queries.health()
    assert (row.process, row.hooks[0].hook, row.hooks[0].calls) == ("worker", "fill_slot", 1)


def test_stuck_calls_make_the_worker_renew_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    host = shaky()
    worker = Worker.__new__(Worker)
    worker.reporter, worker.renew = worker_of(host), False
    worker.stopping = __import__("threading").Event()
    worker._leave_stuck_ones()
    assert not worker.renew and not worker.stopping.is_set()
    monkeypatch.setattr(host.runner, "stuck", lambda: ["shaky"])
    worker._leave_stuck_ones()
    assert worker.renew and worker.stopping.is_set()
    assert queries.health()[0].rests_until is not None, "it is kept before the process goes"


# --- Tables -----------------------------------------------------------------------------------------------------------

CARD = """
    from codesign import sdk
    from codesign.sdk import hookimpl

    class hooks:
        @staticmethod
        @hookimpl
        def fill_slot(slot):
            return {"n": 1}

    plugin = sdk.Plugin(name="ledger", title="Ledger", version="1.0.0", hooks=hooks)
"""
MIGRATION = """
    import sqlalchemy as sa
    from alembic import op

    revision, down_revision, branch_labels, depends_on = "{revision}", {before}, None, None


    def upgrade():
        op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True), sa.Column("data", sa.LargeBinary))


    def downgrade():
        op.drop_table("{table}")
"""
FIRST = MIGRATION.format(revision="0001", before=None, table="ledger_line")
SECOND = MIGRATION.format(revision="0002", before="'0001'", table="ledger_page")


@pytest.fixture
def ledger(write_plugin: Callable[..., Path]) -> Iterator[PluginHost]:
    base = write_plugin("ledger", CARD, **{"migrations/versions/0001.py": FIRST})
    host = PluginHost.with_folders(base)
    host.look_at_tables()
    service.switch_plugin(SYSTEM, host, SPACE, "ledger", True)
    yield host
    sys.modules.pop("codesign_plugins.ledger", None)


def state(host: PluginHost) -> tuple[str, str]:
    (fact,) = overview.list_plugins(host)
    return fact.state, str(fact.reason)


def test_a_plugin_waits_for_its_tables_and_begins_when_they_come(ledger: PluginHost) -> None:
    assert state(ledger) == ("waiting", "Its tables are at nothing, it needs 0001: run `codesign db upgrade`.")
    assert ledger.enabled(SPACE) == [] and not ledger.is_enabled("ledger", SPACE)
    assert delivery.tell_switches(ledger) is False, "it is told of its switch later"
    reporter = worker_of(ledger)
    folder = ledger.plugins["ledger"].folder / "migrations"
    assert tables.upgrade("ledger", folder) == "0001"
    reporter.beat()  # what another process has upgraded
    assert state(ledger)[0] == "on" and [item.name for item in ledger.enabled(SPACE)] == ["ledger"]
    (folder / "versions/0002.py").write_text(__import__("textwrap").dedent(SECOND))
    ledger.look_at_tables()
    assert "at 0001, it needs 0002" in state(ledger)[1]
    assert ledger.upgrade_tables() == {"ledger": "0002"} and state(ledger)[0] == "on"


def test_a_migration_that_fails_stops_no_other(ledger: PluginHost, write_plugin: Callable[..., Path]) -> None:
    (ledger.plugins["ledger"].folder / "migrations/versions/0001.py").write_text("revision = '0001'\nboom")
    assert ledger.upgrade_tables()["ledger"].startswith("failed: NameError")
    assert state(ledger) == ("waiting", "Its migrations cannot be read: NameError: name 'boom' is not defined")


def test_a_purge_archives_first_and_leaves_nothing(ledger: PluginHost, tmp_path: Path) -> None:
    ledger.upgrade_tables()
    with db.current().offline.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE ledger_more_page (id INTEGER)")
        connection.exec_driver_sql("CREATE TABLE alembic_version_ledger_more (version_num VARCHAR(32))")
        connection.execute(sqlalchemy.text("INSERT INTO ledger_line VALUES (1, :data), (2, NULL)"), {"data": b"\xff"})
    with pytest.raises(Conflict):
        purge.purge(SYSTEM, ledger, "ledger", tmp_path)
    service.switch_plugin(SYSTEM, ledger, SPACE, "ledger", False)
    with pytest.raises(Forbidden):
        purge.purge(Actor(person_id="p"), ledger, "ledger", tmp_path)
    with pytest.raises(NotFound):
        purge.purge(SYSTEM, ledger, "nobody", tmp_path)
    purged = purge.purge(SYSTEM, ledger, "ledger", tmp_path)
    assert purged.rows == {"ledger_line": 2} and purged.archive.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(purged.archive) as archive:
        rows = [json.loads(line) for line in archive.read("ledger_line.jsonl").splitlines()]
    assert rows == [{"id": 1, "data": {"base64": "/w=="}}, {"id": 2, "data": None}]
    left = set(sqlalchemy.inspect(db.current().offline).get_table_names())
    assert {"ledger_more_page", "alembic_version_ledger_more"} <= left, "another plugin's with a longer name"
    assert not {"ledger_line", "alembic_version_ledger"} & left and queries.rows(SPACE) == {}
    with db.read():
        assert [fact.name for fact in log.since("server", 0, names=["plugin.purged"])] == ["plugin.purged"]
    ledger.look_at_tables()
    assert state(ledger)[0] == "waiting", "and it can begin anew"
    with db.current().offline.begin() as connection:
        connection.exec_driver_sql("DROP TABLE ledger_more_page")
        connection.exec_driver_sql("DROP TABLE alembic_version_ledger_more")


def test_a_search_index_is_dropped_with_what_it_rests_on(ledger: PluginHost, tmp_path: Path) -> None:
    if not db.current().is_sqlite:
        return
    service.switch_plugin(SYSTEM, ledger, SPACE, "ledger", False)
    ledger.upgrade_tables()
    with db.current().offline.begin() as connection:
        connection.exec_driver_sql("CREATE VIRTUAL TABLE ledger_words USING fts5(text)")
        connection.exec_driver_sql("INSERT INTO ledger_words VALUES ('a bell')")
    assert purge.purge(SYSTEM, ledger, "ledger", tmp_path).rows == {"ledger_line": 0}
    left = sqlalchemy.inspect(db.current().offline).get_table_names()
    assert [name for name in left if name.startswith("ledger")] == []
