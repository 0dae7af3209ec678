"""From the other system to here: what an organization is to the company, where an administrator lets it, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from codesign_plugins.crm_export import connections, consent, outbox, pulling, sending
from codesign_plugins.crm_export.connector import Connector, Incoming, Line, NotPulled
from codesign_plugins.crm_export.connectors import OWN
from codesign_plugins.crm_export.connectors.hubspot import CHANGED, PAGE

from codesign import sdk
from codesign.sdk import Answer, Request, Unreachable
from codesign.testing import Clock, actor_of

PULLING = [each for each in OWN if each.pulls]


class Hub:
    """As much of HubSpot as is asked for here: companies by ``codesign_id``, upserted and searched by page."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.companies, self.searches = clock, dict[str, dict[str, Any]](), list[Any]()

    def __call__(self, request: Request) -> Answer:
        content = json.loads(request.body)
        if request.url.endswith("companies/search"):
            return self._search(content)
        if request.url.endswith("companies/batch/upsert"):
            for each in content["inputs"]:
                self.change(each["id"], **each["properties"])
        rows = [
            {"id": f"1{place}", "objectWriteTraceId": each.get("objectWriteTraceId"), "properties": {}}
            for place, each in enumerate(content.get("inputs", []))
        ]
        return Answer(200, {}, json.dumps({"results": rows}).encode())

    def change(self, key: str, **properties: Any) -> None:
        at = {"hs_lastmodifieddate": str(int(self.clock().timestamp() * 1000))}
        self.companies[key] = {**self.companies.get(key, {}), **properties, **at}

    def _search(self, content: Any) -> Answer:
        if "properties" not in content:  # somebody looks whether the line is well
            return Answer(200, {}, b'{"results": []}')
        self.searches.append(content)
        known, *later = content["filterGroups"][0]["filters"]
        assert known == {"propertyName": "codesign_id", "operator": "HAS_PROPERTY"}
        since = int(later[0]["value"]) if later else 0
        rows = [each for each in self.companies.values() if int(each["hs_lastmodifieddate"]) >= since]
        start = int(content.get("after") or 0)
        wanted = [{key: row.get(key) for key in content["properties"]} for row in rows[start : start + PAGE]]
        for row in wanted:
            row[CHANGED] = datetime.fromtimestamp(int(row[CHANGED]) / 1000, UTC).isoformat()
        more = {"paging": {"next": {"after": str(start + PAGE)}}} if len(rows) > start + PAGE else {}
        return Answer(200, {}, json.dumps({"results": [{"properties": row} for row in wanted], **more}).encode())


class World:
    """A space connected to HubSpot; Ann of Velo AG allows the export, and Velo AG was sent."""

    def __init__(self, app: Any, plugins: Any, space: Any, ann: Any, hub: Hub) -> None:
        self.app, self.space, self.ann, self.hub, self.plugins = app, space, ann, hub, plugins
        self.settings = plugins.host.settings("crm_export", space.id)
        connector = sdk.rules(Connector, space.id)["hubspot"]
        self.id, _secret = connections.make(space.id, connector, "HubSpot", "", "pat", "")
        consent.give(actor_of(ann), space.id, ann.id, self.settings, consent.version_of(self.settings))
        self.send()
        self.key = next(iter(hub.companies))

    def send(self) -> None:
        self.plugins.work()
        sending.send_due(self.space.id, self.settings, self.hub)

    def pull(self) -> None:
        pulling.pull_due(self.space.id, self.settings, self.hub)

    def velo(self) -> tuple[str, Any]:
        """The organization's name and what is known of it."""
        organization = sdk.participants(self.space.id, [self.ann.id])[self.ann.id].organization
        assert organization is not None
        return organization.name, dict(organization.attributes)


@pytest.fixture
def world(
    app: Any, plugins: Any, clock: Clock, make_space: Callable[..., Any], make_person: Callable[..., Any],
) -> Iterator[World]:  # fmt: skip
    space, ann = make_space(), make_person("Ann", external_id="crm-1")
    plugins.enable("crm_export", space)
    with app.app_context():
        feed(organization="Velo AG", segment="dealer", revenue=1000.0)
        yield World(app, plugins, space, ann, Hub(clock))


@sdk.verb
def feed(**attributes: Any) -> None:
    sdk.feed_person("crm-1", **attributes)


def test_only_what_changed_there_is_taken_once_and_not_sent_back(world: World, clock: Clock) -> None:
    world.pull()
    assert world.hub.searches == [], "nobody has switched it on"
    connections.let_pull(world.space.id, world.id, True)
    world.pull()
    assert world.velo() == ("Velo AG", {"segment": "dealer", "revenue": 1000.0}), "what we said ourselves is no news"
    clock.advance(hours=1)
    world.hub.change(world.key, description=" key   account ", name="Another name", annualrevenue="2500")
    world.pull()
    assert world.velo() == ("Velo AG", {"segment": "key account", "revenue": 2500.0})
    assert "filters" in world.hub.searches[-1]["filterGroups"][0] and len(world.hub.searches) == 2
    since = int(world.hub.searches[-1]["filterGroups"][0]["filters"][1]["value"]) / 1000
    assert since == (clock() - timedelta(hours=1) - pulling.OVERLAP).timestamp()
    sent = connections.get(world.space.id, world.id).sent
    sending.compare(world.space.id, world.settings)
    world.send()
    assert connections.get(world.space.id, world.id).sent == sent, "its own words are no news to HubSpot"


def test_ours_goes_first_and_nothing_is_lost_by_absence(world: World, clock: Clock) -> None:
    connections.let_pull(world.space.id, world.id, True)
    feed(segment="workshop")
    sending.compare(world.space.id, world.settings)
    world.hub.change(world.key, description="theirs")
    world.pull()
    assert world.velo()[1]["segment"] == "workshop", "a change of ours waits to be sent"
    world.send()
    assert world.hub.companies[world.key]["description"] == "workshop"
    world.hub.change(world.key, description="", annualrevenue="not a number")
    world.hub.change("organization-of-nobody", codesign_id="organization-of-nobody", description="x")
    world.pull()
    assert world.velo()[1] == {"segment": "workshop", "revenue": 1000.0}


def test_many_pages(world: World) -> None:
    connections.let_pull(world.space.id, world.id, True)
    for number in range(PAGE):
        world.hub.change(f"organization-{number:05}", codesign_id=f"organization-{number:05}", description="x")
    world.hub.change(last := "organization-zz", codesign_id=last)
    world.hub.companies[last] = {**world.hub.companies[world.key], "description": "from page two"}
    world.pull()
    assert len(world.hub.searches) == 2 and world.velo()[1]["segment"] == "from page two"


def test_a_long_answer_is_taken_in_parts_and_nothing_of_it_is_left_out(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "MOST", 4)
    names = [f"organization-{number}" for number in range(10)]
    for number, name in enumerate(names):
        clock.advance(minutes=0 if 3 <= number < 6 else 7)  # some at the very same moment, more than a run takes
        world.hub.change(name, codesign_id=name)
    seen: list[str] = []
    monkeypatch.setattr(pulling, "take", lambda _connection, found: seen.extend(each.external_id for each in found))
    connections.let_pull(world.space.id, world.id, True)
    for _run in range(4):
        world.pull()
        clock.advance(minutes=15)
    assert set(names) <= set(seen), "what was cut is asked for again"
    asked = len(seen)
    world.pull()
    assert len(seen) == asked, "and only once"


def test_a_connector_that_breaks_keeps_no_other_from_being_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    other, _secret = connections.make(
        world.space.id, sdk.rules(Connector, world.space.id)["hubspot"], "2", "", "pat", ""
    )

    def broken(_line: Line, _since: Any) -> list[Incoming]:
        raise AttributeError("'list' object has no attribute 'get'")

    rules = sdk.rules(Connector, world.space.id)
    monkeypatch.setattr(pulling.sdk, "rules", lambda *_: {"hubspot": replace(rules["hubspot"], pull=broken)})
    for each in (world.id, other):
        connections.let_pull(world.space.id, each, True)
    world.pull()
    found = [connections.get(world.space.id, each) for each in (world.id, other)]
    assert [(each.failures, each.reason, each.pulled_at) for each in found] == [(1, "connector_broken", None)] * 2


def test_a_refused_secret_pauses_and_a_line_that_is_down_waits(world: World) -> None:
    connections.let_pull(world.space.id, world.id, True)
    pulling.pull_due(world.space.id, world.settings, lambda _request: Answer(503))
    found = connections.get(world.space.id, world.id)
    assert (found.state, found.failures, found.reason, found.pulled_at) == ("on", 1, "out_of_order", None)
    pulling.pull_due(world.space.id, world.settings, lambda _request: Answer(401))
    assert connections.get(world.space.id, world.id).reason == "secret_refused"


@pytest.mark.parametrize("connector", PULLING, ids=lambda each: each.name)
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(429, {"retry-after": "30"}), "busy"), (Answer(500), "out_of_order"), (Answer(401), "secret_refused"),
        (Unreachable("slow"), "no_answer"), (Answer(200, {}, b"<html>"), "not_understood"),
        (Answer(200, {}, b'{"results": [{"id"'), "not_understood"),
    ],
)  # fmt: skip
def test_every_connector_that_pulls_says_why_it_could_not(connector: Connector, answer: Any, code: str) -> None:
    def send(_request: Request) -> Answer:
        if isinstance(answer, Exception):
            raise answer
        return answer

    line = Line("https://crm.example/sales", "a:b", send, names=connector.presets[""])
    with pytest.raises(NotPulled) as told:
        list(connector.pull(line, None))
    assert told.value.outcome.code == code


def test_a_new_line_is_tried_before_anything_is_sent_and_again_when_resumed(world: World) -> None:
    assert connections.get(world.space.id, world.id).checked_at is not None

    def lacks(request: Request) -> Answer:
        return Answer(400) if request.url.endswith("deals/search") else world.hub(request)

    connections.resume(world.space.id, world.id, "other")
    assert connections.get(world.space.id, world.id).checked_at is None
    sending.send_due(world.space.id, world.settings, lacks)
    found = connections.get(world.space.id, world.id)
    assert (found.state, found.reason, found.checked_at) == ("paused", "not_ready", None)
    connections.resume(world.space.id, world.id)
    world.send()
    assert connections.get(world.space.id, world.id).checked_at is not None


@pytest.mark.parametrize("connector", [each for each in OWN if each.tells_health], ids=lambda each: each.name)
@pytest.mark.parametrize(
    ("answer", "code", "stops"),
    [
        (Answer(401), "secret_refused", True), (Answer(404), "not_ready", True), (Answer(503), "out_of_order", False),
        (Unreachable("slow"), "no_answer", False), (Answer(200, {}, b"<html>"), "not_understood", False),
    ],
)  # fmt: skip
def test_health_tells_what_is_wrong(connector: Connector, answer: Any, code: str, stops: bool) -> None:
    def send(_request: Request) -> Answer:
        if isinstance(answer, Exception):
            raise answer
        return answer

    found = sending.healthy(connector, Line("https://crm.example/sales", "a:b", send))
    assert (found.fine, found.code, found.stop) == (False, code, stops)


def test_only_an_administrator_lets_organizations_be_changed(
    app: Any, plugins: Any, make_space: Any, make_person: Any, make_token: Any
) -> None:
    olga, root = make_person("Olga"), make_person("Root", is_admin=True)
    space = make_space(owner=olga)
    plugins.enable("crm_export", space)
    with app.app_context():
        connector = sdk.rules(Connector, space.id)["hubspot"]
        made, _secret = connections.make(space.id, connector, "HubSpot", "", "pat", "")
    address = f"/spaces/{space.slug}/-/crm_export/connections/{made}"
    client = app.test_client()
    answers = {}
    for who in (olga, root):
        headers = {"Authorization": f"Bearer {make_token(who)}"}
        page = client.get(address, headers=headers).text
        answers[who.name] = ("can be taken from there" in page, "Switch it on" in page, client.post(
            f"{address}/pull", data={"on": "1"}, headers=headers
        ).status_code)  # fmt: skip
    assert answers == {"Olga": (True, False, 403), "Root": (True, True, 303)}
    with app.app_context():
        assert connections.get(space.id, made).pulls and outbox.counts(made) == {}
