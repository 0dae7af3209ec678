"""One set of promises for every engine: FTS5, PostgreSQL and Whoosh's files find, narrow and count the same."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from codesign_plugins.search import engines, index, queries, search
from codesign_plugins.search.engines.base import Limit, Row, Term, Wish
from codesign_plugins.search.engines.whoosh_files import WhooshFiles
from codesign_plugins.search.meaning import Reader
from codesign_plugins.search.queries import All, Not, Some
from sqlalchemy import text

from codesign import sdk
from codesign.testing import Database, Plugins

pytestmark = pytest.mark.on_both

NOBODY = sdk.Actor()
TEXTS = {
    "lamp": ("A bright lamp", "The lamp lights the road at night.", ["light"]),
    "bell": ("A louder bell", "Nobody hears the bell on a busy road.", ["sound"]),
    "seat": ("Heated seat", "A warm seat, bright colours, no bell.", ["comfort", "light"]),
    "haus": ("Überdachte Fahrradhäuser", "Die Häuser sind für alle Räder da und nicht zu klein.", []),
    "suche": ("検索機能を改善", "検索がとても遅いです。もっと速くしてほしい。", []),
}


@pytest.fixture(params=["fts5", "postgresql", "whoosh"])
def database(request: pytest.FixtureRequest, sqlite_database: Database) -> Database:
    """The database an engine works in; Whoosh's files lie beside SQLite."""
    if request.param == "postgresql":
        chosen: Database = request.getfixturevalue("postgres_database")
        return chosen
    return sqlite_database


@pytest.fixture
def engine(request: pytest.FixtureRequest, app: Any, tmp_path: Path) -> Iterator[str]:
    """The engine's name; it is the one in use."""
    name = request.node.callspec.params["database"]
    engines.use(WhooshFiles(tmp_path / "files") if name == "whoosh" else None)
    yield name
    engines.use(None)


@pytest.fixture
def space(engine: str, plugins: Plugins, make_space: Any, make_idea: Any, make_person: Any) -> Any:
    """A space with a few texts in its index, and another one that looks the same."""
    ann = make_person("Ann")
    found = []
    for _number in range(2):
        here = make_space()
        for title, body, tags in TEXTS.values():
            make_idea(here, title, author=ann, body=body, tags=tags)
        plugins.enable("search", here)
        found.append(here)
    plugins.work()
    with sdk.read():
        assert engines.engine().name == engine
    return found[0]


def names(space: Any, wish: Wish) -> list[str]:
    """What an engine finds, by the keys of ``TEXTS``."""
    with sdk.read():
        found = engines.engine().find(wish)
        ideas = {idea.id: idea.title for idea in sdk.idea_texts(space.id)}
    keys = {title: key for key, (title, _body, _tags) in TEXTS.items()}
    return [keys[ideas[match.id]] for match in found]


def asks(space: Any, query: str) -> list[str]:
    with sdk.read():
        meaning = Reader((space.id,)).read(queries.parse(query))
    return names(space, Wish((space.id,), meaning.node))


def test_every_engine_finds_the_same(space: Any, engine: str) -> None:
    """The same ids in the same order, filters, permissions, counts, languages: one round for each engine."""
    found = {query: asks(space, query) for query in (
        "bright", "bell", "title:bell", '"busy road"', '"road busy"', "road -bell", "lamp OR seat", "colour", "Haus",
        "検索", "ligh*", "unicorn",
    )}  # fmt: skip
    assert found == {
        "bright": ["lamp", "seat"], "bell": ["bell", "seat"], "title:bell": ["bell"], '"busy road"': ["bell"],
        '"road busy"': [], "road -bell": ["lamp"], "lamp OR seat": found["lamp OR seat"], "colour": ["seat"],
        "Haus": ["haus"], "検索": ["suche"], "ligh*": ["lamp"], "unicorn": [],
    }  # fmt: skip
    assert sorted(found["lamp OR seat"]) == ["lamp", "seat"]
    here = (space.id,)
    bright = Term(("bright",))
    assert names(space, Wish(here, bright, (Limit("tag", ("comfort",)),))) == ["seat"]
    assert names(space, Wish(here, bright, (Limit("tag", ("comfort",), True),))) == ["lamp"]
    assert names(space, Wish(here, bright, (Limit("status", ()),))) == []
    assert names(space, Wish(here, bright, since=sdk.now())) == []
    assert names(space, Wish((), bright)) == []
    assert sorted(names(space, Wish(here, Not(bright)))) == ["bell", "haus", "suche"]
    both = All((Some((bright, Term(("bell",)))), Not(Row((("busi", "road"),)))))
    assert sorted(names(space, Wish(here, both))) == ["lamp", "seat"]
    with sdk.read():
        counted = engines.engine().count(Wish(here, Some((bright, Term(("bell",))))))
    assert (counted["all"], counted["tag"]) == ({"": 3}, {"light": 2, "comfort": 1, "sound": 1})
    assert list(counted["author"].values()) == [3] and sum(counted["status"].values()) == 3


def test_what_is_committed_is_found_and_what_went_is_not(
    space: Any, engine: str, plugins: Plugins, make_idea: Any
) -> None:
    idea = make_idea(space, "A purple umbrella")
    assert search.search([space], NOBODY, "umbrella").total == 0  # type: ignore[union-attr]
    plugins.work()
    assert search.search([space], NOBODY, "umbrella").total == 1  # type: ignore[union-attr]
    forget(space.id, idea.id)
    assert search.search([space], NOBODY, "umbrella").total == 0  # type: ignore[union-attr]


@sdk.verb
def forget(space_id: str, idea_id: str) -> None:
    index.write(space_id, [], [idea_id])


def test_many_who_write_and_read_at_once_lose_nothing(space: Any, engine: str, make_idea: Any) -> None:
    ideas = [make_idea(space, f"Wheel called w{number}x") for number in range(12)]
    errors: list[BaseException] = []

    def work(mine: list[Any]) -> None:
        try:
            for idea in mine:
                renew(space.id, idea.id)
                search.search([space], NOBODY, "wheel")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(ideas[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with sdk.read() as session:
        assert session.scalar(text("SELECT documents FROM search_word WHERE word = 'wheel'")) == 12
        counted = engines.engine().count(Wish((space.id,), Term(("wheel",))))
    assert counted["all"][""] == 12


@sdk.verb
def renew(space_id: str, idea_id: str) -> None:
    index.renew_ideas(space_id, [idea_id], "en")


WRITER = """
import sys
from pathlib import Path
from codesign.app import create_app
from codesign.testing import Database, settings_for
create_app(settings_for(Database("any", sys.argv[1]), Path(sys.argv[2])))
from codesign_plugins.search import engines, index
from codesign_plugins.search.engines.base import Term, Wish
from codesign_plugins.search.engines.whoosh_files import WhooshFiles
from codesign import sdk
if sys.argv[3]:
    engines.use(WhooshFiles(Path(sys.argv[3])))
wheels = Wish((sys.argv[4],), Term(("wheel",)))
while True:
    for idea in sdk.idea_texts(sys.argv[4]):
        sdk.verb(index.renew_ideas)(sys.argv[4], [idea.id], "en")
        with sdk.read():
            engines.engine().find(wheels)
        print(idea.id, flush=True)
"""


@pytest.mark.full
def test_a_writer_killed_in_the_middle_loses_nothing(
    space: Any, engine: str, database: Database, tmp_path: Path, make_idea: Any
) -> None:
    """SIGKILL while it writes: what was acknowledged is found, and the next one goes on as if nothing had been."""
    ideas = {make_idea(space, f"Wheel called w{number}x").id for number in range(4)}
    files = str(tmp_path / "files") if engine == "whoosh" else ""
    command = [sys.executable, "-W", "ignore", "-c", WRITER, database.url, str(tmp_path / "instance"), files, space.id]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    acknowledged = {writer.stdout.readline().strip() for _line in range(7)}
    writer.kill()
    writer.wait()
    with sdk.read():
        found = {match.id for match in engines.engine().find(Wish((space.id,), Term(("wheel",))))}
    assert acknowledged & ideas <= found
    for idea_id in ideas:
        renew(space.id, idea_id)
    with sdk.read():
        assert {match.id for match in engines.engine().find(Wish((space.id,), Term(("wheel",))))} == ideas
    if engine == "fts5":
        check()


@sdk.verb
def check() -> None:
    """FTS5 says itself whether its index belongs to its documents."""
    sdk.session().execute(text("INSERT INTO search_words(search_words, rank) VALUES ('integrity-check', 1)"))
