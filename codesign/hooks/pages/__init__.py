"""The door of plugins: their routes, slots, static files and modules, mounted and guarded. A plugin that is off is
not there."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, current_app, g, render_template, request, send_from_directory, url_for
from markupsafe import Markup
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from codesign.hooks.discovery import Loaded
from codesign.hooks.host import PluginHost, host_of
from codesign.hooks.pages import admin, head
from codesign.hooks.routes import Route, Routes
from codesign.hooks.slots import SLOTS, Slots, add_templates
from codesign.hooks.visit import Visit, begin, current_visit
from codesign.hooks.why import score_lines
from codesign.ideas.queries import scores_of
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.config import Settings
from codesign.kernel.db import reading
from codesign.kernel.errors import Forbidden, NotFound, Problem, Unauthenticated, Unavailable
from codesign.kernel.text import _
from codesign.spaces.access import access, require
from codesign.spaces.tabs import access_here
from codesign.web import catalogues
from codesign.web.assets import assets_of
from codesign.web.identity import current_actor
from codesign.web.registry import MenuItem, PageView, registry_of

#: How long a route of a plugin may take.
BUDGET = 10.0
_STATIC = "/-/static/<plugin>/<path:name>"
_SUFFIXES = {".js", ".css", ".svg", ".png", ".webp", ".json", ".map"}
_FOR_EVER = 31_536_000


def install(app: Flask, settings: Settings) -> None:
    """Mount everything the plugins of *app* bring."""
    host = host_of(app)
    app.register_blueprint(admin.blueprint)
    admin.fill_menu(registry_of(app))
    host.space_fact = lambda space_id: access(SYSTEM, space_id).space
    for loaded in host.plugins.values():
        _mount(app, host, loaded, loaded.card.pages, "pages", "")
        _mount(app, host, loaded, loaded.card.api, "api", "/api/v1")
        _offer_modules(app, loaded)
        _offer_place(app, host, loaded)
        if sentences := loaded.part("translations"):
            catalogues.add_folder(app, sentences)
    app.add_url_rule(_STATIC, "plugin-static", _serve_static)
    add_templates(app, host)
    slots = app.extensions["codesign.slots"] = Slots(app, host)
    for slot in SLOTS:
        registry_of(app).slot(slot).add("plugins", _piece(slots, slot))
    registry_of(app).slot("idea.aside").add("scores", _scores, order=40)
    head.install(app, host)


def endpoint(plugin: str, kind: str, name: str) -> str:
    """The name under which Flask knows a route of a plugin."""
    return f"plugin-{plugin}-{kind}-{name}"


def _offer_place(app: Flask, host: PluginHost, loaded: Loaded) -> None:
    """Put the first page of a plugin into the palette of those who may open it, where the plugin is on."""
    name, routes = loaded.card.name, loaded.card.pages
    front = next((route for route in routes.routes if route.rule == "/"), None) if isinstance(routes, Routes) else None
    if front is None or loaded.card.scope != "space" or "GET" not in front.methods:
        return

    def shows(view: PageView) -> bool:
        if view.space is None or view.viewer is None or name not in _at_work(host, view.space.id):
            return False
        found = access_here(view)
        return found.may(front.needs or "own") if found else front.needs == "view"

    def address(view: PageView) -> str:
        return url_for(endpoint(name, "pages", front.endpoint), space=view.space.slug)

    registry_of(app).menu("palette").add(MenuItem(f"plugin-{name}", loaded.card.title, url=address, shows=shows))


def _at_work(host: PluginHost, space_id: str) -> set[str]:
    """The plugins that are on in a space; asked once per page."""
    known: dict[str, set[str]] = g.setdefault("plugins_at_work", {})
    if space_id not in known:
        known[space_id] = {item.name for item in host.enabled(space_id)}
    return known[space_id]


def _piece(slots: Slots, slot: str) -> Callable[[PageView, Any], Any]:
    def draw(view: PageView, facts: Any) -> Any:
        shown = facts if isinstance(facts, list | tuple) else [] if facts is None else [facts]
        return slots.draw(view.space, current_actor(), slot, shown)

    return draw


def _scores(view: PageView, facts: Any) -> Markup | None:
    """The scores of the idea on the page with their parts; nothing while its tally is hidden from the viewer."""
    idea = facts[0] if facts else None
    if view.space is None or idea is None or idea.tally is None:
        return None
    here = access_here(view)
    kept = scores_of([idea.id]).get(idea.id, [])
    lines = score_lines(host_of(current_app), view.space, kept, team=here is not None and here.is_team)
    return Markup(render_template("hooks/scores.html", scores=lines)) if lines else None  # noqa: S704


def _mount(app: Flask, host: PluginHost, loaded: Loaded, routes: Any, kind: str, prefix: str) -> None:
    if not isinstance(routes, Routes):
        return
    name, scope = loaded.card.name, loaded.card.scope
    base = f"{prefix}/-/{name}" if scope == "server" else f"{prefix}/spaces/<space>/-/{name}"
    for route in routes.routes:
        view = _door(host, loaded, route)
        app.add_url_rule(base + route.rule, endpoint(name, kind, route.endpoint), view, methods=list(route.methods))


def _door(host: PluginHost, loaded: Loaded, route: Route) -> Callable[..., Response]:
    name = loaded.card.name

    def door(**values: Any) -> Response:
        visit = _visit_server(host, name, route) if loaded.card.scope == "server" else _visit_space(
            host, name, route, values.pop("space")
        )  # fmt: skip
        begin(visit)
        first = () if visit.space is None else (visit.space,)
        return _answer(host, name, route, lambda: route.view(*first, **values))

    return door


@reading
def _visit_space(host: PluginHost, name: str, route: Route, reference: str) -> Visit:
    actor = current_actor()
    found = access(actor, reference)
    if not host.is_enabled(name, found.space.id):
        raise NotFound(_("This plugin is not switched on here."))
    if route.needs == "admin":
        _require_admin(actor)
    else:
        require(actor, found, route.needs or "own")
    if route.own and (not actor.known or actor.guest or not actor.may("write")):
        raise Unauthenticated(_("Sign in to do this."))
    return Visit(name, actor, found.space, host.settings(name, found.space.id))


def _visit_server(host: PluginHost, name: str, route: Route) -> Visit:
    actor = current_actor()
    if not host.is_enabled(name):
        raise NotFound(_("This plugin is not switched on here."))
    if route.needs != "view":
        _require_admin(actor)
    return Visit(name, actor, None, host.settings(name))


def _require_admin(actor: Actor) -> None:
    if not (actor.is_admin and actor.may("admin")):
        raise Forbidden(_("Only an administrator of this server may do that."))


def _answer(host: PluginHost, plugin: str, route: Route, view: Callable[[], Any]) -> Response:
    """Run the view inside its budget, in a thread that sees this request; a refusal of its own is an answer, not a
    failure."""
    request.get_data(parse_form_data=True)  # here: under gevent no other thread may wait for the rest of it
    context = contextvars.copy_context()

    def made() -> Response:
        response = current_app.make_response(view())
        response.make_sequence()  # what it makes piece by piece is made here, too
        return response

    def run() -> Any:
        try:
            return context.run(made)
        except (Problem, HTTPException, ValidationError) as refusal:
            return refusal

    answer = host.runner.call(plugin, f"route {route.endpoint}", run, BUDGET, space_id=_here())
    if not answer.ok:
        current_app.logger.error("plugin %s failed at %s %s: %s", plugin, request.method, request.path, answer.error)
        raise Unavailable(
            _("The plugin %(name)s cannot answer right now.", name=host.card(plugin).title), retry_after=60
        )
    if isinstance(answer.value, Exception):
        raise answer.value
    response: Response = answer.value
    return response


def _here() -> str:
    space = current_visit().space
    return space.id if space is not None else ""


def _offer_modules(app: Flask, loaded: Loaded) -> None:
    """Enter a plugin's ES modules in the import map: ``static/chart.js`` as ``<plugin>/chart``."""
    folder = loaded.part("static")
    for file in sorted(folder.rglob("*.js")) if folder else ():
        assert folder is not None
        path = file.relative_to(folder).as_posix()
        assets_of(app).add_module(f"{loaded.card.name}/{path[:-3]}", head.address(loaded.card.name, folder, file))


def _serve_static(plugin: str, name: str) -> Response:
    loaded = host_of(current_app).plugins.get(plugin)
    folder = loaded.part("static") if loaded else None
    if folder is None or Path(name).suffix not in _SUFFIXES:
        abort(404)
    return send_from_directory(folder, name, max_age=_FOR_EVER if "v" in request.args else None, conditional=True)
