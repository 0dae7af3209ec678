"""``codesign plugin run``: the commands plugins bring on their cards."""

from __future__ import annotations

import click

from codesign.cli.output import app_context
from codesign.kernel.errors import NotFound
from codesign.kernel.text import _


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("name")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(name: str, arguments: tuple[str, ...]) -> None:
    """Run a command of the plugin NAME; without one, list them."""
    from codesign.hooks.host import host_of

    with app_context() as app:
        host = host_of(app)
        if name not in host.plugins:
            raise NotFound(_("There is no plugin called %(name)s.", name=name))
        group = click.Group(name, commands={str(each.name): each for each in host.card(name).commands})
        group.main(list(arguments) or ["--help"], prog_name=f"codesign plugin run {name}", standalone_mode=False)
