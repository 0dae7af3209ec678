"""How commands speak: sentences for people, JSON for programs, exit codes for both."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from codesign.kernel.errors import Problem


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


@contextmanager
def app_context() -> Iterator[Any]:
    """The app of the instance folder, for commands that work on its data."""
    from codesign.app import create_app
    from codesign.hooks.host import host_of
    from codesign.kernel import db, schema

    app = create_app()
    if schema.state(db.current()) == "empty":
        schema.upgrade(db.current())
        host_of(app).upgrade_tables()
    with app.app_context():
        yield app
    db.current().dispose()
