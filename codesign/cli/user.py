"""``codesign user``: people, links to sign in, tokens. All of it works without a terminal."""

from __future__ import annotations

import dataclasses
import getpass
import sys
from typing import Any

import click

from codesign.accounts import queries, service
from codesign.accounts.facts import PersonFact
from codesign.accounts.links import link_path
from codesign.accounts.passwords import check_password, hash_password
from codesign.cli.output import app_context, put_json
from codesign.kernel import clock
from codesign.kernel.actor import SCOPES, SYSTEM
from codesign.kernel.errors import Invalid, NotFound
from codesign.kernel.text import _
from codesign.notifications.letters import base_address


@click.group()
def user() -> None:
    """People of this server."""


@user.command()
@click.option("--email", required=True, help="Address to sign in with.")
@click.option("--name", default="", help="What others read; the part before the @ when left out.")
@click.option("--admin", is_flag=True, help="Make them a server administrator.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--password-prompt", is_flag=True, help="Ask for the password on the terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create(email: str, name: str, admin: bool, password_stdin: bool, password_prompt: bool, as_json: bool) -> None:
    """Make an account. Without a password, `codesign user link EMAIL` lets them in."""
    with app_context():
        name = name or email.partition("@")[0]
        hashed = _hashed(_read_password(password_stdin, password_prompt), email, name)
        person = service.create_person(SYSTEM, name=name, email=email, password_hash=hashed, is_admin=admin)
    _put(person, as_json, f"{person.name} <{person.email}> may sign in." if hashed else _way_in(person))


def _read_password(from_stdin: bool, from_terminal: bool) -> str | None:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if from_terminal:
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            raise Invalid(_("The two were not the same."))
        return password
    return None


def _hashed(password: str | None, *known: str) -> str | None:
    if password is None:
        return None
    check_password(password, *known)
    return hash_password(password)


def _way_in(person: PersonFact) -> str:
    return f"{person.name} has no password yet. Let them in with: codesign user link {person.email}"


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(as_json: bool) -> None:
    """Everybody who can sign in."""
    with app_context():
        people = queries.list_people()
    if as_json:
        put_json([_json(person) for person in people])
        return
    for person in people:
        marks = [word for word, true in (("administrator", person.is_admin), ("banned", person.banned)) if true]
        click.echo(f"{person.id}  {person.email}  {person.name}{'  (' + ', '.join(marks) + ')' if marks else ''}")


@user.command()
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def link(email: str, as_json: bool) -> None:
    """Make a link that signs somebody in, once, within an hour."""
    with app_context() as app:
        person = _find(email)
        address = base_address(app.extensions["codesign"]) + link_path("signin", service.make_link(person.id, "signin"))
    if as_json:
        put_json({"url": address, "person_id": person.id})
    else:
        click.echo(address)


@user.command()
@click.option("--email", required=True, help="Whose token it is.")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice([*SCOPES, "all"]), help="May repeat."
)
@click.option("--name", default="command line", show_default=True, help="Which program it is for.")
@click.option("--days", type=int, help="Let it end after so many days.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def token(email: str, scopes: tuple[str, ...], name: str, days: int | None, as_json: bool) -> None:
    """Make a token for a program. It is shown this once."""
    with app_context():
        fact, secret = service.make_token(SYSTEM, _find(email).id, name, scopes, days)
    if as_json:
        ends = clock.rfc3339(fact.expires_at) if fact.expires_at else None
        put_json({"token": secret, "id": fact.id, "scopes": list(fact.scopes), "expires_at": ends})
    else:
        click.echo(secret)


@user.command()
@click.argument("email")
def ban(email: str) -> None:
    """Keep somebody out of the whole server."""
    with app_context():
        service.ban(SYSTEM, _find(email).id)
    click.echo(f"{email} may not enter any more. Lift it with: codesign user unban {email}")


@user.command()
@click.argument("email")
def unban(email: str) -> None:
    """Let somebody in again."""
    with app_context():
        service.unban(SYSTEM, _find(email).id)
    click.echo(f"{email} may enter again.")


def _find(email: str) -> PersonFact:
    person = queries.find_by_email(email)
    if person is None:
        raise NotFound(_("Nobody here has the address %(email)s.", email=email))
    return person


def _json(person: PersonFact) -> dict[str, Any]:
    kept = ("id", "name", "email", "external_id", "is_admin", "guest", "banned", "has_password", "created_at")
    values = {name: value for name, value in dataclasses.asdict(person).items() if name in kept}
    return values | {"created_at": clock.rfc3339(person.created_at)}


def _put(person: PersonFact, as_json: bool, sentence: str) -> None:
    if as_json:
        put_json(_json(person))
    else:
        click.echo(sentence)
