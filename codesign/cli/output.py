"""How commands speak: sentences for people, JSON for programs, exit codes for both."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from codesign.kernel.errors import Conflict, Problem
from codesign.kernel.text import _

if TYPE_CHECKING:
    from flask import Flask

    from codesign.kernel.db import Database


def fail(function: Callable[..., Any]) -> Callable[..., Any]:
    """Say a refusal in one sentence and leave with exit code 1."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Problem as problem:
            click.echo(f"codesign: {problem.sentence}", err=True)
            for error in problem.errors:
                if error.message != str(problem.sentence):
                    click.echo(f"  {error.field}: {error.message}", err=True)
            sys.exit(1)

    return run


def put_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str))


def ready_database(app: Flask, database: Database) -> None:
    """Build an empty database, with the tables of the plugins; refuse one whose core tables are behind."""
    from codesign.hooks.host import host_of
    from codesign.kernel import schema

    state = schema.state(database)
    if state == "empty":
        schema.upgrade(database)
        host_of(app).upgrade_tables()
    elif state == "behind":
        raise Conflict(_("The database is from an older version. Run `codesign db upgrade` first."))


@contextmanager
def app_context() -> Iterator[Any]:
    """The app of the instance folder, for commands that work on its data; raises Conflict where that is behind."""
    from codesign.app import create_app
    from codesign.kernel import db

    app = create_app()
    try:
        ready_database(app, db.current())
        with app.app_context():
            yield app
    finally:
        db.current().dispose()
