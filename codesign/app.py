"""The factory. Read it from top to bottom: that is the order in which the house boots."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from codesign.kernel import config, db
from codesign.kernel.config import Settings
from codesign.web import errors, health, identity, limits
from codesign.web import install as web
from codesign.web.api import ApiBlueprint, install_api
from codesign.web.rules import LazyRule

if TYPE_CHECKING:
    from flask_socketio import SocketIO

    from codesign.live.server import Live

#: The rooms, from the ground up. A room joins by the doors it has: ``api.py``, ``pages.py``, ``live.py``.
ROOMS = (
    "accounts", "spaces", "pictures", "products", "configurations", "ideas", "voting", "comments", "merging",
    "moderation", "notifications", "customers", "activity", "insights", "roadmap", "triage", "privacy", "hooks", "exchange",
)  # fmt: skip


def create_app(settings: Settings | None = None, **overrides: Any) -> Flask:
    """An app with its own database, plugins and doors. *overrides* are settings by lower-case name.

    ``app.extensions["codesign"]`` is the settings. Sockets come with ``create_socketio`` and ``start_live`` when it is served.
    """
    settings = settings or config.load(**overrides)
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    app = Flask("codesign", static_folder=None, template_folder="web/templates")
    app.url_rule_class = LazyRule
    app.config.update(SECRET_KEY=settings.signing_key(), TRUSTED_HOSTS=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["codesign"] = settings
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    settings.instance_folder.mkdir(parents=True, exist_ok=True)
    db.install(app, settings.url_of_database)
    web.install(app, settings)
    limits.install(app, settings)
    identity.install(app, settings)
    plugin_host(app, settings)
    api = install_api(app)
    for name in ROOMS:
        _move_in(app, api, settings, name)
    health.install(app)
    errors.install(app)
    return app


def plugin_host(app: Flask, settings: Settings) -> None:
    """Find and load the plugins; what they bring is mounted last, by the door of ``hooks``."""
    from codesign.hooks.host import install

    install(app, settings)


def _move_in(app: Flask, api: Any, settings: Settings, name: str) -> None:
    """Register the doors of one room and let it fill the registries."""
    for door in ("api", "pages", "limits"):
        module = _module(f"codesign.{name}.{door}")
        if module is None:
            continue
        blueprint = getattr(module, "blueprint", None)
        if isinstance(blueprint, ApiBlueprint):
            api.register_blueprint(blueprint)
        elif blueprint is not None:
            app.register_blueprint(blueprint)
        if install := getattr(module, "install", None):
            install(app, settings)


def _module(name: str) -> ModuleType | None:
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def create_socketio(app: Flask, origins: list[str]) -> SocketIO:
    """The socket server of *app*; pages of *origins* alone may open sockets."""
    # Only who serves needs it; its clients, which come along, are slow to load.
    from flask_socketio import SocketIO

    from codesign.live.direct import DirectManager

    return SocketIO(
        app,
        client_manager=DirectManager(),
        async_mode="gevent",
        path="/socket.io",
        cors_allowed_origins=origins,
        manage_session=False,
        max_http_buffer_size=1_000_000,
        ping_interval=25,
        ping_timeout=20,
        http_compression=False,
    )


def start_live(app: Flask, socketio: SocketIO) -> Live:
    """Give the live server what it needs from the rooms, open the socket doors and let its clock tick."""
    from codesign.activity.queries import public_event, tallies_for
    from codesign.comments import queries as comments
    from codesign.configurations import live as drafts
    from codesign.ideas import queries as ideas
    from codesign.live import pulse, sockets
    from codesign.live.broadcast import Broadcast
    from codesign.live.frames import Sources
    from codesign.live.server import Live
    from codesign.spaces.access import look
    from codesign.spaces.queries import count_voters
    from codesign.voting import live as votes
    from codesign.voting.queries import audience_of, audiences_in

    def wrote_in(space_id: str, person_id: str) -> bool:
        return ideas.wrote_before(space_id, person_id) or comments.wrote_before(space_id, person_id)

    def tallies(audience: str, idea_ids: Iterable[str]) -> dict[str, Any]:
        return votes.spelled(tallies_for(audience, idea_ids))

    sources = Sources(
        identify=identity.actor_for_socket,
        look=look,
        audience_of=audience_of,
        audiences=audiences_in,
        tallies=tallies,
        sees_idea=ideas.sees_idea,
        voters=count_voters,
        public_event=public_event,
        wrote_in=wrote_in,
    )
    live = Live(Broadcast(socketio), sources, drafts.sources())
    sockets.install(socketio, live, errors.failures_of(app))
    votes.install(app, socketio, live)
    drafts.install(app, socketio, live)
    identity.on_identity_change(live.sign_out)
    tick = app.extensions["codesign"].tick_ms / 1000
    socketio.start_background_task(pulse.run, live, db.current(), tick)
    return live
