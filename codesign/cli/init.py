"""``codesign init``: an instance that can be served."""

from __future__ import annotations

import click

from codesign.cli.output import app_context


@click.command()
@click.option("--demo", is_flag=True, help="Fill it with the demo: an e-bike maker, its people, ideas and votes.")
def init(demo: bool) -> None:
    """Make the instance folder, the secret key and the tables."""
    with app_context() as app:
        settings = app.extensions["codesign"]
        click.echo(f"Instance: {settings.instance_folder}")
        if demo:
            _build_demo(app)
        click.echo("Ready. Start it with: codesign serve")


def _build_demo(app: object) -> None:
    from codesign.cli.progress import bar
    from codesign.exchange.demo.build import build, is_built
    from codesign.exchange.demo.content import load_content
    from codesign.exchange.demo.showing import show_plugins
    from codesign.hooks.host import host_of

    if is_built():
        click.echo("The demo is here already; nothing was changed.")
        return
    with bar("Building the demo") as advance:
        build(advance, host_of(app))
    show_plugins(host_of(app), [space.slug for space in load_content().spaces])
