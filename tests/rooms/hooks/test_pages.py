"""What a plugin brings to the web: routes that are guarded for it, slots, modules; nothing of it where it is off."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from codesign.hooks import service
from codesign.hooks.host import host_of
from codesign.kernel.actor import SYSTEM
from codesign.testing import Plugins
from codesign.web.assets import assets_of
from codesign.web.registry import PageView, registry_of

pytestmark = pytest.mark.doors

CARD = """
    from codesign import sdk
    from codesign.sdk import hookimpl

    pages, api = sdk.Routes(), sdk.Routes()

    @pages.get("/", needs="view")
    def hello(space):
        return sdk.render("wall/hello.html", space=space, n=sdk.current_visit().settings["n"])

    @pages.get("/<int:number>/half", needs="vote")
    def half(space, number):
        return str(number // 2)

    @pages.post("/clear", needs="own")
    def clear(space):
        raise sdk.Conflict("not today")

    @pages.get("/broken", needs="view")
    def broken(space):
        raise ZeroDivisionError

    @pages.get("/drip", needs="view")
    def drip(space):
        return (f"{1 // left} " for left in (1, 0))

    @api.get("/numbers", needs="moderate")
    def numbers(space):
        return {"space": space.slug, "actor": sdk.current_visit().actor.person_id}

    class Settings(sdk.Settings):
        n = sdk.fields.Integer(load_default=7)

    @hookimpl
    def fill_slot(slot, facts, settings):
        if slot == "idea.aside":
            if facts == ("boom",):
                raise ValueError("boom")
            return {"heading": "Wall <1>", "count": len(facts)} if facts != ("empty",) else None

    class hooks:
        fill_slot = staticmethod(fill_slot)

    plugin = sdk.Plugin(name="wall", title="Photo wall", version="0.4.2", settings=Settings, pages=pages, api=api, hooks=hooks)
"""
FILES = {
    "templates/wall/hello.html": "Hello {{ space.name }}, n is {{ n }}",
    "slots/idea.aside.html": "{% if slot %}<p>{{ data.count }} of {{ settings.n }} in {{ space.slug }}</p>{% endif %}",
    "slots/idea.meta.html": "{{ data.no_such.thing }}",
    "static/wall.js": "export const wall = 1;\n",
    "static/secret.py": "x = 1\n",
}


@pytest.fixture
def walled(write_plugin: Callable[..., Path], make_app: Callable[..., Flask]) -> Flask:
    return make_app(plugin_folders=str(write_plugin("wall", CARD, **FILES)), plugins="wall")


@pytest.fixture
def app(walled: Flask) -> Flask:
    """The app that the factories of people and spaces work on."""
    return walled


@pytest.fixture
def space(app: Flask, make_space: Callable[..., Any], make_person: Callable[..., Any]) -> Any:
    made = make_space(owner=make_person("Owen"), name="Tarn <Bikes>")
    service.switch_plugin(SYSTEM, host_of(app), made.id, "wall", True)
    return made


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_page_draws_the_plugin_s_template(client: FlaskClient, space: Any) -> None:
    answer = client.get(f"/spaces/{space.slug}/-/wall/")
    assert (answer.status_code, answer.text) == (200, "Hello Tarn &lt;Bikes&gt;, n is 7")
    assert client.get(f"/spaces/{space.id}/-/wall/").status_code == 200, "id or slug"


def test_off_is_not_there_and_on_again_is(client: FlaskClient, app: Flask, space: Any) -> None:
    address = f"/spaces/{space.slug}/-/wall/"
    service.switch_plugin(SYSTEM, host_of(app), space.id, "wall", False)
    assert client.get(address).status_code == 404
    assert client.get(f"/api/v1/spaces/{space.slug}/-/wall/numbers").json["code"] == "not_found"
    service.switch_plugin(SYSTEM, host_of(app), space.id, "wall", True)
    assert client.get(address).status_code == 200


def test_another_space_does_not_have_it(client: FlaskClient, space: Any, make_space: Callable[..., Any]) -> None:
    assert client.get(f"/spaces/{make_space().slug}/-/wall/").status_code == 404


def test_who_may_not_see_the_space_sees_no_plugin(
    client: FlaskClient, app: Flask, make_space: Callable[..., Any]
) -> None:
    secret = make_space(visibility="private")
    service.switch_plugin(SYSTEM, host_of(app), secret.id, "wall", True)
    assert client.get(f"/spaces/{secret.slug}/-/wall/").status_code == 404


def test_each_route_asks_for_its_right(
    client: FlaskClient, space: Any, make_person: Callable[..., Any], make_token: Callable[..., str]
) -> None:
    ann = make_token(make_person("Ann"))
    admin = make_token(make_person("Ada", is_admin=True))
    numbers = f"/api/v1/spaces/{space.slug}/-/wall/numbers"
    assert client.get(numbers).status_code == 401
    assert client.get(numbers, headers=bearer(ann)).json["code"] == "forbidden"
    allowed = client.get(numbers, headers=bearer(admin))
    assert allowed.status_code == 200 and allowed.json["space"] == space.slug and allowed.json["actor"]
    clear = f"/spaces/{space.slug}/-/wall/clear"
    assert client.post(clear, headers=bearer(ann)).status_code == 403
    refused = client.post(clear, headers={**bearer(admin), "Accept": "application/json"})
    assert refused.status_code == 409 and refused.json["detail"] == "not today"


def test_a_form_without_our_token_is_refused(client: FlaskClient, space: Any) -> None:
    assert client.post(f"/spaces/{space.slug}/-/wall/clear").status_code == 403


def test_what_the_rule_captures_is_handed_over(client: FlaskClient, space: Any) -> None:
    assert client.get(f"/spaces/{space.slug}/-/wall/84/half").text == "42"
    assert client.get(f"/spaces/{space.slug}/-/wall/x/half").status_code == 404


def test_a_broken_route_breaks_itself_alone_and_rests(client: FlaskClient, app: Flask, space: Any) -> None:
    for _ in range(5):
        assert client.get(f"/spaces/{space.slug}/-/wall/broken").status_code == 503
    assert client.get(f"/spaces/{space.slug}/-/wall/").status_code == 503, "it rests"
    assert host_of(app).runner.health("wall").rests_until is not None
    assert client.get("/health/live").status_code == 200


def test_what_a_route_makes_piece_by_piece_is_made_inside_its_call(client: FlaskClient, app: Flask, space: Any) -> None:
    assert client.get(f"/spaces/{space.slug}/-/wall/drip").status_code == 503
    assert "ZeroDivisionError" in host_of(app).runner.health("wall").failures[-1].error


def draw(app: Flask, space: Any, slot: str, facts: Any) -> str:
    with app.test_request_context():
        return "".join(registry_of(app).slot(slot).drawn(PageView(space=space), facts))


def test_a_slot_is_drawn_in_a_box_that_says_whose_it_is(app: Flask, space: Any) -> None:
    html = draw(app, space, "idea.aside", ["one", "two"])
    assert html.startswith('<section class="card pad slot')
    assert 'data-plugin="wall"' in html and "<h2>Wall &lt;1&gt;</h2>" in html
    assert f"<p>2 of 7 in {space.slug}</p>" in html and "From the plugin Photo wall" in html


def test_empty_failing_or_off_leaves_no_gap(app: Flask, space: Any) -> None:
    assert draw(app, space, "idea.aside", "empty") == ""
    assert draw(app, space, "idea.aside", "boom") == ""
    assert draw(app, space, "idea.below", ["one"]) == ""
    assert draw(app, None, "idea.aside", ["one"]) == ""
    service.switch_plugin(SYSTEM, host_of(app), space.id, "wall", False)
    assert draw(app, space, "idea.aside", ["one"]) == ""


def test_a_template_that_fails_is_the_plugin_s_failure(app: Flask, space: Any) -> None:
    host_of(app)._implementations["fill_slot"]["wall"] = (lambda: {}, ())
    assert draw(app, space, "idea.meta", ["one"]) == ""
    assert "UndefinedError" in host_of(app).runner.health("wall").failures[-1].error


class _Sayer:
    """What a template draws with may be anything: its words are made while it is drawn."""

    def __init__(self, say: Callable[[], str]) -> None:
        self.say = say

    def __str__(self) -> str:
        return self.say()


@pytest.mark.parametrize(
    "say", [sys.exit, lambda: "half a pair \ud800", lambda: "much " * 60_000, lambda: time.sleep(1.5)]
)
def test_what_is_drawn_with_cannot_break_or_hold_up_a_page(app: Flask, space: Any, say: Callable[[], str]) -> None:
    answers = host_of(app)._implementations["fill_slot"]
    answers["wall"] = (lambda: {"count": _Sayer(lambda: "five")}, ())
    assert "<p>five of 7" in draw(app, space, "idea.aside", ["one"])
    answers["wall"] = (lambda: {"count": _Sayer(say)}, ())
    started = time.monotonic()
    assert draw(app, space, "idea.aside", ["one"]) == "" and time.monotonic() - started < 1.2, (
        "not its second and a half"
    )
    assert len(host_of(app).runner.health("wall").failures) == 1


def test_modules_join_the_import_map_and_only_the_front_end_is_served(client: FlaskClient, app: Flask) -> None:
    address = assets_of(app).modules["wall/wall"]
    answer = client.get(address)
    assert answer.status_code == 200 and answer.text == "export const wall = 1;\n"
    assert answer.mimetype == "text/javascript" and "max-age=31536000" in answer.headers["Cache-Control"]
    for missing in ("secret.py", "../__init__.py", "nothing.js"):
        assert client.get(f"/-/static/wall/{missing}").status_code == 404
    assert client.get("/-/static/nobody/wall.js").status_code == 404


def test_safe_mode_is_usable(make_app: Callable[..., Flask]) -> None:
    app = make_app(plugins="none")
    assert host_of(app).plugins == {} and host_of(app).refused == []
    assert app.test_client().get("/").status_code == 200


def test_an_idea_s_page_opens_its_scores_to_their_parts(
    make_app: Callable[..., Flask],
    make_space: Callable[..., Any],
    make_idea: Callable[..., Any],
    cast_votes: Callable[..., None],
) -> None:
    """Shown with the tally, hidden with the tally."""
    app = make_app(plugins="scoring")
    open_space, veiled = make_space(kind="updown"), make_space(kind="updown", results="at_close")
    bench = Plugins(app)
    pages = []
    for space in (open_space, veiled):
        idea = make_idea(space)
        cast_votes(idea, 9, 1)
        bench.enable("scoring", space)
        bench.work()
        pages.append(app.test_client().get(f"/spaces/{space.slug}/ideas/{idea.id}", follow_redirects=True).text)
    assert 'id="scores"' in pages[0] and "Surely wanted" in pages[0] and "0.5958" in pages[0]
    assert "9 of 10" in pages[0] and "+0.9000" in pages[0] and "\u22120.3042" in pages[0]
    assert 'id="scores"' not in pages[1] and "0.5958" not in pages[1]
