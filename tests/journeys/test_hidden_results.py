"""Hidden results leave no trace: two databases that differ in votes alone look the same, byte for byte, at every door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from codesign.configurations.service import start_configuration
from codesign.ideas.service import import_votes, set_status
from codesign.insights.service import refresh_due
from codesign.kernel.actor import SYSTEM, Actor
from codesign.merging.service import merge_idea
from codesign.notifications.service import deliver
from codesign.products import engine
from codesign.products import service as products
from codesign.products.facts import ProductFact
from codesign.roadmap.facts import ReleaseFact
from codesign.roadmap.releases import publish_release, write_release
from codesign.spaces.queries import list_statuses
from codesign.testing import Clock, Database, Plugins
from codesign.voting.service import cast_vote, withdraw_vote
from tests.support.bikes import SMALL
from tests.support.pages import Browser
from tests.support.twins import Eye, Recorder, copy_database, living_in
from tests.support.visitor import Visitor
from tests.support.world import World

pytestmark = pytest.mark.timeout(400)

SORTS = ("", "new", "top", "shuffled", "hot", "wilson")
IDEAS = 6
#: Who votes on which idea, and what, in either database; the voters and moments are the same.
VOTES = {
    "A": [(0, 0, 1), (1, 0, 1), (2, 0, 1), (3, 1, 1), (4, 5, -1), (0, 4, 1), (1, 4, 1), (2, 3, 0)],
    "B": [(0, 3, -1), (1, 2, 0), (2, 5, 1), (3, 5, 1), (4, 2, -1), (0, 5, 1), (1, 3, -1), (2, 2, -1)],
}
#: Who takes a vote back.
WITHDRAWN = {"A": (3, 1), "B": (4, 2)}
#: Addresses that say nothing of any space. All others are read, new ones too.
LEFT_OUT = {
    "plugin-static",
    "assets.serve",
    "assets.favicon",
    "api-docs.openapi_json",
    "api_browser",
    "health.live",
    "health.ready",
}


@dataclass
class Twins:
    """What was built once, and who looks at its copies."""

    world: World
    file: Path
    instance: Path
    ideas: list[Any]
    comment: Any
    voters: list[Actor]
    viewers: dict[str, tuple[Actor | None, Any]]
    product: ProductFact
    release: ReleaseFact


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """SQLite alone: a file is easily copied, and what is read does not depend on the database."""
    return sqlite_database


@pytest.fixture
def build(
    app: Flask,
    database: Database,
    clock: Clock,
    tmp_path: Path,
    make_person: Callable[..., Any],
    make_space: Callable[..., Any],
) -> Callable[[str], Twins]:
    """A space with ideas of two authors, talk, a status, and viewers who have not voted."""

    def make(results: str) -> Twins:
        world = World(make_person, make_space, slug="veil", kind="updown", results=results, who_votes="everyone")
        Plugins(app).enable("scoring", world.space)
        product = _bike(world)
        draft = start_configuration(world.ben, product.id, decisions={"city": True})
        ideas = []
        for number in range(IDEAS):
            clock.advance(minutes=1)
            author = world.ben if number == 2 else world.ann
            carried = draft.id if number == 2 else None
            title = f"Idea number {number} of them"
            ideas.append(world.idea(author, title, body="For the bell", tags=("bells",), configuration_id=carried))
        comment = world.comment(ideas[0], world.ben, "Louder, please")
        status = list_statuses(world.space.id)[2].id
        for idea in ideas[:4]:
            set_status(world.moderator, idea.id, status)
        release = write_release(world.owner, world.space.id, "Bells", "New", [ideas[0].id, ideas[1].id])
        publish_release(world.owner, release.id)
        voters = [world.member() for _number in range(5)]
        viewers = {
            "nobody": (None, _passing(app)),
            "stranger": (world.stranger, _signed_in(app, world.stranger)),
            "author": (world.ben, _signed_in(app, world.ben)),
            "member": (member := world.member(), _signed_in(app, member)),
            "guest": _guest(app, ideas[0].id),
            "team": (world.moderator, _signed_in(app, world.moderator)),
        }  # fmt: skip
        if results == "at_close":
            # Who has voted sees no more than others until the close.
            voter = world.member()
            cast_vote(voter, ideas[1].id, 1)
            viewers["voter"] = (voter, _signed_in(app, voter))
        file = Path(database.url.removeprefix("sqlite:///"))
        return Twins(world, file, tmp_path / "instance", ideas, comment, voters, viewers, product, release)

    return make


def _bike(world: World) -> ProductFact:
    """A product that an idea carries a configuration of."""
    product = products.create_product(world.owner, world.space.id, "Bike")
    products.write_draft(world.owner, product.id, engine.parse(SMALL), SMALL)
    products.publish(world.owner, product.id)
    return product


def _signed_in(app: Flask, actor: Actor) -> Any:
    return Browser.of(app, actor.person_id).client


def _passing(app: Flask) -> Any:
    """A browser that was here before, so that it has its own shuffled order."""
    return Browser(app).open("/").browser.client


def _guest(app: Flask, idea_id: str) -> tuple[Actor, Any]:
    """A guest who voted and took the vote back."""
    visitor = Visitor(app)
    assert visitor.put(f"/api/v1/ideas/{idea_id}/vote", {"value": 1}).status_code == 200
    assert visitor.delete(f"/api/v1/ideas/{idea_id}/vote").status_code == 200
    return Actor(person_id=visitor.me(), guest=True), visitor.client


def live_through(app: Flask, twins: Twins, which: str, clock: Clock, frames: Recorder) -> None:
    """What happens in both databases: votes, a withdrawal, votes from elsewhere, a merge; the worker does its work."""
    ideas, space_id, plugins = twins.ideas, twins.world.space.id, Plugins(app)

    def tick() -> None:
        clock.advance(seconds=30)
        frames.live.tick()

    for voter, idea, value in VOTES[which]:
        cast_vote(twins.voters[voter], ideas[idea].id, value)
        tick()
    voter, idea = WITHDRAWN[which]
    withdraw_vote(twins.voters[voter], ideas[idea].id)
    tick()
    import_votes(SYSTEM, ideas[4 if which == "A" else 5].id, "paper", 7 if which == "A" else 3, 1)
    tick()
    merge_idea(twins.world.moderator, ideas[4].id, ideas[3].id)
    tick()
    plugins.work()
    deliver(space_id)
    assert refresh_due() == 1
    tick()


def paths(app: Flask, twins: Twins) -> list[str]:
    """Every address that can be read, for every idea, order and filter."""
    idea, slug = twins.ideas[0], "veil"
    chosen = [twins.ideas[number] for number in (0, 2, 3, 4)]  # somebody's, the author's, a survivor, a merged one
    parts = {
        "space": slug, "comment_id": twins.comment.id, "kind": "idea", "person_id": str(twins.voters[0].person_id),
        "name": "scoring", "space_id": twins.world.space.id, "secret": "nothing", "seq": 3,
        "connection_id": "nothing", "configuration_id": twins.ideas[2].configuration_id,
        "configuration": twins.ideas[2].configuration_id, "product": twins.product.id, "slug": twins.product.slug,
        "number": 1, "form": "yaml", "release": twins.release.id, "feed": "roadmap", "part": "answered", "token": "nothing",
        "picture": "nothing",
    }  # fmt: skip
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in LEFT_OUT or rule.endpoint.startswith("plugin:"):
            continue
        for one in chosen if rule.arguments & {"idea", "idea_id", "reference", "target_id"} else [idea]:
            named = {"idea": one.id, "idea_id": one.id, "reference": f"{one.id}-{one.slug}", "target_id": one.id}
            with app.test_request_context():
                values = {name: {**parts, **named}[name] for name in rule.arguments}
                found.append(app.url_map.bind("localhost").build(rule.endpoint, values))
    queries = [f"sort={sort}" for sort in SORTS if sort]
    queries += [
        "tag=bells",
        "q=bell",
        "q=idea+number",
        "mine=1",
        "voted=1",
        "composed=1",
        f"for_product={twins.product.id}",
        f"author={twins.world.ann.person_id}",
        "limit=2",
    ]
    queries += [f"sort={sort}&q=bell" for sort in SORTS if sort]
    found += [f"/spaces/{slug}?{query}" for query in queries]
    found += [f"/api/v1/spaces/{slug}/ideas?{query}" for query in [*queries, "state=merged", "sort=top&limit=2"]]
    found += [f"/api/v1/spaces/{slug}/events?after={after}&limit={limit}" for after in (0, 9, 16) for limit in (1, 100)]
    found += [f"/spaces/{slug}/compare?ids={twins.ideas[2].configuration_id}"]
    found += [f"/spaces/{slug}/similar?title=idea+number+of+them", f"/spaces/{slug}/activity?before=12"]
    found.append(f"/spaces/{slug}/insights/{twins.product.slug}/rows?of=taken&option=city")
    return sorted(set(found))


#: Whether a viewer, by name, opens an address, by its place in the list.
Reads = Callable[[str, int, str], bool]
#: These tell the team of votes, and everybody where results are live.
TELLING = {
    "/spaces/veil", "/spaces/veil?sort=top", "/spaces/veil/insights", "/api/v1/spaces/veil/ideas",
    "/api/v1/spaces/veil/ideas?sort=top",
}  # fmt: skip
TELLING_NOBODY = "/spaces/veil/about"


def everything(_viewer: str, _number: int, _path: str) -> bool:
    """Every viewer opens every address."""
    return True


def by_turns(viewer: str, number: int, path: str) -> bool:
    """A member opens every address, and one of the others, in turn; the team those at which it must see more."""
    others = ("nobody", "stranger", "author", "guest", "team")
    return viewer == "member" or others[number % len(others)] == viewer or (viewer == "team" and _telling(path))


def the_telling(viewer: str, _number: int, path: str) -> bool:
    """Two open what tells something, and one page that tells nothing."""
    return viewer in {"nobody", "member"} and (_telling(path) or path == TELLING_NOBODY)


def _telling(path: str) -> bool:
    return path in TELLING or (path.startswith("/api/") and path.endswith("/insights"))


def gather(
    build: Callable[[str], Twins],
    results: str,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    reads: Reads,
) -> dict[str, dict[tuple[str, str], Any]]:
    """What the viewers read in either database: {"A": {(viewer, door): bytes}, "B": …}."""
    twins = build(results)
    moment, found = clock.moment, {}
    for which in ("A", "B"):
        clock.set(moment)
        database = copy_database(twins.file, twins.file.with_suffix(f".{which}.db"))
        with living_in(database, twins.instance, monkeypatch) as app:
            frames = Recorder(app)
            for name, (actor, _cookies) in twins.viewers.items():
                frames.watch(name, actor, "veil")
            live_through(app, twins, which, clock, frames)
            seen: dict[tuple[str, str], Any] = {}
            for name, (_actor, cookies) in twins.viewers.items():
                eye = Eye(app, cookies)
                every = enumerate(paths(app, twins))
                seen.update({(name, path): eye.read(path) for number, path in every if reads(name, number, path)})
                further = enumerate(_LISTS)
                seen.update(
                    {(name, f"{path} next"): _following(eye, path) for at, path in further if reads(name, at, path)}
                )
                seen[name, "frames"] = frames.heard_by(name, twins.world.space.id)
            for name, (_actor, cookies) in twins.viewers.items():
                seen[name, "withdrawing"] = Eye(app, cookies).withdraw(twins.ideas[2].id)
            found[which] = seen
    return found


_LISTS = [f"/api/v1/spaces/veil/ideas?limit=2&sort={sort}" for sort in SORTS if sort]


def _following(eye: Eye, path: str) -> list[bytes]:
    """The further pages of a list, by their cursors."""
    pages = []
    cursor = (eye.client.get(path).json or {}).get("next")
    while cursor:
        answer = eye.client.get(f"{path}&cursor={cursor}")
        pages.append(answer.get_data())
        cursor = (answer.json or {}).get("next")
    return pages


def differing(found: dict[str, dict[tuple[str, str], Any]], viewers: set[str]) -> list[tuple[str, str]]:
    """The doors at which these viewers could tell the databases apart."""
    assert found["A"].keys() == found["B"].keys()
    return [key for key in found["A"] if key[0] in viewers and found["A"][key] != found["B"][key]]


def opened(seen: dict[tuple[str, str], Any], viewer: str) -> list[str]:
    """The addresses at which a viewer got to see something."""
    pages = {door: content for (name, door), content in seen.items() if name == viewer and isinstance(content, bytes)}
    return [door for door, content in pages.items() if content.startswith(b"200")]


@pytest.mark.parametrize(
    ("results", "reads"),
    [
        ("after_vote", by_turns),
        pytest.param("after_vote", everything, marks=pytest.mark.full),
        pytest.param("at_close", everything, marks=pytest.mark.full),
    ],
)
def test_whoever_may_not_see_results_cannot_tell_them(
    results: str, reads: Reads, build: Callable[[str], Twins], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = gather(build, results, clock, monkeypatch, reads)
    outside = {name for name, _door in found["A"]} - {"team"}
    assert len(outside) >= 5
    assert differing(found, outside) == []
    assert len(opened(found["A"], "member")) > 40
    assert found["A"]["author", "withdrawing"].startswith(b"409")
    told = {door for _name, door in differing(found, {"team"})}
    assert {"/spaces/veil", "/api/v1/spaces/veil/ideas", "/api/v1/spaces/veil/ideas?sort=top", "frames"} <= told
    assert {"/spaces/veil/insights"} <= told and any(
        door.startswith("/api/") and door.endswith("/insights") for door in told
    )


def test_where_results_are_live_everybody_can_tell(
    build: Callable[[str], Twins], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: these doors do tell, so the bytes above are the same because results are hidden."""
    found = gather(build, "live", clock, monkeypatch, the_telling)
    for viewer in ("nobody", "member"):
        told = {door for _name, door in differing(found, {viewer})}
        assert {"/spaces/veil", "/spaces/veil?sort=top", "/api/v1/spaces/veil/ideas", "frames"} <= told, viewer
        assert TELLING_NOBODY not in told
