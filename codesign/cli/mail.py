"""``codesign mail``: the letters of this server, readable where no mail server is set."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

import click

from codesign.cli.output import app_context, put_json
from codesign.kernel import clock
from codesign.kernel.actor import SYSTEM
from codesign.notifications import post, queries
from codesign.notifications.facts import LetterFact


@click.group()
def mail() -> None:
    """The outbox of letters."""


@mail.command("list")
@click.option("--waiting", is_flag=True, help="Only those that were not sent yet.")
@click.option("--limit", default=50, show_default=True, help="How many at most, newest first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(waiting: bool, limit: int, as_json: bool) -> None:
    """Read the letters, newest first. Links in them work: pass one on only to whom it is for."""
    with app_context():
        letters = queries.list_letters(SYSTEM, limit, waiting)
    if as_json:
        put_json([_json(letter) for letter in letters])
        return
    for letter in letters:
        state = f"sent {letter.sent_at:%Y-%m-%d %H:%M}" if letter.sent_at else "waits"
        click.echo(f"{letter.created_at:%Y-%m-%d %H:%M} UTC  to {letter.recipient}  ({state})\n{letter.subject}\n")
        click.echo("\n".join(f"    {line}" for line in letter.body.splitlines()) + "\n")
    if not letters:
        click.echo("No letters.")


def _json(letter: LetterFact) -> dict[str, Any]:
    values = dataclasses.asdict(letter)
    return {name: clock.rfc3339(value) if isinstance(value, datetime) else value for name, value in values.items()}


@mail.command()
def send() -> None:
    """Try now to send what waits (the worker does so every few seconds)."""
    with app_context() as app:
        settings = app.extensions["codesign"]
        if not settings.smtp_url:
            click.echo("CODESIGN_SMTP_URL is empty: letters stay here. Read them with `codesign mail list`.")
            return
        click.echo(f"{post.send_due(settings)} sent.")
