"""The pytest plugin for us and for authors of plugins: an app on a fresh database, a clock to turn, people to be.

Installed with Codesign (entry point ``pytest11``). A checkout's own tests replace ``database`` by one that runs each
test on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import itertools
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from codesign.conformance.work import Plugins

if TYPE_CHECKING:  # the imports of the product wait until a test asks: pytest starts with this plugin wherever we live
    from flask import Flask
    from flask.testing import FlaskClient

    from codesign.accounts.facts import PersonFact
    from codesign.conformance.finding import Finding
    from codesign.ideas.facts import IdeaFact
    from codesign.kernel.actor import Actor
    from codesign.spaces.facts import SpaceFact

_numbers = itertools.count(1)


_CARD = re.compile(r"^plugin\b.*= *(?:sdk\.)?Plugin\(\s*name=\"(\w+)\"", re.MULTILINE)


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """A plugin whose tests are named on the command line is loaded before pytest reads the conftest beside them."""
    for name in early_config.known_args_namespace.file_or_dir:
        path = Path(name.partition("::")[0]).absolute()
        for folder in (path, *path.parents):
            if _is_plugin(folder):
                _load_once(folder, early_config.rootpath)


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A plugin's folder is loaded by the host alone; pytest would load it again, and make its tables twice.

    Tests of a plugin import their parts as ``from codesign_plugins.scoring import rules``.
    """
    if not _is_plugin(path):
        return None
    _load_once(path, parent.config.rootpath)
    collected: pytest.Collector = pytest.Dir.from_parent(parent, path=path)
    return collected


def _is_plugin(path: Path) -> bool:
    card = path / "__init__.py"
    named = _CARD.search(card.read_text(encoding="utf-8")) if card.exists() else None
    return named is not None and named[1] == path.name


def _load_once(path: Path, root: Path) -> None:
    from codesign.hooks import discovery

    parts = path.relative_to(root).parts if path.is_relative_to(root) else (path.name,)
    for depth in range(len(parts)):  # pytest names modules by their place below its root
        name = ".".join(parts[: depth + 1])
        place = path.parents[len(parts) - depth - 2] if depth + 1 < len(parts) else path
        if name not in sys.modules:
            sys.modules[name] = ModuleType(name)
            sys.modules[name].__path__ = [str(place)]
    discovery.load_folder(path)


@dataclass(frozen=True)
class Database:
    """One empty database with all tables. ``url`` is what CODESIGN_DATABASE_URL takes."""

    kind: str
    url: str


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **duration: float) -> datetime:
        """Move on: ``clock.advance(hours=1)``."""
        self.moment += timedelta(**duration)
        return self.moment

    def set(self, moment: datetime) -> None:
        """Jump to a moment."""
        self.moment = moment


class Statements(list[str]):
    """The SQL statements that ran in a ``with count_queries()`` block."""

    def __str__(self) -> str:
        return f"{len(self)} statements:\n" + "\n".join(self)


def settings_for(database: Database, instance: Path, **values: Any) -> Any:
    """Settings that no environment leaks into."""
    from codesign.kernel import config

    return config.load({}, instance=str(instance), database_url=database.url, **values)


def build_tables(database: Database, instance: Path) -> None:
    """What ``codesign db upgrade`` does: the tables of core, then of each plugin."""
    from codesign.app import create_app
    from codesign.hooks.host import host_of
    from codesign.kernel import db, schema

    app = create_app(settings_for(database, instance))
    schema.upgrade(db.current())
    host_of(app).upgrade_tables()
    db.current().dispose()
    db.use(None)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and no rows."""
    folder = tmp_path_factory.mktemp("sqlite-template")
    file = folder / "template.db"
    build_tables(Database("sqlite", f"sqlite:///{file}"), folder)
    return file


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Database:
    """An empty SQLite database."""
    file = tmp_path / f"codesign-{next(_numbers)}.db"
    shutil.copy(sqlite_template, file)
    return Database("sqlite", f"sqlite:///{file}")


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """An empty database with all tables."""
    return sqlite_database


@pytest.fixture
def make_app(database: Database, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Make the app with settings of your own: ``make_app(demo=True)``. The last one made is the one verbs work on."""
    from flask import Flask

    from codesign.app import create_app
    from codesign.conformance.compiled import TEMPLATES, KnownMap, compile_statements_once, reasons_once
    from codesign.hooks import checks
    from codesign.kernel import db

    def make(**values: Any) -> Flask:
        with patch.object(Flask, "url_map_class", KnownMap), patch.object(checks, "reasons", reasons_once):
            app = create_app(settings_for(database, tmp_path / "instance", **values))
        app.testing = True
        app.jinja_env.bytecode_cache = TEMPLATES
        compile_statements_once(db.current())
        made.append(db.current())
        return app

    made: list[Any] = []
    yield make
    for each in made:
        each.dispose()
    db.use(None)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The app on this test's database; verbs and queries of rooms may be called while it exists."""
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """An HTTP client without cookies or token."""
    return app.test_client()


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Stop the house's clock at Monday, 2 March 2026, 9:00 UTC; ``clock.advance(minutes=5)`` moves it."""
    from codesign.kernel import clock as kernel_clock

    stopped = Clock()
    kernel_clock.use(stopped)
    yield stopped
    kernel_clock.use(None)


@pytest.fixture
def count_queries() -> Callable[[], AbstractContextManager[Statements]]:
    """Collect SQL: ``with count_queries() as statements: …`` then ``assert len(statements) <= 3, statements``."""
    from sqlalchemy import Engine, event

    @contextmanager
    def counting() -> Iterator[Statements]:
        statements = Statements()

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
                statements.append(" ".join(statement.split()))

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return counting


# --- Things to test with ----------------------------------------------------------------------------------------------


def actor_of(person: PersonFact) -> Actor:
    """The actor that *person* is when signed in."""
    from codesign.kernel.actor import Actor

    return Actor(person_id=person.id, is_admin=person.is_admin, guest=person.guest)


@pytest.fixture
def make_person(app: Flask) -> Callable[..., PersonFact]:
    """A registered person: ``make_person("Ann", is_admin=True)``; ``make_person(guest=True)`` gives a guest."""
    from codesign.accounts import service
    from codesign.kernel.actor import SYSTEM

    def make(name: str = "", *, guest: bool = False, **values: Any) -> PersonFact:
        if guest:
            return service.make_guest()
        number = next(_numbers)
        chosen = {"name": name or f"Person {number}", "email": f"person-{number}@example.org"} | values
        return service.create_person(SYSTEM, **chosen)

    return make


@pytest.fixture
def make_token(app: Flask) -> Callable[..., str]:
    """A bearer token of a person: ``make_token(person)``, or with fewer scopes: ``make_token(person, "read")``."""
    from codesign.accounts import service

    def make(person: PersonFact, *scopes: str) -> str:
        _fact, secret = service.make_token(actor_of(person), person.id, "tests", scopes or ("all",))
        return secret

    return make


@pytest.fixture
def make_space(app: Flask) -> Callable[..., SpaceFact]:
    """A space: ``make_space(kind="updown", results="after_vote")``; without ``owner`` only administrators own it."""
    from codesign.kernel.actor import SYSTEM
    from codesign.spaces import service

    def make(*, owner: PersonFact | None = None, template: str = "blank", **fields: Any) -> SpaceFact:
        number = next(_numbers)
        chosen = {"name": f"Space {number}", "slug": f"space-{number}"} | fields
        return service.create_space(SYSTEM, template, owner_id=owner.id if owner else None, **chosen)

    return make


@pytest.fixture
def make_idea(app: Flask) -> Callable[..., IdeaFact]:
    """A published idea in a space: ``make_idea(space)``, by a person: ``make_idea(space, author=person)``."""
    from codesign.ideas import service
    from codesign.kernel.actor import SYSTEM

    def make(space: SpaceFact, title: str = "", *, author: PersonFact | None = None, **values: Any) -> IdeaFact:
        actor = actor_of(author) if author else SYSTEM
        return service.submit_idea(actor, space.id, title or f"Idea number {next(_numbers)}", **values)

    return make


@pytest.fixture
def cast_votes(make_person: Callable[..., PersonFact]) -> Callable[..., None]:
    """Let guests vote on an idea: ``cast_votes(idea, 8, 2)`` is eight for it and two against."""
    from codesign.voting.service import cast_vote

    def cast(idea: IdeaFact, up: int = 0, down: int = 0) -> None:
        for value in [1] * up + [-1] * down:
            cast_vote(actor_of(make_person(guest=True)), idea.id, value)

    return cast


# --- For the tests of plugins -----------------------------------------------------------------------------------------


def load_plugin(folder: Path) -> Any:
    """Import the plugin in *folder* as the host does; returns its module (``.plugin`` is the card)."""
    from codesign.hooks.discovery import load_folder

    return load_folder(folder)


def check_plugin(folder: Path, database: Database | None = None) -> list[Finding]:
    """Run the conformance kit on the plugin in *folder*; answers what failed, nothing if all is well.

    ``def test_it_conforms(): assert check_plugin(FOLDER) == []``. It runs on SQLite, or on an empty *database*.
    """
    from codesign.conformance.kit import check_plugin as check

    return [finding for finding in check(folder, database.url if database else "") if finding.failed]


def only_plugin(folder: Path) -> dict[str, str]:
    """Settings of an app with this plugin alone, a folder or a project: ``make_app(**only_plugin(FOLDER))``."""
    from codesign.conformance.candidate import find

    return find(folder).settings


@pytest.fixture
def plugins(app: Flask) -> Plugins:
    """The plugins of this test's app: ``plugins.enable("scoring", space)``, ``plugins.work()``, ``plugins.host``."""
    return Plugins(app)
