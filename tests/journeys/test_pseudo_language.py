"""No word of ours is forgotten by translators: pages, scripts and refusals are drawn in a language that nobody speaks."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from codesign.configurations.service import start_configuration
from codesign.ideas.service import answer_idea, set_status
from codesign.insights.service import refresh_due
from codesign.kernel.actor import Actor
from codesign.merging.service import merge_idea
from codesign.notifications.service import deliver
from codesign.products import engine
from codesign.products import service as products
from codesign.roadmap.releases import publish_release, write_release
from codesign.spaces.queries import list_statuses
from codesign.testing import Clock, Database, Plugins
from codesign.voting.service import cast_vote
from codesign.web import catalogues, texts
from tests.contracts.source import ROOT, python_files, short
from tests.support.pages import Browser
from tests.support.pseudo import LANGUAGE, OPEN, Bare, bare_words, pseudo, write_catalogue
from tests.support.world import World

#: Pages that are no words of ours, or say them to programs.
LEFT_OUT = {"plugin-static", "assets.serve", "assets.favicon", "api_browser", "preferences.save"}
MODEL = """\
product: ποδήλατο
attributes:
  price: {label: τιμή, unit: EUR}
groups:
  - id: a
    label: σκελετός
    choose: one
    options:
      - {id: b, label: πόλη, price: 5}
      - {id: c, label: βουνό, price: 9}
  - id: d
    label: φώτα
    choose: any
    options:
      - {id: e, label: εμπρός, price: 1}
      - {id: f, label: πίσω, price: 2}
rules:
  - {id: r, forbid: [c, f], message: Όχι μαζί.}
"""


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What is said does not depend on the database."""
    return sqlite_database


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of that language."""
    return write_catalogue(tmp_path_factory.mktemp("pseudo"))


@pytest.fixture
def app(make_app: Callable[..., Flask], catalogue: Path) -> Flask:
    """A server that speaks that language alone."""
    app = make_app(languages=LANGUAGE)
    catalogues.add_folder(app, catalogue)
    return app


@pytest.fixture
def world(app: Flask, clock: Clock, make_person: Callable[..., Any], make_space: Callable[..., Any]) -> World:
    """A space in which a lot has happened; whatever people wrote is Greek."""

    def greek(name: str = "", **values: Any) -> Any:
        return make_person(f"Πρόσωπο {name if not name.isascii() else ''}".strip(), **values)

    world = World(greek, make_space, slug="veil", name="Χώρος", kind="updown", purpose="Σκοπός", goal="Στόχος;")
    for plugin in ("scoring", "search", "moderation_rules"):
        Plugins(app).enable(plugin, world.space)
    Plugins(app).enable(
        "crm_export", world.space, purpose="Επαφή για όσα ζήτησα", consent_text="Η ομάδα μπορεί να μου γράψει."
    )
    return world


def _happen(world: World, clock: Clock) -> dict[str, Any]:
    """Ideas, votes, talk, an answer, a merge, a release, a product; what addresses name of it."""
    product = products.create_product(world.owner, world.space.id, "Ποδήλατο")
    products.write_draft(world.owner, product.id, engine.parse(MODEL), MODEL)
    products.publish(world.owner, product.id)
    draft = start_configuration(world.ben, product.id, decisions={"b": True})
    ideas = []
    for number in range(5):
        clock.advance(minutes=1)
        carried = draft.id if number == 2 else None
        author = world.ben if number == 2 else world.ann
        ideas.append(
            world.idea(
                author, f"Ιδέα {number}{number}{number}", body="Επειδή", tags=("ετικέτα",), configuration_id=carried
            )
        )
    comment = world.comment(ideas[0], world.ben, "Σχόλιο")
    for voter in (world.ann, world.ben, world.moderator):
        cast_vote(voter, ideas[0].id, 1)
        cast_vote(voter, ideas[1].id, -1)
    statuses = list_statuses(world.space.id)
    set_status(world.moderator, ideas[0].id, statuses[2].id)
    set_status(world.moderator, ideas[1].id, statuses[4].id)
    answer_idea(world.moderator, ideas[0].id, "Απάντηση")
    merge_idea(world.moderator, ideas[3].id, ideas[0].id)
    release = write_release(world.owner, world.space.id, "Έκδοση", "Νέα", [ideas[1].id])
    publish_release(world.owner, release.id)
    deliver(world.space.id)
    refresh_due()
    return {
        "space": "veil", "idea": ideas[0].id, "idea_id": ideas[0].id, "reference": f"{ideas[0].id}-{ideas[0].slug}",
        "target_id": ideas[0].id, "kind": "idea", "comment_id": comment.id, "person_id": str(world.ben.person_id),
        "name": "scoring", "space_id": world.space.id, "secret": "nothing", "seq": 3, "connection_id": "nothing",
        "configuration_id": draft.id, "configuration": draft.id, "product": product.id, "slug": product.slug, "number": 1,
        "form": "yaml", "release": release.id, "feed": "roadmap", "part": "answered", "token": "nothing",
    }  # fmt: skip


def addresses(app: Flask, parts: dict[str, Any]) -> Iterator[str]:
    """Every page there is."""
    urls = app.url_map.bind("localhost")
    with app.test_request_context():
        for rule in list(app.url_map.iter_rules()):
            page = "GET" in (rule.methods or ()) and not rule.rule.startswith(("/api/", "/health/", "/socket"))
            if page and rule.endpoint not in LEFT_OUT and rule.arguments <= parts.keys():
                yield urls.build(rule.endpoint, {name: parts[name] for name in rule.arguments})
    yield from (f"/spaces/veil?{query}" for query in ("q=nothing", "sort=new&tag=x", "mine=1"))


#: What somebody who looks after nothing sees; what they may not see is refused alike.
_OF_ALL = re.compile(
    r"^/(me(/\w+)?|sign-in|register|spaces/veil(/ideas/[^/]+|/roadmap|/configurations/\w+|/settings)?)?$"
)


def bare_on_pages(app: Flask, world: World, actors: list[Actor | None], parts: dict[str, Any]) -> dict[str, set[str]]:
    """What was never translated, with the pages it stands on."""
    found: dict[str, set[str]] = defaultdict(set)
    everything = [one for one in addresses(app, parts) if not re.search(r"\.[a-z]{3,4}$", one)]  # files are no pages
    for actor in actors:
        client = (Browser.of(app, actor.person_id) if actor else Browser(app)).client
        for address in everything if actor is actors[0] else [one for one in everything if _OF_ALL.search(one)]:
            answer = client.get(address, buffered=True)
            if answer.mimetype == "text/html" and not 300 <= answer.status_code < 400:
                assert answer.status_code != 500, address
                for words in Bare.of(answer.get_data(as_text=True)):
                    found[words].add(address)
    return found


def test_every_page_speaks_that_language(
    app: Flask, world: World, clock: Clock, make_person: Callable[..., Any]
) -> None:
    """Whoever looks: somebody who looks after the server and the space, a member, nobody."""
    from codesign.accounts.service import create_person
    from codesign.kernel.actor import SYSTEM
    from codesign.spaces.service import add_member
    from codesign.testing import actor_of

    chief = actor_of(create_person(SYSTEM, name="Αρχηγός", email="chief@example.org", is_admin=True))
    add_member(world.owner, world.space.id, person_id=str(chief.person_id), role="owner")
    parts = _happen(world, clock)
    found = bare_on_pages(app, world, [chief, world.ann, None], parts)
    assert {words: sorted(places)[:3] for words, places in found.items()} == {}


def test_what_scripts_say_is_spoken_too(app: Flask) -> None:
    """Every sentence that a page hands to its scripts."""
    page = Browser(app).open("/").html
    block = re.search(r'<script type="application/json" id="texts">(.*?)</script>', page)
    assert block is not None
    for name, said in json.loads(block[1]).items():
        for form in said.values() if isinstance(said, dict) else [said]:
            assert form.startswith(OPEN), name


def test_refusals_speak_it_too(app: Flask) -> None:
    """Ours, those of validators, and those of the library behind them."""
    answer = Browser(app).visitor.client.post("/api/v1/tokens", json={"nonsense": 1})
    assert answer.status_code in {401, 403, 404, 405, 422}
    assert answer.get_json()["detail"].startswith(OPEN)
    page = Browser(app).open("/register").press(pseudo("Make my account"), name="Α", email="x", password="y")
    assert page.status == 422 and Bare.of(page.html) == []


def test_the_finder_finds() -> None:
    """A bare word in text, in a label, beside a sentence; nothing in code, in Greek, inside of a sentence."""
    assert Bare.of("<p>Hello</p>") == ["Hello"]
    assert Bare.of(f'<button title="Go there">{pseudo("Go")}</button>') == ["Go there"]
    assert Bare.of(f"<p>{pseudo('One')} and {pseudo('two')}</p>") == ["and"]
    assert Bare.of(f"<p>{pseudo('Read <b>%s</b> now') % 'this'}</p><code>GET /x</code><p>Ιδέα</p>") == []
    assert bare_words("12 k, 3 MB") == "" and len(pseudo("Twelve letters")) > 1.3 * len("Twelve letters")


# --- What no page shows -----------------------------------------------------------------------------------------------

#: A refusal, or what is told after a redirect, as a bare string; some name a field (and a code) first.
_BARE = re.compile(
    r"\b(?:flash|done|Invalid|Conflict|Forbidden|NotFound|Closed|TooMany|Unavailable|Unauthenticated|TooLarge)\(\s*f?[\"'][A-Za-z]"
    r"|\bInvalid\.field\(\s*[^,(){}]+,\s*f?[\"'][A-Za-z]|\bFieldError\(\s*[^,(){}]+,\s*[^,(){}]+,\s*f?[\"'][A-Za-z]"
)


def test_sentences_for_people_are_marked_in_python() -> None:
    """What is flashed or refused is never a bare string."""
    sources = [(short(path), path.read_text(encoding="utf-8")) for path in python_files("codesign", "plugins")]
    assert [(name, found[0]) for name, text in sources for found in _BARE.finditer(text)] == []
    assert _BARE.search('raise Invalid.field("name", "Too long")') and _BARE.search("flash('Done')")


SCRIPTS = [path for path in sorted((ROOT / "static/src").glob("*.ts")) if not path.name.endswith(".test.ts")]
_KEY = re.compile(r"\bsay(?:Count)?\(\s*\"([\w.]+)\"")
_LITERAL = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`")
_SENTENCE = re.compile(r"(?:^|>)\s*[A-Z][a-z]+[ ,.…!?][^<>{};=]*|[a-z]+ [a-z]+[.…!?]$")


def _code(path: Path) -> str:
    """A script without its comments and without what only programmers read."""
    code = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"(?:new \w*Error|console\.\w+)\([^)]*\)", "", code)


def test_scripts_ask_for_sentences_that_are_there() -> None:
    """Each key a script names is handed over with the page."""
    known = set(texts.SENTENCES) | set(re.findall(r'"([\w.]+)": plural_forms', Path(texts.__file__).read_text("utf-8")))
    asked = {key for path in SCRIPTS for key in _KEY.findall(_code(path))}
    assert asked and asked <= known


def test_scripts_hold_no_sentences_of_their_own() -> None:
    """What people read is asked for by its key."""
    own = [*SCRIPTS, *sorted(ROOT.glob("plugins/*/static/*.js"))]
    literals = [(path.name, "".join(groups)) for path in own for groups in _LITERAL.findall(_code(path))]
    assert [(name, text) for name, text in literals if _SENTENCE.search(text)] == []
