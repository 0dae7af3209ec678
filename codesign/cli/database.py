"""``codesign db``: the tables."""

from __future__ import annotations

import click

from codesign.kernel import db, schema


@click.group("db")
def database() -> None:
    """Tables of core and plugins."""


@database.command()
def upgrade() -> None:
    """Bring the tables of core, then of each plugin, to the newest version."""
    from codesign.app import create_app
    from codesign.hooks import host

    app = create_app()
    schema.upgrade(db.current())
    click.echo(f"core: {schema.versions(db.current())[0]}")
    for name, outcome in host.host_of(app).upgrade_tables().items():
        click.echo(f"{name}: {outcome}")
