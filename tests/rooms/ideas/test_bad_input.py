"""What is refused at the JSON doors of ideas, comments and merging: the right problem, and nothing changed.

Each refusal stands beside a request that is the same but for one thing, and is granted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask

from codesign.kernel.actor import Actor
from tests.support.doors import Door, everything, problem
from tests.support.world import World

pytestmark = pytest.mark.doors

Make = Callable[..., Any]
NUL = "a\x00bcdefgh"
WRONG_TYPES: tuple[Any, ...] = (None, 5, True, ["a"], {"a": 1})


@dataclass(frozen=True)
class Case:
    """A door: a request that is granted to ``by``, who may not do it, and what is wrong with each field."""

    method: str
    path: str
    by: str
    good: dict[str, Any] | None
    denied: dict[str, int] = field(default_factory=dict)
    bad: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    status: int = 200
    scope: str = "write"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


TITLES = (*WRONG_TYPES, "", "abc", "x" * 141, NUL, "\ud800 lamp")
BODIES = (*WRONG_TYPES, "x" * 10_001, NUL)
TAGS = (None, "a", 5, [1], ["x" * 31], list("abcdef"), [NUL], [["a"]])
COMMENTS = (*WRONG_TYPES, "", "  ", "x" * 5_001, NUL)
REASONS = (*WRONG_TYPES, "x" * 2_001, NUL)
IDS = (5, True, ["a"], "", "x" * 41, NUL)
VERSIONS = (None, "1", True, 0, 1.5, 10**30, -1)
TEAM_ONLY = {"ann": 403, "stranger": 403, "nobody": 401}
IDEA = {"title": "A lamp that lights up", "body": "Bright", "tags": ["light"]}

CASES = [
    Case("GET", "/spaces/{space}/ideas", "nobody", None, {}, scope="read"),
    Case("POST", "/spaces/{space}/ideas", "ann", IDEA, {"viewer": 403, "nobody": 401},
         {"title": TITLES, "body": BODIES, "tags": TAGS, "status": IDS, "configuration_id": IDS,
          "external_id": (5, "", "x" * 201, NUL)}, 201),
    Case("GET", "/ideas/{idea}", "nobody", None, {}, scope="read"),
    Case("PATCH", "/ideas/{idea}", "ann", {"title": "Another lamp", "version": 1},
         {"ben": 403, "stranger": 403, "nobody": 401},
         {"title": TITLES, "body": BODIES, "tags": TAGS, "status": IDS, "version": VERSIONS}),
    Case("DELETE", "/ideas/{idea}", "ann", None, {"ben": 403, "moderator": 403, "nobody": 401}, status=204),
    Case("POST", "/ideas/{idea}/hide", "moderator", {"reason": "Off topic"}, TEAM_ONLY, {"reason": (*REASONS, "", " ")},
         scope="moderate"),
    Case("POST", "/ideas/{hidden}/publish", "moderator", {"reason": "Fine"}, {"ann": 403, "ben": 404, "nobody": 401},
         {"reason": REASONS}, scope="moderate"),
    Case("PUT", "/ideas/{idea}/answer", "moderator", {"body": "We will"}, TEAM_ONLY, {"body": (*BODIES, "", " ")},
         scope="moderate"),
    Case("DELETE", "/ideas/{answered}/answer", "moderator", None, TEAM_ONLY, status=204, scope="moderate"),
    Case("PUT", "/ideas/{idea}/follow", "ben", {}, {"nobody": 401}, status=204),
    Case("DELETE", "/ideas/{idea}/follow", "ann", None, {"nobody": 401}, status=204),
    Case("GET", "/ideas/{idea}/comments", "nobody", None, {}, scope="read"),
    Case("POST", "/ideas/{idea}/comments", "ben", {"body": "I agree", "parent_id": None, "internal": False},
         {"viewer": 403, "nobody": 401},
         {"body": COMMENTS, "parent_id": (*IDS, "01"), "internal": (None, 1, "1", "true", [])}, 201),
    Case("PATCH", "/comments/{comment}", "ben", {"body": "I disagree", "version": 1},
         {"ann": 403, "stranger": 403, "nobody": 401}, {"body": COMMENTS, "version": VERSIONS}),
    Case("DELETE", "/comments/{comment}", "ben", None, {"ann": 403, "nobody": 401}, status=204),
    Case("POST", "/comments/{comment}/hide", "moderator", {"reason": "Rude"}, {"ben": 403, "nobody": 401},
         {"reason": (*REASONS, "")}, scope="moderate"),
    Case("POST", "/comments/{comment}/publish", "moderator", {"reason": ""}, {"ben": 403, "nobody": 401},
         {"reason": REASONS}, scope="moderate"),
    Case("POST", "/ideas/{idea}/merge", "moderator", {"into": "{answered}"}, TEAM_ONLY,
         {"into": (*WRONG_TYPES, "", "x" * 41, NUL, "01")}, scope="moderate"),
    Case("DELETE", "/ideas/{merged}/merge", "moderator", None, TEAM_ONLY, scope="moderate"),
]  # fmt: skip


class Ground:
    """A public and a private space with the same things in them."""

    def __init__(self, app: Flask, make_world: Make) -> None:
        self.door = Door(app)
        self.world: World = make_world()
        self.private: World = make_world(visibility="private")
        self.viewer = self.world.member("viewer")
        self.names = self._furnish(self.world)
        self.others = self._furnish(self.private)

    def _furnish(self, world: World) -> dict[str, str]:
        from codesign.ideas import service
        from codesign.merging.service import merge_idea

        idea, hidden, answered, merged, target, talked = (world.idea(title=f"Idea number {n}") for n in range(6))
        service.hide_idea(world.moderator, hidden.id, "because")
        service.answer_idea(world.moderator, answered.id, "Yes")
        merge_idea(world.moderator, merged.id, target.id)
        comment = world.comment(talked)
        return {
            "space": world.space.slug, "idea": idea.id, "hidden": hidden.id, "answered": answered.id,
            "merged": merged.id, "comment": comment.id,
        }  # fmt: skip

    def who(self, name: str) -> Actor | None:
        """A person by name."""
        if name == "nobody":
            return None
        return self.viewer if name == "viewer" else getattr(self.world, name)

    def path(self, case: Case, names: dict[str, str] | None = None) -> str:
        """The address of a case."""
        return case.path.format(**(names or self.names))

    def good(self, case: Case, names: dict[str, str] | None = None) -> dict[str, Any] | None:
        """The body of a case."""
        if case.good is None:
            return None
        known = names or self.names
        return {k: v.format(**known) if isinstance(v, str) else v for k, v in case.good.items()}


@pytest.fixture
def ground(app: Flask, make_world: Make) -> Ground:
    return Ground(app, make_world)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_refused_and_granted(ground: Ground, case: Case) -> None:
    before = everything()
    actor, good, path = ground.who(case.by), ground.good(case), ground.path(case)
    _bad_bodies(ground, case, actor, good, path)
    for name, status in case.denied.items():
        answer = ground.door.ask(ground.who(name), case.method, path, good)
        assert (answer.status_code, problem(answer)["status"]) == (status, status), name
    other = "read" if case.scope != "read" else "write"
    if actor is not None:
        answer = ground.door.ask(actor, case.method, path, good, other)
        assert problem(answer)["code"] == "forbidden"
    _elsewhere(ground, case, actor, good)
    assert everything() == before
    answer = ground.door.ask(actor, case.method, path, good, *([case.scope] if actor else []))
    assert answer.status_code == case.status, answer.get_data(as_text=True)
    if case.method != "GET" and case.path != "/comments/{comment}/publish":
        assert everything() != before


def _bad_bodies(ground: Ground, case: Case, actor: Actor | None, good: Any, path: str) -> None:
    ask = ground.door.ask
    for name, values in case.bad.items():
        for value in values:
            answer = ask(actor, case.method, path, {**good, name: value})
            content = problem(answer)
            assert (answer.status_code, content["code"]) == (422, "invalid"), (name, value)
            assert {error["field"].split(".")[0] for error in content["errors"]} == {name}, (name, value)
    if good is not None:
        for unknown in ("role", "votes", "author_id", "created_at", "space_id", "state", "x\x00"):
            assert problem(ask(actor, case.method, path, {**good, unknown: 1}))["status"] == 422
        for raw in (b"[]", b"1", b"null", b'"x"', b"{", b"\xff", b'{"a": NaN}', b'{"x": 1, "x": 1}', b"[" * 50_000):
            assert problem(ask(actor, case.method, path, raw=raw))["code"] == "invalid", raw[:20]
        if good:
            assert problem(ask(actor, case.method, path, good, content_type="text/plain"))["code"] == "invalid"
            assert problem(ask(actor, case.method, path, good, content_type="application/x-www-form-urlencoded"))
    wrong = ask(actor, "TRACE", path)
    assert wrong.status_code == 405 and case.method in wrong.headers["Allow"]


def _elsewhere(ground: Ground, case: Case, actor: Actor | None, good: Any) -> None:
    """What lies in a space one may not see looks like what does not exist, to the byte."""
    unknown = dict.fromkeys(ground.names, "0" * 26)
    said = []
    for names in (ground.others, unknown):
        answer = ground.door.ask(actor, case.method, ground.path(case, names), good)
        content = problem(answer)
        assert answer.status_code == 404
        content.pop("request_id")
        said.append(content)
    assert said[0] == said[1]
    strange = dict.fromkeys(ground.names, "%00")
    assert ground.door.ask(actor, case.method, ground.path(case, strange), good).status_code in {404, 422}


QUERIES: list[dict[str, Any]] = [
    *({"limit": value} for value in (0, 101, "x", "", [1, 2])),
    *({"cursor": value} for value in ("x", "")),
    *({"sort": value} for value in ("id desc", "")),
    *({"q": value} for value in ("x" * 201, "a\x00b")),
    {"page": 1},
    {"mine": "true"},
    {"voted": "2"},
    {"composed": "yes"},
    {"for_product": ""},
    {"tag": ""},
    {"author": "x" * 41},
    {"status": ["a", "b"]},
    {"external_id": ""},
]


def test_addresses_are_read_to_the_letter(ground: Ground) -> None:
    ideas, comments = f"/spaces/{ground.names['space']}/ideas", f"/ideas/{ground.names['idea']}/comments"
    for query in QUERIES:
        answer = ground.door.ask(None, "GET", ideas, **query)
        assert answer.status_code == 422, query
        assert {error["field"] for error in problem(answer)["errors"]} == set(query)
        assert ground.door.ask(None, "GET", comments, **query).status_code == 422, query
    assert ground.door.ask(None, "GET", ideas, limit=1, q="idea", mine=0).status_code == 200
    assert ground.door.ask(None, "GET", comments, limit=1).status_code == 200
