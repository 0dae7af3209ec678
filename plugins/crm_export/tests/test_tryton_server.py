"""Against a real Tryton 8.2: one party, one opportunity and one note for each thing, whatever happens in between."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from codesign_plugins.crm_export import connections, consent, outbox, pulling, sending
from codesign_plugins.crm_export.connector import Connector
from codesign_plugins.crm_export.connectors.tryton import TRYTON

from codesign import sdk
from codesign.testing import Database, actor_of
from tests.support import tryton

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]
HERE = "127.0.0.1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tryton.Server]:
    found = tryton.serve(tmp_path_factory.mktemp("tryton"))
    yield found
    found.stop()


@pytest.fixture
def app(make_app: Callable[..., Any]) -> Any:
    return make_app(private_addresses=HERE)


class World:
    """A space connected to Tryton; Ann of Velo AG allows the export, has an idea and a vote for it."""

    def __init__(self, app: Any, plugins: Any, space: Any, server: tryton.Server, people: Any) -> None:
        self.app, self.plugins, self.space, self.server = app, plugins, space, server
        self.ann, self.root = people
        self.settings = plugins.host.settings("crm_export", space.id)
        connector = sdk.rules(Connector, space.id)["tryton"]
        self.id, _made = connections.make(space.id, connector, "Tryton", server.address, server.secret, "")
        consent.give(actor_of(self.ann), space.id, self.ann.id, self.settings, consent.version_of(self.settings))

    def call(self, method: str, path: str, token: str, **content: Any) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        answer = self.app.test_client().open(f"/api/v1/{path}", method=method, json=content or None, headers=headers)
        assert answer.status_code < 400, answer.json

    def work(self) -> None:
        """What the worker does once a minute."""
        self.plugins.work()
        sending.send_due(self.space.id, self.settings)

    def links(self) -> dict[str, str]:
        """What Tryton calls our things, by kind."""
        from codesign_plugins.crm_export.models import Link
        from sqlalchemy import select

        with sdk.read() as session:
            return {row.kind: row.external_id for row in session.scalars(select(Link).where(Link.remote_id != ""))}

    def waiting(self) -> dict[str, int]:
        return outbox.counts(self.id)


@pytest.fixture
def world(
    app: Any, plugins: Any, server: tryton.Server, make_space: Callable[..., Any], make_person: Callable[..., Any],
    make_idea: Callable[..., Any], make_token: Callable[..., str],
) -> Iterator[World]:  # fmt: skip
    space, ann = make_space(kind="updown"), make_person("Ann", external_id="crm-1")
    root = make_person("Root", is_admin=True)
    plugins.enable("crm_export", space)
    with app.app_context():
        found = World(app, plugins, space, server, (ann, root))
        found.idea, found.token, found.admin = (
            make_idea(space, "A belt drive", author=ann),
            make_token(ann),
            make_token(root),
        )
        found.call("PUT", "people/crm-1", found.admin, organization="Velo AG")
        found.call("PUT", f"ideas/{found.idea.id}/vote", found.token, value=1)
        yield found


def notes(server: tryton.Server, party: int) -> list[str]:
    return [
        row["message"].splitlines()[0] for row in server.rows("ir.note", "message", resource=f"party.party,{party}")
    ]


def test_created_changed_noted_and_erased(world: World) -> None:
    """The whole life of a person's things there: new, other, taken back."""
    server = world.server
    world.work()
    assert world.waiting() == {} and connections.get(world.space.id, world.id).sent == 4
    codes = world.links()
    person = server.rows("party.party", "name", "email", code=codes["person"])
    assert [(row["name"], row["email"]) for row in person] == [("Ann", world.ann.email)]
    assert [row["name"] for row in server.rows("party.party", "name", code=codes["organization"])] == ["Velo AG"]
    party = person[0]["id"]
    deal = server.rows("sale.opportunity", "description", "party", "state", reference=codes["idea"])
    assert [(row["description"], row["party"], row["state"]) for row in deal] == [("A belt drive", party, "lead")]
    assert notes(server, party) == ["Voted for: A belt drive"]

    own = server.call("party.contact_mechanism.create", [{"party": party, "type": "email", "value": "own@example.org"}])
    world.call("PUT", "people/crm-1", world.admin, name="Ann B.")
    world.call("PUT", f"ideas/{world.idea.id}/vote", world.token, value=-1)
    world.call("PATCH", f"ideas/{world.idea.id}", world.token, title="A better belt drive", version=1)
    sending.compare(world.space.id, world.settings)
    world.work()
    assert [row["name"] for row in server.rows("party.party", "name", code=codes["person"])] == ["Ann B."]
    assert notes(server, party) == ["Voted against: A better belt drive"]
    assert [row["description"] for row in server.rows("sale.opportunity", "description", reference=codes["idea"])] == [
        "A better belt drive"
    ]
    emails = server.rows("party.contact_mechanism", "value", party=party, type="email")
    assert sorted(row["value"] for row in emails) == sorted([world.ann.email, "own@example.org"]) and own

    consent.withdraw(actor_of(world.ann), world.space.id, world.ann.id, world.settings)
    world.work()
    assert world.waiting() == {} and notes(server, party) == []
    assert server.rows("party.party", "id", code=codes["person"]) == []
    assert server.rows("sale.opportunity", "id", reference=codes["idea"]) == []


def test_a_vote_taken_back_takes_its_note_away(world: World) -> None:
    world.work()
    party = world.server.rows("party.party", "id", code=world.links()["person"])[0]["id"]
    world.call("DELETE", f"ideas/{world.idea.id}/vote", world.token)
    world.work()
    assert world.waiting() == {} and notes(world.server, party) == []


def test_an_erased_person_is_gone_there_too(world: World) -> None:
    world.work()
    code = world.links()["person"]
    assert all(answer.ok for answer in world.plugins.host.erase_person(world.ann.id))
    world.work()
    assert world.waiting() == {} and world.server.rows("party.party", "id", code=code) == []


def test_what_tryton_needs_for_its_own_papers_is_emptied_and_said(world: World) -> None:
    """A party with a sale cannot be deleted; an opportunity that became one is the customer's own."""
    world.work()
    codes, server = world.links(), world.server
    party = server.rows("party.party", "id", code=codes["person"])[0]["id"]
    deal = server.rows("sale.opportunity", "id", reference=codes["idea"])[0]["id"]
    company = server.rows("company.company", "id")[0]["id"]
    employee = server.call("company.employee.create", [{"party": party, "company": company}])[0]
    server.call("sale.opportunity.write", [deal], {"employee": employee})
    server.call("sale.opportunity.opportunity", [deal])
    world.call("PATCH", f"ideas/{world.idea.id}", world.token, title="A better belt drive", version=1)
    consent.withdraw(actor_of(world.ann), world.space.id, world.ann.id, world.settings)
    world.work()
    kept = server.rows("party.party", "name", "active", "email", code=codes["person"])
    assert [(row["name"], bool(row["active"]), row["email"]) for row in kept] == [(None, False, "")]
    assert {row.code for row in connections.given_up(world.id)} == {"kept_there"}


def test_a_refused_password_pauses_the_connection(world: World) -> None:
    connections.resume(world.space.id, world.id, "export:other")
    world.work()
    found = connections.get(world.space.id, world.id)
    assert (found.state, found.reason, found.sent) == ("paused", "secret_refused", 0)
    connections.resume(world.space.id, world.id, world.server.secret)
    world.work()
    assert connections.get(world.space.id, world.id).sent == 4


WORKER = """
import os, signal, sys
from pathlib import Path
from codesign.app import create_app
from codesign.testing import Database, settings_for
url, instance, space, method, here = sys.argv[1:]
app = create_app(settings_for(Database("any", url), Path(instance), private_addresses=here))
from codesign.hooks.host import host_of
from codesign import sdk
from codesign_plugins.crm_export import sending

def send(request, real=[]):
    real = real or real.append(sdk.sender()) or real
    answer = real[0](request)
    if method.encode() in request.body:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

with app.app_context():
    sending.send_due(space, host_of(app).settings("crm_export", space), send)
"""


@pytest.mark.parametrize("method", ["party.party.create", "sale.opportunity.create", "ir.note.create"])
def test_killed_between_call_and_acknowledgement_there_is_one_of_each(
    world: World, database: Database, tmp_path: Path, method: str
) -> None:
    """SIGKILL of the worker once Tryton has written and before we know: the next one finds it and writes no second."""
    world.plugins.work()
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        WORKER,
        database.url,
        str(tmp_path / "instance"),
        world.space.id,
        method,
    ]
    killed = subprocess.run([*command, HERE], check=False, capture_output=True, text=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    world.work()
    assert world.waiting() == {}
    codes, server = world.links(), world.server
    party = server.rows("party.party", "id", code=codes["person"])
    assert len(party) == 1 and len(server.rows("party.party", "id", code=codes["organization"])) == 1
    assert len(server.rows("sale.opportunity", "id", reference=codes["idea"])) == 1
    assert notes(server, party[0]["id"]) == ["Voted for: A belt drive"]


def test_nobody_answers_after_the_server_went_down_and_nothing_is_lost(world: World) -> None:
    world.server.stop()
    try:
        world.work()
        assert connections.get(world.space.id, world.id).failures == 1 and world.waiting() == {"waiting": 4}
    finally:
        world.server.start()
    connections.resume(world.space.id, world.id)
    world.work()
    assert world.waiting() == {}


def test_it_describes_what_tryton_has(server: tryton.Server) -> None:
    """Every field of the presets is a field of a model there."""
    from codesign_plugins.crm_export.connectors.tryton import MODELS, PRESETS

    assert PRESETS[""] and TRYTON.fixed
    for kind, names in PRESETS[""].items():
        there = {row["name"] for row in server.rows("ir.model.field", "name", model=MODELS[kind])}
        assert set(names.values()) <= there


def test_the_categories_of_a_party_become_the_segment_of_its_organization(world: World) -> None:
    world.work()
    server, code = world.server, world.links()["organization"]
    connections.let_pull(world.space.id, world.id, True)
    pulling.pull_due(world.space.id, world.settings)
    assert attributes(world) == {}
    party = server.rows("party.party", "id", code=code)[0]["id"]
    kinds = f"Dealer {code}", f"Key account {code}"  # no two may be called alike, and the server serves all tests
    made = [server.call("party.category.create", [{"name": name}])[0] for name in kinds]
    server.call("party.party.write", [party], {"categories": [["add", made]]})
    pulling.pull_due(world.space.id, world.settings)
    assert attributes(world) == {"segment": ", ".join(kinds)}
    sending.compare(world.space.id, world.settings)
    world.work()
    assert connections.get(world.space.id, world.id).sent == 4


def attributes(world: World) -> dict[str, Any]:
    organization = sdk.participants(world.space.id, [world.ann.id])[world.ann.id].organization
    assert organization is not None
    return dict(organization.attributes)
