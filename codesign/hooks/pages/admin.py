"""The administrator's pages of plugins: how each does on this server, and what can be done about it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from codesign.events.base import SERVER
from codesign.hooks import care, overview, queries, service
from codesign.hooks import settings as shape
from codesign.hooks.card import Plugin
from codesign.hooks.facts import SettingFact
from codesign.hooks.host import PluginHost, host_of
from codesign.hooks.schemas import AgainForm, ReplayForm, SwitchForm
from codesign.hooks.typed import changes, typed_in
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, Invalid, NotFound, Unauthenticated
from codesign.kernel.text import Sentence, _
from codesign.spaces.access import access
from codesign.web.csrf import FIELD
from codesign.web.forms import Form, posted, refusals
from codesign.web.identity import current_actor
from codesign.web.registry import MenuItem, PageView, Registry

blueprint = Blueprint("plugin_admin", __name__, url_prefix="/admin/plugins")


def fill_menu(registry: Registry) -> None:
    """The way to these pages, for administrators."""
    item = MenuItem(
        "plugins", _("Plugins"), lambda view: url_for("plugin_admin.plugins"), "plug", 78, _is_administrator
    )
    registry.menu("profile").add(item)


def _is_administrator(view: PageView) -> bool:
    return view.viewer is not None and view.viewer.is_admin


def _administrator() -> Actor:
    actor = current_actor()
    if not actor.known or actor.guest:
        raise Unauthenticated()
    care.require_administrator(actor)
    return actor


def _host() -> PluginHost:
    return host_of(current_app)


@blueprint.get("")
def plugins() -> str:
    """All plugins of this server, also those that were refused or are not allowed."""
    _administrator()
    return render_template("hooks/admin.html", plugins=overview.list_plugins(_host()))


@blueprint.get("/<name>")
def plugin(name: str) -> Any:
    """One plugin: spaces, timings, failures, what it has not been told yet."""
    _administrator()
    return _plugin(name)


def _plugin(name: str, errors: Any = (), status: int = 200) -> Any:
    return render_template("hooks/admin_one.html", plugin=overview.one_plugin(_host(), name), errors=errors), status


@blueprint.post("/<name>/rest")
def rest(name: str) -> Response:
    """Let it rest until it is resumed."""
    actor = _administrator()
    posted(Form())
    care.hold_plugin(actor, _host(), name)
    return _done(name, _("It rests on the whole server. What happens meanwhile it is told later."))


@blueprint.post("/<name>/resume")
def resume(name: str) -> Response:
    """Ask it again."""
    actor = _administrator()
    posted(Form())
    care.resume_plugin(actor, _host(), name)
    return _done(name, _("It is asked again."))


@blueprint.post("/<name>/switch")
def switch(name: str) -> Any:
    """Switch a plugin that works for the whole server on or off."""
    actor = _administrator()
    on = posted(SwitchForm())["on"]
    try:
        service.switch_plugin(actor, _host(), SERVER, name, on)
    except Conflict as problem:
        return _plugin(name, refusals(problem), problem.status)
    return _done(name, _("It works for the whole server now.") if on else _("It is off. Its data stays."))


@blueprint.post("/<name>/replay")
def replay(name: str) -> Any:
    """Tell it a space's history again from a number on."""
    actor = _administrator()
    try:
        form = posted(ReplayForm())
        care.replay_from(actor, _host(), _space_id(form["space"]), name, form["after"])
    except (Invalid, Conflict) as problem:
        return _plugin(name, refusals(problem), problem.status)
    return _done(name, _("The worker tells it everything from there on again."))


@blueprint.post("/<name>/again")
def again(name: str) -> Any:
    """Tell it one event again that was set aside."""
    actor = _administrator()
    form = posted(AgainForm())
    try:
        care.tell_again(actor, _host(), _space_id(form["space"]), name, form["seq"])
    except Conflict as problem:
        return _plugin(name, refusals(problem), problem.status)
    return _done(name, _("The worker tells it this event once more."))


@blueprint.get("/<name>/settings")
def settings(name: str) -> Any:
    """What a plugin of the whole server is set to; of one that spaces switch on, what holds where a space set nothing."""
    _administrator()
    return _settings(name)


def _settings(name: str, typed: Any = (), errors: Any = (), status: int = 200) -> Any:
    form, card = _form(name)
    page = render_template("hooks/admin_settings.html", card=card, form=form, typed=dict(typed), errors=errors)
    return page, status


def _form(name: str) -> tuple[tuple[SettingFact, ...], Plugin]:
    if name not in _host().plugins or (card := _host().card(name)).settings is None:
        raise NotFound(_("There is nothing to set."))
    with read():
        row = queries.rows(SERVER).get(name)
    return shape.form(card.settings, {}, row.settings if row else {}), card


@blueprint.post("/<name>/settings")
def save_settings(name: str) -> Any:
    """Set what was changed in the form, and take back what was ticked so."""
    actor = _administrator()
    form, card = _form(name)
    typed = typed_in(request.form, FIELD)
    try:
        service.save_settings(actor, _host(), SERVER, name, changes(form, typed, card))
    except (Invalid, Conflict) as problem:
        return _settings(name, typed, refusals(problem), problem.status)
    flash(_("Saved."))
    return redirect(url_for("plugin_admin.settings", name=name), 303)


def _space_id(reference: str) -> str:
    return access(SYSTEM, reference).space.id


def _done(name: str, message: Sentence) -> Response:
    """Obey at once what other processes will hear of within seconds, say what happened, and go back."""
    if reporter := _host().reporter:
        reporter.beat()
    flash(message)
    return redirect(url_for("plugin_admin.plugin", name=name), 303)
