"""``codesign plugin rest|resume|replay|purge``: what an administrator does for plugins."""

from __future__ import annotations

import click

from codesign.cli.output import app_context


@click.command()
@click.argument("name")
def rest(name: str) -> None:
    """Let a plugin rest on the whole server until it is resumed."""
    from codesign.hooks import care, host
    from codesign.kernel.actor import SYSTEM

    with app_context() as app:
        changed = care.hold_plugin(SYSTEM, host.host_of(app), name)
    click.echo(f"{name} rests within seconds." if changed else f"{name} rests already.")


@click.command()
@click.argument("name")
def resume(name: str) -> None:
    """End a plugin's rest, of whatever kind."""
    from codesign.hooks import care, host
    from codesign.kernel.actor import SYSTEM

    with app_context() as app:
        care.resume_plugin(SYSTEM, host.host_of(app), name)
    click.echo(f"{name} is asked again within seconds.")


@click.command()
@click.argument("name")
@click.option("--space", required=True, help="Slug or id of the space.")
@click.option("--after", default=0, show_default=True, help="Number of the last event it need not be told again.")
def replay(name: str, space: str, after: int) -> None:
    """Tell a plugin a space's history again."""
    from codesign.hooks import care, host
    from codesign.kernel.actor import SYSTEM
    from codesign.spaces.access import access

    with app_context() as app:
        care.replay_from(SYSTEM, host.host_of(app), access(SYSTEM, space).space.id, name, after)
    click.echo(f"The worker tells {name} everything in {space} after number {after}.")


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask for the name.")
def purge(name: str, yes: bool) -> None:
    """Archive a plugin's tables in the instance folder, then drop them with its settings and bookmarks."""
    from codesign.hooks import host
    from codesign.hooks import purge as purging
    from codesign.kernel.actor import SYSTEM

    with app_context() as app:
        tables = purging.what_there_is(host.host_of(app), name)
        click.echo(f"Tables of {name}: {', '.join(tables) or 'none'}")
        if not yes and click.prompt("Type its name to remove them") != name:
            raise click.ClickException("This is another name; nothing was removed.")
        folder = app.extensions["codesign"].instance_folder
        purged = purging.purge(SYSTEM, host.host_of(app), name, folder)
    for table, count in purged.rows.items():
        click.echo(f"  {table}: {count} rows")
    if purged.archive:
        click.echo(f"They lie in {purged.archive} now.")
    click.echo(f"Nothing of {name} is in the database any more.")
