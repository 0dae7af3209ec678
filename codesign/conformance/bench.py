"""A server of its own for one plugin: a fresh database, people, a space in which something has happened."""

from __future__ import annotations

import functools
import itertools
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Table, inspect

from codesign.accounts import service as accounts
from codesign.accounts.facts import PersonFact
from codesign.app import create_app
from codesign.comments.service import add_comment
from codesign.conformance.candidate import Candidate
from codesign.conformance.finding import Broken
from codesign.conformance.work import Plugins
from codesign.events.base import SERVER
from codesign.hooks.card import Plugin
from codesign.hooks.discovery import Loaded
from codesign.hooks.tables import version_table
from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import get_idea
from codesign.ideas.service import submit_idea, withdraw_idea
from codesign.kernel import config, db, schema
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.db import Base
from codesign.merging.service import merge_idea
from codesign.spaces.facts import SpaceFact
from codesign.spaces.service.life import create_space
from codesign.voting.service import cast_vote

_numbers = itertools.count(1)
#: One machine plays a crowd.
_GENEROUS = {"requests_per_minute": 100_000, "texts_per_minute": 100_000, "votes_per_minute": 100_000}


@functools.cache
def _template() -> Path:
    """A SQLite file with the tables of core, made once per process."""
    file = _folder() / "template.db"
    app = create_app(_settings(f"sqlite:///{file}", plugins="none"))
    assert app
    schema.upgrade(db.current())
    db.current().dispose()
    return file


@functools.cache
def _keeper() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="codesign-conformance-")


def _folder() -> Path:
    return Path(_keeper().name)


def _settings(url: str, **values: Any) -> Any:
    return config.load({}, instance=str(_folder() / "instance"), database_url=url, **_GENEROUS, **values)


@contextmanager
def database_left_alone() -> Iterator[None]:
    """Give verbs and reads back to the database they worked on before."""
    before = db._current
    try:
        yield
    finally:
        db.use(before)


@dataclass(frozen=True)
class World:
    """Who and what there is on a bench: a public space and a private one, each with ideas; an owner, two members."""

    owner: PersonFact
    ann: PersonFact
    space: SpaceFact
    secret: SpaceFact
    ideas: dict[str, IdeaFact]
    tokens: dict[str, str]

    @property
    def idea(self) -> IdeaFact:
        return self.ideas[self.space.id]


class Bench:
    """An app with one plugin and nothing else, on a database of its own."""

    def __init__(self, candidate: Candidate, url: str = "") -> None:
        if not url:
            file = _folder() / f"bench-{next(_numbers)}.db"
            shutil.copy(_template(), file)
            url = f"sqlite:///{file}"
        self.name = candidate.name
        self.app: Flask = create_app(_settings(url, **candidate.settings))
        self.app.testing = True
        self.database = db.current()
        if schema.state(self.database) != "current":
            schema.upgrade(self.database)
        self.plugins = Plugins(self.app)
        self.host = self.plugins.host
        #: The tables that are not the plugin's, and the one that says how far its own are.
        self.before = {name for name in self.table_names() if not name.startswith(f"{self.name}_")}
        self.before.add(version_table(self.name))

    @property
    def loaded(self) -> Loaded:
        """The plugin; Broken with the reasons when it was refused."""
        found = self.host.plugins.get(self.name)
        if found is None:
            reasons = [refused.reason for refused in self.host.refused] or ["no plugin of that name was found"]
            raise Broken("; ".join(reasons))
        return found

    @property
    def card(self) -> Plugin:
        return self.loaded.card

    @property
    def where(self) -> str:
        """What its card is switched in: the space of the world, or the server."""
        return SERVER if self.card.scope == "server" else self.world.space.id

    # --- tables

    def table_names(self) -> set[str]:
        """The tables that are in the database now."""
        with self.database.offline.connect() as connection:
            return set(inspect(connection).get_table_names())

    def own_tables(self) -> list[Table]:
        """The tables that the plugin's modules declare."""
        roots = {key for key, module in _modules() if getattr(module, "plugin", None) is self.card}
        packages = tuple(root + "." for root in roots)
        mappers = [m for m in Base.registry.mappers if f"{m.class_.__module__}.".startswith(packages)] if roots else []
        tables = {m.local_table.key: m.local_table for m in mappers if isinstance(m.local_table, Table)}
        mapped = {getattr(m.local_table, "key", "") for m in Base.registry.mappers}
        loose = {
            key: table
            for key, table in Base.metadata.tables.items()
            if key.startswith(f"{self.name}_") and key not in mapped
        }
        return [table for _key, table in sorted({**tables, **loose}.items())]

    def make_tables(self) -> None:
        """The plugin's tables, by its migrations; what those leave out straight from the models, so that the rest can be
        tried."""
        self.host.upgrade_tables()
        missing = [table for table in self.own_tables() if table.name not in self.table_names()]
        Base.metadata.create_all(self.database.offline, missing)
        self.host.waiting.clear()

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """What is in the plugin's tables, in no order; numbers that a table counts up by itself left out."""
        found: dict[str, list[tuple[Any, ...]]] = {}
        with self.database.offline.connect() as connection:
            for table in self.own_tables():
                counted = table.autoincrement_column
                columns = [column for column in table.columns if column is not counted]
                found[table.name] = sorted((tuple(row) for row in connection.execute(table.select().with_only_columns(
                    *columns))), key=repr) if columns else []  # fmt: skip
        return found

    # --- the world

    @functools.cached_property
    def world(self) -> World:
        """People, spaces and a little history; made on first use, before the plugin is switched on."""
        owner = _person("Olga", is_admin=True)
        ann = _person("Ann")
        space = create_space(SYSTEM, owner_id=owner.id, name=f"Bench {next(_numbers)}", kind="updown")
        secret = create_space(SYSTEM, owner_id=owner.id, name=f"Secret {next(_numbers)}", visibility="private")
        ideas = {space.id: _history(space, owner, ann), secret.id: _idea(owner, secret, "Known to few")}
        tokens = {"owner": _token(owner), "ann": _token(ann), "nobody": ""}
        return World(owner, ann, space, secret, ideas, tokens)

    def actor(self, who: str) -> Actor:
        """The actor behind ``owner``, ``ann`` (a person without a role) or ``nobody``."""
        return actor_of({"owner": self.world.owner, "ann": self.world.ann}.get(who))

    def idea(self, space: SpaceFact) -> IdeaFact:
        """An idea of a space, as it is now."""
        return get_idea(SYSTEM, self.world.ideas[space.id].id)

    def switch(self, on: bool, space: SpaceFact | None = None) -> None:
        """Switch the plugin on or off, in the public space if no other is named."""
        where = SERVER if self.card.scope == "server" else (space or self.world.space).id
        self.plugins.enable(self.name, where, on)

    def settled(self) -> None:
        """Switched on, and told everything there is to tell."""
        self.switch(True)
        self.plugins.work()

    def request(self, who: str, method: str, address: str) -> Any:
        """One request with the token of somebody, or without any."""
        token = self.world.tokens[who]
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.app.test_client().open(address, method=method, headers=headers)

    def address(self, base: str, rule: str, space: SpaceFact) -> str:
        """The address of a route in *space*, with something plausible where the rule captures."""
        idea = self.idea(space)

        def fill(found: re.Match[str]) -> str:
            kind, name = found[1] or "", found[2]
            if kind.startswith(("int", "float")):
                return "1"
            return idea.id if "idea" in name else self.world.ann.id if "person" in name else "x"

        return base.replace("<space>", space.slug) + re.sub(r"<(?:([^:<>]+):)?([^<>]+)>", fill, rule)


def _modules() -> list[tuple[str, Any]]:
    import sys

    return list(sys.modules.items())


def actor_of(person: PersonFact | None) -> Actor:
    """The actor that *person* is when signed in; nobody without one."""
    return Actor(person_id=person.id, is_admin=person.is_admin, guest=person.guest) if person else Actor()


def _person(name: str, **values: Any) -> PersonFact:
    return accounts.create_person(SYSTEM, name=name, email=f"{name.lower()}-{next(_numbers)}@example.org", **values)


def _token(person: PersonFact) -> str:
    _fact, secret = accounts.make_token(actor_of(person), person.id, "conformance", ("all",))
    return str(secret)


def _idea(author: PersonFact, space: SpaceFact, title: str) -> IdeaFact:
    text = "It is dark in winter, and the **lamp** goes out at every light. See https://example.org"
    return submit_idea(actor_of(author), space.id, title, text, tags=["light"])


def _history(space: SpaceFact, owner: PersonFact, ann: PersonFact) -> IdeaFact:
    """Ideas, votes, comments, a merge and a withdrawal, most of them by Ann; the idea that is left is answered."""
    idea, twin, gone = (_idea(ann, space, title) for title in ("A belt drive", "A drive with a belt", "Never mind"))
    for person in (owner, ann):
        for each in (idea, twin):
            cast_vote(actor_of(person), each.id, 1)
    add_comment(actor_of(ann), idea.id, "Quiet, and no oil on my trousers.")
    add_comment(actor_of(owner), idea.id, "How long does it last?")
    merge_idea(actor_of(owner), twin.id, idea.id)
    withdraw_idea(actor_of(ann), gone.id)
    return idea


def quietly(act: Callable[[], Any]) -> str:
    """Do something and say what went wrong, in one line; nothing if all went well."""
    try:
        act()
    except Exception as error:
        return " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return ""
