"""``codesign space``: list the spaces of this server, make one."""

from __future__ import annotations

from typing import Any

import click

from codesign.accounts.queries import find_by_email
from codesign.cli.output import app_context, put_json
from codesign.events.log import head
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.errors import NotFound
from codesign.kernel.text import _
from codesign.spaces import queries, service
from codesign.spaces.facts import RESULTS, VISIBILITIES, SpaceFact
from codesign.spaces.rules import KINDS
from codesign.spaces.schemas import space_json
from codesign.spaces.seeds import TEMPLATES


@click.group()
def space() -> None:
    """Spaces of this server."""


def _json(fact: SpaceFact) -> dict[str, Any]:
    with db.read():
        shown = space_json(fact, "owner", queries.list_statuses(fact.id), head(fact.id))
    return {**shown, "state": fact.state}


@space.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_spaces(as_json: bool) -> None:
    """List every space, hidden ones too."""
    with app_context():
        with db.read():
            found = queries.all_spaces()
            members = queries.count_members([fact.id for fact in found])
        shown = [{**_json(fact), "members": members.get(fact.id, 0)} for fact in found] if as_json else []
    if as_json:
        put_json(shown)
        return
    for fact in found:
        words = f"{fact.visibility}, {fact.phase}, members: {members.get(fact.id, 0)}, voters: {fact.ballot.voters}"
        click.echo(f"{fact.slug:<32} {fact.name}  ({words}{'' if fact.state == 'open' else ', ' + fact.state})")
    if not found:
        click.echo("There is no space yet. Make one: codesign space create --name NAME --owner EMAIL")


@space.command()
@click.option("--name", required=True, help="What it is called.")
@click.option("--slug", default=None, help="End of its web address; made of the name when left out.")
@click.option(
    "--template", default="blank", show_default=True, type=click.Choice(list(TEMPLATES)), help="What to start from."
)
@click.option("--owner", default=None, help="E-mail of the person who owns it; without one only administrators do.")
@click.option("--visibility", default=None, type=click.Choice(list(VISIBILITIES)), help="Who finds and reads it.")
@click.option("--kind", default=None, type=click.Choice(list(KINDS)), help="Kind of ballot.")
@click.option("--results", default=None, type=click.Choice(list(RESULTS)), help="When counts show.")
@click.option("--purpose", default=None, help="Why you ask, in two sentences.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create(name: str, slug: str | None, template: str, owner: str | None, as_json: bool, **fields: str | None) -> None:
    """Make a space from a template."""
    chosen = {field: value for field, value in fields.items() if value is not None}
    with app_context():
        fact = service.create_space(SYSTEM, template, name=name, slug=slug, owner_id=_owner(owner), **chosen)
        shown = _json(fact)
    if as_json:
        put_json(shown)
    else:
        click.echo(f"{fact.name} is ready at /spaces/{fact.slug}")


def _owner(email: str | None) -> str | None:
    if email is None:
        return None
    person = find_by_email(email)
    if person is None:
        raise NotFound(_("Nobody has the address %(email)s. Make them first: codesign user create", email=email))
    return person.id
