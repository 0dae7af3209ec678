"""The administrator's pages of plugins: what they show, who may press what, and that every process obeys."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from codesign.events import log
from codesign.hooks import care, delivery, overview, queries, reports, service
from codesign.hooks.host import PluginHost, host_of
from codesign.hooks.models import PluginSetAside
from codesign.kernel import clock, db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from codesign.testing import Plugins, actor_of

pytestmark = pytest.mark.doors

CARD = """
    from codesign import sdk
    from codesign.sdk import hookimpl

    told, broken = [], []

    class hooks:
        @staticmethod
        @hookimpl
        def events_recorded(events):
            if broken:
                raise ValueError("<b>no</b> words")
            told.extend(event.seq for event in events)

        @staticmethod
        @hookimpl
        def fill_slot(slot):
            raise ValueError("<b>no</b> slot")

    plugin = sdk.Plugin(name="pulse", title="Pulse <1>", version="0.3.0", hooks=hooks, listens_to=(sdk.IdeaPublished,))
"""


@pytest.fixture
def app(write_plugin: Callable[..., Path], make_app: Callable[..., Flask]) -> Flask:
    base = write_plugin("pulse", CARD, **{"slots/idea.aside.html": "x"})
    write_plugin("broken", "import nowhere")
    return make_app(plugin_folders=str(base), plugins="pulse,broken")


@pytest.fixture
def host(app: Flask) -> PluginHost:
    return host_of(app)


@pytest.fixture
def space(host: PluginHost, make_space: Callable[..., Any], make_idea: Callable[..., Any]) -> Any:
    made = make_space(name="Tarn", slug="tarn")
    make_idea(made)
    make_idea(made)
    service.switch_plugin(SYSTEM, host, made.id, "pulse", True)
    return made


@pytest.fixture
def admin(make_person: Callable[..., Any]) -> Any:
    return make_person("Ada", is_admin=True)


@pytest.fixture
def signed_in(client: FlaskClient, admin: Any, make_token: Callable[..., str]) -> Callable[..., Any]:
    """Ask as the administrator; forms carry no cookie and so need no form token."""
    headers = {"Authorization": f"Bearer {make_token(admin)}"}

    def ask(path: str = "", **form: Any) -> Any:
        if path.startswith("POST "):
            return client.post(f"/admin/plugins/{path[5:]}", data=form, headers=headers)
        return client.get(f"/admin/plugins{path}", headers=headers)

    return ask


def aside(host: PluginHost, space: Any) -> int:
    """Set the space's first idea aside, as the worker does."""
    with db.read():
        seq = log.since(space.id, 0, 1, ["idea.published"])[0].seq

    @db.verb
    def keep() -> None:
        row = PluginSetAside(plugin="pulse", space_id=space.id, seq=seq, error="ValueError: words", again=False)
        row.created_at = clock.now()
        db.session().add(row)

    keep()
    return seq


def test_the_list_shows_every_plugin_with_its_state_and_reason(signed_in: Any, space: Any) -> None:
    page = signed_in().text
    assert "Pulse &lt;1&gt;" in page and "On in 1 space" in page and "2 events behind" in page
    assert "Refused" in page and "No module named" in page
    assert "Not allowed" in page and "CODESIGN_PLUGINS does not list it." in page


def test_one_plugin_shows_spaces_timings_and_failures(signed_in: Any, host: PluginHost, space: Any) -> None:
    host.tell("pulse", "fill_slot", slot="idea.aside")
    seq = aside(host, space)
    page = signed_in("/pulse").text
    assert "2 events behind" in page and f"Event {seq} was set aside" in page
    assert "<code>fill_slot</code>" in page and "server" in page
    assert "ValueError: &lt;b&gt;no&lt;/b&gt; slot" in page and "Traceback" in page
    assert signed_in("/nobody").status_code == 404
    assert "Where it broke" in signed_in("/broken").text


@pytest.mark.parametrize("path", ["rest", "resume", "switch", "replay", "again"])
def test_nobody_else_gets_in(
    client: FlaskClient, space: Any, path: str, make_person: Any, make_token: Any, signed_in: Any
) -> None:
    headers = {"Authorization": f"Bearer {make_token(make_person('Owen'))}"}
    for asked in ("", "/pulse"):
        assert client.get(f"/admin/plugins{asked}", headers=headers).status_code == 403
    assert client.post(f"/admin/plugins/pulse/{path}", headers=headers).status_code == 403
    anonymous = client.get("/admin/plugins")
    assert anonymous.status_code in (302, 303, 401)
    assert signed_in(f"POST pulse/{path}", what="else").status_code == 422, "unknown fields are refused"


def test_the_verbs_ask_who_it_is_and_record(host: PluginHost, space: Any, admin: Any, make_person: Any) -> None:
    owen, ada = actor_of(make_person("Owen")), actor_of(admin)
    seq = aside(host, space)
    for verb in (
        lambda actor: care.hold_plugin(actor, host, "pulse"),
        lambda actor: care.resume_plugin(actor, host, "pulse"),
        lambda actor: care.tell_again(actor, host, space.id, "pulse", seq),
        lambda actor: care.replay_from(actor, host, space.id, "pulse", seq),
    ):
        with pytest.raises(Forbidden):
            verb(owen)
        verb(ada)
    with pytest.raises(Conflict):
        care.tell_again(ada, host, space.id, "pulse", seq)
    with db.read():
        names = [fact.name for fact in log.since("server", 0) if fact.actor_id == admin.id]
        replayed = log.since(space.id, 0, 500, ["plugin.replayed"])
    assert names[-2:] == ["plugin.held", "plugin.resumed"] and replayed[0].payload == {"plugin": "pulse", "after": seq}
    with pytest.raises(NotFound):
        care.tell_again(ada, host, space.id, "pulse", seq + 1)
    with pytest.raises(NotFound):
        care.hold_plugin(ada, host, "nobody")
    with pytest.raises(Invalid):
        care.replay_from(ada, host, space.id, "pulse", 1000)


def test_rest_and_resume_reach_the_other_process(app: Flask, signed_in: Any, space: Any) -> None:
    """The worker has a host of its own and knows only the tables."""
    worker = PluginHost()
    worker.plugins, worker._implementations = host_of(app).plugins, host_of(app)._implementations
    worker.space_fact = host_of(app).space_fact
    reporter = reports.Reporter(worker, reports.WORKER)
    reporter.restore()
    assert signed_in("POST pulse/rest").status_code == 303
    assert "until somebody resumes it" in signed_in("/pulse").text
    assert delivery.behind(worker, "pulse") == [space.id]
    reporter.beat()
    assert delivery.behind(worker, "pulse") == [] and worker.tell("pulse", "fill_slot", slot="x").skipped
    assert signed_in("POST pulse/resume").status_code == 303
    reporter.beat()
    assert delivery.behind(worker, "pulse") == [space.id] and not worker.tell("pulse", "fill_slot", slot="x").skipped
    worker.deliver("pulse", space.id)
    reporter.beat()
    page = signed_in("/pulse").text
    assert "<code>events_recorded</code></th><td>worker" in page and "Has been told everything" in page


def test_replay_from_a_number_tells_it_again(signed_in: Any, plugins: Plugins, space: Any) -> None:
    module = __import__("codesign_plugins.pulse", fromlist=["told"])
    plugins.work()
    first, second = module.told
    assert signed_in("POST pulse/replay", space=space.id, after=first).status_code == 303
    plugins.work()
    assert module.told == [first, second, second]
    wrong = signed_in("POST pulse/replay", space=space.id, after=10_000)
    assert wrong.status_code == 422 and "Choose a number from 0 to" in wrong.text
    assert signed_in("POST pulse/replay", space="nowhere", after=0).status_code == 404


def test_what_was_set_aside_is_told_again_when_asked(
    signed_in: Any, host: PluginHost, plugins: Plugins, space: Any
) -> None:
    module = __import__("codesign_plugins.pulse", fromlist=["told"])
    plugins.work()
    seq = aside(host, space)
    tell = {name: run for name, _every, run in host.chores(lambda *parts: parts)}["plugins told again"]
    assert tell() == 0, "nobody asked"
    module.broken.append(True)
    assert signed_in("POST pulse/again", space=space.id, seq=seq).status_code == 303
    assert signed_in("POST pulse/again", space=space.id, seq=seq).status_code == 409, "it is on its way"
    assert tell() == 0
    (kept,) = queries.asides("pulse")[space.id]
    assert kept.error == "ValueError: <b>no</b> words" and not kept.again
    module.broken.clear()
    signed_in("POST pulse/again", space=space.id, seq=seq)
    assert tell() == 1 and queries.asides("pulse") == {} and module.told[-1] == seq
    assert queries.mark("pulse", space.id).seq > seq, "the bookmark stays where it was"


def test_the_list_is_json_for_programs(host: PluginHost, space: Any) -> None:
    aside(host, space)
    (fact,) = [each for each in overview.list_plugins(host) if each.name == "pulse"]
    assert (fact.state, fact.spaces, fact.behind, fact.set_aside) == ("on", 1, 2, 1)
    assert fact.progress[0].slug == "tarn" and json.dumps(fact.progress[0].seq) == "0"
