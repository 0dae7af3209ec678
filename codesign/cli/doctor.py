"""``codesign doctor``: is everything in order, and what does each setting do."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import sqlalchemy

from codesign.cli.output import put_json
from codesign.kernel import config


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


def _check_database(settings: config.Settings) -> Iterator[Finding]:
    from codesign.app import create_app
    from codesign.kernel import db, schema

    if not settings.instance_folder.is_dir():
        return  # looking makes nothing: a server that is not there yet has no database to ask
    try:
        create_app(settings)
        state = schema.state(db.current())
    except sqlalchemy.exc.SQLAlchemyError as error:
        yield Finding(False, f"database does not answer ({type(error).__name__})", "Check CODESIGN_DATABASE_URL.")
        return
    name = db.current().writer.dialect.name
    advice = {"empty": "Run `codesign init`.", "behind": "Run `codesign db upgrade`."}.get(state, "")
    yield Finding(not advice, f"database ({name}) is {state}", advice)


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
