"""``codesign plugin``: what is plugged in."""

from __future__ import annotations

import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from codesign.cli.output import app_context, put_json
from codesign.cli.plugin_care import purge, replay, rest, resume
from codesign.cli.plugin_check import check
from codesign.cli.plugin_run import run

_MILLISECONDS = 1000


@click.group("plugin")
def plugin() -> None:
    """Plugins: list them, switch them, write one, see what they can answer."""


for _command in (check, rest, resume, replay, purge):
    plugin.add_command(_command)
plugin.add_command(run)


@plugin.command("list")
@click.option("--space", help="Show how they stand in this space (slug or id).")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def list_(space: str | None, as_json: bool) -> None:
    """The plugins found, their state, and why one was refused."""
    from codesign.hooks import host, overview

    with app_context() as app:
        found = overview.list_plugins(host.host_of(app), _space_id(space) if space else "server")
    if as_json:
        put_json([asdict(fact) for fact in found])
        return
    table = Table("Plugin", "Version", "State", "Spaces", "What it brings, or why not", box=None, header_style="bold")
    for fact in found:
        brings = fact.reason or ", ".join(fact.rules) or fact.description
        table.add_row(fact.name, fact.version, fact.state, str(fact.spaces), brings)
    Console(width=None if sys.stdout.isatty() else 160).print(table)


@plugin.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def hooks(as_json: bool) -> None:
    """Every moment a plugin can answer, with its arguments, budget and what happens when it fails."""
    from codesign.hooks import overview

    found = overview.hooks()
    if as_json:
        put_json([{"name": h.name, "signature": h.signature, "doc": h.doc, **asdict(h.style)} for h in found])
        return
    for hook in found:
        style = hook.style
        click.secho(hook.signature, bold=True)
        click.echo(
            f"  {style.asks}, in the {style.where}, {style.budget * _MILLISECONDS:g} ms; else: {style.otherwise}"
        )
        click.echo("".join(f"  {line}\n" if line else "\n" for line in hook.doc.splitlines()))


@plugin.command()
@click.argument("name")
@click.option("--in", "folder", type=click.Path(file_okay=False, path_type=Path), help="Where (default: ./plugins).")
@click.option(
    "--package", type=click.Path(file_okay=False, path_type=Path), help="A project of its own, to install with pip."
)
@click.option("--table", is_flag=True, help="With a table of its own, its migration, and what fills it from the log.")
def new(name: str, folder: Path | None, package: Path | None, table: bool) -> None:
    """Write a new plugin with a card, a rule, a hook, a setting, a slot and tests that pass."""
    from codesign.hooks import discovery, scaffold
    from codesign.kernel import config

    base = folder or Path("plugins")
    taken = {found.name for found in discovery.everywhere(config.load().plugin_folders)}
    write = partial(scaffold.write_package, name, package) if package else partial(scaffold.write_plugin, name, base)
    for file in write(with_table=table, taken=taken):
        click.echo(f"  {file}")
    click.echo(f"Its tests pass: pytest {package or base / name}")
    if table:
        click.echo("Its table is made by `codesign db upgrade`; until then the plugin waits.")
    if package:
        click.echo(f"Codesign finds it once it is installed: pip install {package}")
    elif folder:
        click.echo(f"Codesign finds it with CODESIGN_PLUGIN_FOLDERS={base.resolve()}")


@plugin.command()
@click.argument("name")
@click.option("--space", required=True, help="Slug or id of the space; 'server' for plugins of the whole server.")
def enable(name: str, space: str) -> None:
    """Switch a plugin on in a space. Nothing restarts."""
    _switch(name, space, True)


@plugin.command()
@click.argument("name")
@click.option("--space", required=True, help="Slug or id of the space; 'server' for plugins of the whole server.")
def disable(name: str, space: str) -> None:
    """Switch a plugin off in a space; its data stays."""
    _switch(name, space, False)


def _switch(name: str, space: str, on: bool) -> None:
    from codesign.hooks import host, service
    from codesign.kernel.actor import SYSTEM

    with app_context() as app:
        changed = service.switch_plugin(SYSTEM, host.host_of(app), _space_id(space), name, on)
    state = "on" if on else "off"
    click.echo(f"{name} is {state} in {space}." if changed else f"{name} was {state} in {space} already.")


def _space_id(reference: str) -> str:
    """The id behind a slug or id."""
    from codesign.events.base import SERVER
    from codesign.kernel.actor import SYSTEM
    from codesign.spaces.access import access

    return SERVER if reference == SERVER else access(SYSTEM, reference).space.id
