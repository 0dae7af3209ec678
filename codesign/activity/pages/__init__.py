"""The feed of a space, what happens there now, and its log for the team."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, render_template, request, url_for
from werkzeug.wrappers import Response

from codesign.activity.pages.telling import Line, audit_line, read_feed, told
from codesign.activity.queries import ALL, Story, audit, names_of_events
from codesign.events.log import check_chain
from codesign.kernel.config import Settings
from codesign.kernel.db import offload
from codesign.kernel.errors import Invalid, Problem
from codesign.kernel.text import _
from codesign.spaces.access import look, require
from codesign.spaces.facts import Access, SpaceFact
from codesign.spaces.tabs import settings_page
from codesign.web.identity import current_actor
from codesign.web.registry import MenuItem, PageView, registry_of

blueprint = Blueprint("activity", "codesign.activity.pages", template_folder="../templates")

LINES, NOW, ROWS = 40, 6, 60
MOST_LETTERS = 100


def install(app: Flask, settings: Settings) -> None:
    """Put the feed into the menu, and let the board draw what happens now."""
    item = MenuItem("activity", _("Activity"), _feed_url, icon="activity", order=60)
    registry_of(app).menu("main").add(item)
    app.jinja_env.globals["happening_now"] = happening_now


def _feed_url(view: PageView) -> str | None:
    return url_for("activity.feed_page", space=view.space.slug) if view.space else None


def happening_now(space: SpaceFact) -> list[Line]:
    """The newest lines of a space, for the aside of the board; nothing, rather than a broken page."""
    try:
        access, found = read_feed(current_actor(), space.id, NOW)
        return told(found, access.is_team)
    except Problem:
        return []
    except Exception:
        current_app.logger.exception("what happens now could not be told")
        return []


def _before() -> int | None:
    text = request.args.get("before", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Invalid.field("before", _("This must be a whole number."))
    return int(text)


@blueprint.get("/spaces/<space>/activity")
def feed_page(space: str) -> str:
    """What happened, newest first."""
    before = _before()
    access, found = offload(read_feed, current_actor(), space, LINES, before)
    lines = told(found, access.is_team)
    more = url_for("activity.feed_page", space=access.space.slug, before=found.next) if found.next else ""
    return render_template(
        "activity/feed.html", space=access.space, seq=found.seq if before is None else None, lines=lines, more=more,
        first=before is None, active="activity",
    )  # fmt: skip


@blueprint.get("/spaces/<space>/audit", endpoint="audit")
def audit_page(space: str) -> Response:
    """The log for the team: every fact but single votes, with its number and hash; what machines work out where asked."""
    actor, before = current_actor(), _before()
    name, person = request.args.get("event", ""), request.args.get("person", "").strip()
    if name not in {"", ALL, *names_of_events()}:
        raise Invalid.field("event", _("There is no such event."))
    if len(person) > MOST_LETTERS or "\0" in person:
        raise Invalid.field("person", _("Use at most %(most)s letters.", most=MOST_LETTERS))
    access = look(actor, space, "moderate")
    found: Story = offload(audit, access, name, person, ROWS, before)
    kept: dict[str, Any] = {key: value for key, value in (("event", name), ("person", person)) if value}
    more = url_for("activity.audit", space=access.space.slug, before=found.next, **kept) if found.next else ""
    page: Response = settings_page(
        "activity/audit.html", access, "log", lines=[audit_line(fact, found) for fact in found.facts], more=more,
        names=names_of_events(), event=name, person=person, seq=None, head=found.seq, check=_check(access),
    )  # fmt: skip
    return page


def _check(access: Access) -> dict[str, int | None] | None:
    """What came of following the chain of hashes from the first fact, where an owner asked for it."""
    if "check" not in request.args:
        return None
    require(current_actor(), access, "own")
    return {"broken_at": offload(check_chain, access.space.id)}
