"""``codesign doctor``: is everything in order, and what does each setting do."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import sqlalchemy

from codesign.cli.output import put_json
from codesign.kernel import config

if TYPE_CHECKING:
    from flask import Flask

#: Free space below which a server is likely to stop before somebody looks again, in MB.
_LEAST_FREE = 500


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; ``advice`` says what to do when it is not in order."""

    ok: bool
    what: str
    advice: str = ""


def _hidden(setting: config.Setting, value: Any) -> str:
    return "(set)" if setting.secret and value else str(value)


def _check_instance(settings: config.Settings) -> Iterator[Finding]:
    folder: Path = settings.instance_folder
    exists = folder.is_dir()
    yield Finding(exists, f"instance folder {folder}", "" if exists else "Run `codesign init`.")
    key = folder / "secret_key"
    if key.exists():
        private = key.stat().st_mode & 0o077 == 0
        yield Finding(private, "secret key is readable by its owner only", "" if private else f"Run `chmod 600 {key}`.")
    if exists:
        free = shutil.disk_usage(folder).free // 1_000_000
        advice = "" if free >= _LEAST_FREE else f"Make room: {_LEAST_FREE} MB at least."
        yield Finding(not advice, f"free on its disk: {free:,} MB", advice)


def _check_database(settings: config.Settings) -> Iterator[Finding]:
    from codesign.app import create_app
    from codesign.kernel import db, schema

    if not settings.instance_folder.is_dir():
        return  # looking makes nothing: a server that is not there yet has no database to ask
    try:
        app = create_app(settings)
        state = schema.state(db.current())
    except sqlalchemy.exc.SQLAlchemyError as error:
        yield Finding(False, f"database does not answer ({type(error).__name__})", "Check CODESIGN_DATABASE_URL.")
        return
    name = db.current().writer.dialect.name
    advice = {"empty": "Run `codesign init`.", "behind": "Run `codesign db upgrade`."}.get(state, "")
    yield Finding(not advice, f"database ({name}) is {state}", advice)
    if state == "current":
        with app.app_context():
            yield from (_worker(), *_plugins(app), _letters())


def _worker() -> Finding:
    from codesign.kernel import lease

    leads = lease.is_held("worker")
    if leads is None:
        return Finding(True, "no worker has run here yet: `codesign serve` starts one")
    advice = "" if leads else "Letters and plugins wait for one: run `codesign serve`, or `codesign worker` beside it."
    return Finding(leads, "a worker runs" if leads else "no worker runs", advice)


def _plugins(app: Flask) -> Iterator[Finding]:
    from codesign.hooks import host, overview

    found = overview.list_plugins(host.host_of(app))
    for fact in found:
        if fact.state in ("waiting", "resting", "refused"):
            yield Finding(False, f"plugin {fact.name} is {fact.state}", fact.reason)
    count = sum(fact.state == "on" for fact in found)
    yield Finding(True, f"plugins switched on in at least one space: {count} of {len(found)}")


def _letters() -> Finding:
    from codesign.notifications import queries

    failing, error = queries.failing_letters()
    advice = f"Last: {error}. Look at CODESIGN_SMTP_URL and `codesign mail list --waiting`." if failing else ""
    return Finding(not failing, f"letters that could not be sent so far: {failing}", advice)


def _check_address(settings: config.Settings) -> Iterator[Finding]:
    if settings.demo:
        yield Finding(True, "demo mode is on: anybody may be anybody, on 127.0.0.1")
    good = bool(settings.base_url) or settings.demo
    yield Finding(
        good, "public address for mails and sockets", "" if good else "Set CODESIGN_BASE_URL before others use it."
    )
    mail = bool(settings.smtp_url)
    note = (
        "letters are sent by SMTP" if mail else "letters stay here (CODESIGN_SMTP_URL is empty): `codesign mail list`"
    )
    yield Finding(True, note)


def findings(settings: config.Settings) -> list[Finding]:
    """Everything that is looked at."""
    return [*_check_instance(settings), *_check_database(settings), *_check_address(settings)]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Look whether everything is in order, and list all settings with their values and sources."""
    settings = config.load()
    found = findings(settings)
    table = [
        {"name": f"CODESIGN_{line.name}", "value": _hidden(line, settings.values[line.name.lower()]),
         "source": settings.sources[line.name.lower()], "help": line.help}
        for line in config.TABLE
    ]  # fmt: skip
    if as_json:
        put_json({"python": platform.python_version(), "checks": [vars(one) for one in found], "settings": table})
    else:
        _print(found, table)
    sys.exit(0 if all(one.ok for one in found) else 1)


def _print(found: list[Finding], table: list[dict[str, str]]) -> None:
    click.echo(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    for one in found:
        click.echo(f"{'ok  ' if one.ok else 'FIX '} {one.what}{'. ' + one.advice if one.advice else ''}")
    click.echo("\nSettings (environment variables):")
    for line in table:
        click.echo(f"  {line['name']} = {line['value'] or '(empty)'}  [{line['source']}]\n      {line['help']}")
