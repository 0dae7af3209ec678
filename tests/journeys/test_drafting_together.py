"""Two programs at one draft of a real server: they hear each other, contradict each other, and catch up after being away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from codesign.products.engine import parse
from tests.support.bikes import SMALL
from tests.support.programs import Admin, Ear
from tests.support.server import Server

pytestmark = pytest.mark.full

ANN, BEN, EVE = "p:0", "p:1", "p:2"


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Admin]:
    """The administrator of a running server with a bike to compose and three people."""
    folder: Path = tmp_path_factory.mktemp("together")
    server = Server(folder / "instance", {}).start()
    try:
        admin = Admin(server)
        admin.make_space("bikes")
        admin.make_people("bikes", 3)
        product = admin.ask("POST", "/spaces/bikes/products", json={"name": "City bike"})["id"]
        admin.ask("PUT", f"/products/{product}/draft", json={"document": parse(SMALL)})
        admin.ask("POST", f"/products/{product}/publish", json={})
        admin.product = product  # type: ignore[attr-defined]
        yield admin
    finally:
        server.stop()


Ask = Callable[..., Any]


@pytest.fixture
def as_person(admin: Admin) -> Ask:
    """Ask the API as one of the people."""

    def ask(person: str, method: str, path: str, content: Any = None) -> Any:
        return admin.request(method, path, json=content, headers={"X-Act-As": person})

    return ask


@pytest.fixture
def draft(admin: Admin, as_person: Ask) -> dict[str, Any]:
    """A draft of Ann's that Ben edits along."""
    made = as_person(ANN, "POST", "/spaces/bikes/configurations", {"product_id": admin.product})  # type: ignore[attr-defined]
    found: dict[str, Any] = made.json()
    opened = as_person(ANN, "PUT", f"/configurations/{found['id']}/together").json()
    assert as_person(BEN, "POST", f"/configurations/{found['id']}/join", {"key": opened["edit_key"]}).status_code == 200
    return {**found, **opened}


@pytest.fixture
def ear(admin: Admin) -> Iterator[Callable[[str], Ear]]:
    """Sockets of people that watch the space."""
    opened: list[Ear] = []

    def open_one(person: str) -> Ear:
        opened.append(Ear(admin.server, token=admin.token, act_as=person))
        assert opened[-1].call("watch", space="bikes")["ok"]
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


def told(ear: Ear, name: str = "draft") -> list[dict[str, Any]]:
    return [content for said, content in ear.heard if said == name]


def test_two_people_hear_and_undo_each_other(draft: dict[str, Any], ear: Callable[[str], Ear], as_person: Ask) -> None:
    here = draft["id"]
    ann, ben = ear(ANN), ear(BEN)
    start = ann.call("draft_open", draft=here)
    assert start["ok"] and start["may_edit"] and len(ben.call("draft_open", draft=here)["people"]) == 2
    ann.wait(lambda ear: [each for each in told(ear, "draft_presence") if len(each["people"]) == 2])
    seen = start["version"]
    made = ann.call("draft_set", draft=here, option="m500", value=True, seen_version=seen)
    assert made["ok"] and made["draft"]["decisions"] == {"m500": True}
    edit = ben.wait(lambda ear: [each for news in told(ear) for each in news["edits"]])[0]
    assert edit["changes"] == {"m500": [None, True]} and edit["number"] == made["draft"]["version"]
    # Ben did not see that: his choice contradicts it, and both are told.
    both = ben.call("draft_set", draft=here, option="b400", value=True, seen_version=seen)
    assert both["draft"]["contested"] == {"b400": True}
    ann.wait(lambda ear: [each for news in told(ear) for each in news["edits"] if "b400" in each["changes"]])
    states = ann.call("draft_propagate", draft=here)
    assert states["draft"]["contested"] == {"b400": True} and states["states"]["b400"] == "forced_off"
    why = ann.call("draft_explain", draft=here, option="b400")
    assert why["decisions"] == ["m500"]
    ways = ann.call("draft_repairs", draft=here, option="b400")["items"]
    assert ways[0]["gives_up"] == ["m500"]
    repair = {"draft": here, "option": "b400", "value": True, "gives_up": ["m500"]}
    unsaid = ann.call("draft_repair", **repair)
    assert unsaid["problem"]["errors"][0]["code"] == "required"
    mended = ann.call("draft_repair", **repair, seen_version=both["draft"]["version"])
    assert mended["draft"]["decisions"] == {"b400": True} and mended["draft"]["contested"] == {}
    assert ben.call("draft_set", draft=here, option="b625", value=True)["draft"]["decisions"] == {"b625": True}
    assert ann.call("draft_set", draft=here, option="rack", value=True)["ok"]
    now = ben.call("draft_set", draft=here, option="rack", value=False)["draft"]["version"]
    refused = ann.call("draft_undo", draft=here)
    assert (refused["ok"], refused["problem"]["code"]) == (False, "conflict")
    whole = ben.call("draft_complete", draft=here, goal="cheapest", seen_version=now)
    assert set(whole["draft"]["decisions"]) >= {"b625", "city", "m250"}
    assert ben.call("draft_undo", draft=here)["draft"]["decisions"] == {"b625": True, "rack": False}
    assert ben.call("draft_redo", draft=here)["ok"]
    assert ann.call("draft_set", draft=here, option="m500", value=True)["ok"]
    last = as_person(ANN, "GET", f"/configurations/{here}").json()
    log = as_person(BEN, "GET", f"/configurations/{here}/edits?after=0").json()
    found: dict[str, bool] = {}
    for each in log["items"]:
        for option, (_before, after) in each["changes"].items():
            found.pop(option, None)
            if after is not None:
                found[option] = after
    assert found == last["decisions"] and log["version"] == last["version"] and not log["reset"]


def test_who_was_away_reads_what_was_missed(draft: dict[str, Any], ear: Callable[[str], Ear], as_person: Ask) -> None:
    here = draft["id"]
    ben = ear(BEN)
    seen = ben.call("draft_open", draft=here)["version"]
    ben.close()
    for option in ("rack", "lights"):
        path = f"/configurations/{here}/edits"
        assert as_person(ANN, "POST", path, {"option": option, "value": True}).status_code == 200
    again = ear(BEN)
    reached = again.call("draft_open", draft=here)["version"]
    answer = as_person(BEN, "GET", f"/configurations/{here}/edits?after={seen}")
    assert answer.status_code == 200, answer.text
    missed = answer.json()
    assert [each["option"] for each in missed["items"]] == ["rack", "lights"] and missed["version"] == reached


def test_without_the_right_nothing_is_heard_or_done(
    draft: dict[str, Any], ear: Callable[[str], Ear], as_person: Ask
) -> None:
    here = draft["id"]
    eve, ben = ear(EVE), ear(BEN)
    for name, content in (
        ("draft_open", {}), ("draft_set", {"option": "city", "value": True}), ("draft_undo", {}), ("draft_redo", {}),
        ("draft_repair", {"option": "city", "gives_up": [], "seen_version": 9}),
        ("draft_complete", {"goal": "cheapest", "seen_version": 9}),
        ("draft_propagate", {}), ("draft_explain", {"option": "city"}), ("draft_repairs", {"option": "city"}),
    ):  # fmt: skip
        answer = eve.call(name, draft=here, **content)
        assert (answer["ok"], answer["problem"]["code"]) == (False, "not_found"), name
        assert ben.call(name, draft=here, **content)["ok"], name
    for message in ({"value": 1}, {"option": 5, "value": True}, {"option": "city", "value": True, "seen_version": "1"},
                    {"option": "city"}, {"option": "x" * 121, "value": True}, {"option": "wings", "value": True}):  # fmt: skip
        answer = ben.call("draft_set", draft=here, **message)
        assert (answer["ok"], answer["problem"]["code"]) == (False, "invalid"), message
    assert as_person(EVE, "GET", f"/configurations/{here}/edits").status_code == 404
    # Whose right is taken back is shown out, and refused from then on.
    people = as_person(ANN, "GET", f"/configurations/{here}/together").json()["partners"]
    assert as_person(ANN, "DELETE", f"/configurations/{here}/together/{people[0]}").status_code == 204
    ben.wait(lambda ear: told(ear, "draft_closed"))
    assert ben.call("draft_set", draft=here, option="city", value=True)["problem"]["code"] == "not_found"
