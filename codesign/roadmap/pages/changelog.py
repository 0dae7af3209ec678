"""The changelog of a space, its releases, the desk where the product team writes them, and the Atom feeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response as FlaskResponse
from flask import make_response, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from codesign.ideas.facts import IdeaFact
from codesign.ideas.lists import NEW, list_ideas
from codesign.ideas.views import board_url, idea_url
from codesign.kernel.actor import ANONYMOUS
from codesign.kernel.db import offload, read
from codesign.kernel.errors import Conflict, Invalid, NotFound
from codesign.kernel.text import _, said
from codesign.roadmap import changelog, queries, releases
from codesign.roadmap.facts import Move, ReleaseFact
from codesign.roadmap.feeds import Entry, atom
from codesign.roadmap.pages.blueprint import blueprint
from codesign.roadmap.schemas import PlaceQuery, ReleaseForm
from codesign.spaces.access import look
from codesign.spaces.facts import Access, SpaceFact
from codesign.web.forms import Form, asked, done, posted, refusals
from codesign.web.identity import current_actor
from codesign.web.markdown import render
from codesign.web.registry import PageView
from codesign.web.text import say

FEEDS = {"ideas": _("New ideas"), "roadmap": _("Roadmap"), "changelog": _("What is new")}
#: Entries of a feed.
ENTRIES = 30


# --- Reading ----------------------------------------------------------------------------------------------------------


@blueprint.get("/spaces/<space>/changelog")
def releases_page(space: str) -> str:
    """What the team brought out, newest first; its drafts on top, for the product team."""
    cursor = asked(PlaceQuery())["cursor"]
    with read():
        access = look(current_actor(), space)
        page = changelog.list_releases(access, cursor=cursor)
        drafts = [] if cursor else changelog.list_drafts(access)
    here = url_for("roadmap.releases_page", space=access.space.slug)
    return render_template(
        "roadmap/changelog.html", space=access.space, seq=page.seq, active="roadmap", releases=page.items,
        drafts=drafts, may_write=access.may("product"), first=cursor is None, here=here,
        next_url=url_for("roadmap.releases_page", space=access.space.slug, cursor=page.next) if page.next else "",
    )  # fmt: skip


@blueprint.get("/spaces/<space>/changelog/<release>")
def release_page(space: str, release: str) -> str:
    """One release."""
    access, found = _release(space, release)
    return render_template(
        "roadmap/release.html", space=access.space, seq=None, active="roadmap", release=found,
        may_write=access.may("product"), page_url=_external("roadmap.release_page", access.space, release=release),
    )  # fmt: skip


def _release(space: str, release: str, right: str = "view") -> tuple[Access, ReleaseFact]:
    """A release of the space that its address names."""
    with read():
        access = look(current_actor(), space, right)
        found = changelog.get_release(current_actor(), release)
    if found.space_id != access.space.id:
        raise NotFound()
    return access, found


# --- Writing ----------------------------------------------------------------------------------------------------------


@blueprint.get("/spaces/<space>/changelog/new")
def new_release(space: str) -> Any:
    """An empty release, with what was shipped lately to choose from."""
    return _form(look(current_actor(), space, "product"), None, {})


@blueprint.get("/spaces/<space>/changelog/<release>/edit")
def edit_release(space: str, release: str) -> Any:
    """A release to go on with."""
    access, found = _release(space, release, "product")
    return _form(access, found, {})


def _form(
    access: Access, release: ReleaseFact | None, typed: dict[str, Any], errors: Any = (), status: int = 200
) -> Any:
    with read():
        offered = changelog.ideas_to_bring(access, release)
    brought = [idea.id for idea in release.ideas] if release else []
    slug = access.space.slug
    action = (
        url_for("roadmap.change_release", space=slug, release=release.id)
        if release
        else url_for("roadmap.write_release", space=slug)
    )
    words = (
        {"title": release.title, "body": release.body, "idea_ids": brought, "version": release.version}
        if release
        else {}
    )
    html = render_template(
        "roadmap/write.html", space=access.space, active="roadmap", release=release, offered=offered, errors=errors,
        words={"title": "", "body": "", "idea_ids": brought, "version": ""} | words | typed, action=action,
    )  # fmt: skip
    return html, status


def _content() -> dict[str, Any]:
    return posted(ReleaseForm(), {**request.form.to_dict(), "idea_ids": request.form.getlist("idea_ids")})


def _typed() -> dict[str, Any]:
    return {**request.form.to_dict(), "idea_ids": request.form.getlist("idea_ids")}


@blueprint.post("/spaces/<space>/changelog/new")
def write_release(space: str) -> Any:
    """Keep a new release as a draft, or publish it at once."""
    access = look(current_actor(), space, "product")
    try:
        content = _content()
        made = releases.write_release(current_actor(), space, content["title"], content["body"], content["idea_ids"])
    except Invalid as problem:
        return _form(access, None, _typed(), refusals(problem), problem.status)
    return _stored(access, made, content["act"])


@blueprint.post("/spaces/<space>/changelog/<release>/edit")
def change_release(space: str, release: str) -> Any:
    """Keep what was changed; publish a draft."""
    access, found = _release(space, release, "product")
    try:
        content = _content()
        act, version = content.pop("act"), content.pop("version")
        kept = releases.change_release(current_actor(), release, version, **content)
    except (Invalid, Conflict) as problem:
        return _form(access, found, _typed(), refusals(problem), problem.status)
    return _stored(access, kept, act)


def _stored(access: Access, release: ReleaseFact, act: str) -> Response:
    if act == "publish" and release.published_at is None:
        releases.publish_release(current_actor(), release.id)
        said = _("Published. Everybody around its ideas hears of it once.")
    else:
        said = _("Saved.")
    return done(said, "roadmap.release_page", space=access.space.slug, release=release.id)


@blueprint.post("/spaces/<space>/changelog/<release>/remove")
def remove_release(space: str, release: str) -> Response:
    """Take a release away."""
    posted(Form())
    access, found = _release(space, release, "product")
    releases.remove_release(current_actor(), found.id)
    return done(_("The release is gone."), "roadmap.releases_page", space=access.space.slug)


# --- Feeds ------------------------------------------------------------------------------------------------------------


def feed_links(view: PageView, facts: Any) -> Markup | None:
    """Where programs find the feeds of the space of this page."""
    if view.space is None or view.space.visibility != "public":
        return None
    line = Markup('<link rel="alternate" type="application/atom+xml" title="{}" href="{}">\n')
    urls = {name: url_for("roadmap.feed_page", space=view.space.slug, feed=name) for name in FEEDS}
    return Markup("").join(
        line.format(f"{say(title)} · {view.space.name}", urls[name]) for name, title in FEEDS.items()
    )


@blueprint.get("/spaces/<space>/<any(ideas, roadmap, changelog):feed>.atom")
def feed_page(space: str, feed: str) -> Response:
    """An Atom feed. Only public spaces have any: a feed reader cannot sign in, and what is unlisted is not passed on."""
    take, told = _FEEDS[feed]
    found, items = offload(take, space)
    page = {"ideas": board_url(found.slug, _external=True), "roadmap": _external("roadmap.show", found)}
    body = atom(
        f"{found.name}: {said(FEEDS[feed], None)}", url_for("roadmap.feed_page", space=found.slug, feed=feed, _external=True),
        page.get(feed) or _external("roadmap.releases_page", found), found.created_at, map(told, items),
    )  # fmt: skip
    response: FlaskResponse = make_response(body)
    response.mimetype = "application/atom+xml"
    response.add_etag()
    response.headers["Cache-Control"] = "public, max-age=300"
    return response.make_conditional(request)


def _external(endpoint: str, space: SpaceFact, **values: Any) -> str:
    return url_for(endpoint, space=space.slug, _external=True, **values)


def _public(space: str) -> Access:
    """The space as nobody in particular sees it: feeds are alike for all."""
    found = look(ANONYMOUS, space)
    if found.space.visibility != "public":
        raise NotFound()
    return found


def _new_ideas(space: str) -> tuple[SpaceFact, Sequence[IdeaFact]]:
    found = _public(space)
    return found.space, list_ideas(found, NEW, limit=ENTRIES).items


def _moves(space: str) -> tuple[SpaceFact, Sequence[Move]]:
    found = _public(space)
    return found.space, queries.read_roadmap(ANONYMOUS, space, told=ENTRIES).moved


def _releases(space: str) -> tuple[SpaceFact, Sequence[ReleaseFact]]:
    found = _public(space)
    return found.space, changelog.list_releases(found, limit=ENTRIES).items


def _idea_entry(idea: IdeaFact) -> Entry:
    url, moment = idea_url(idea, _external=True), idea.published_at or idea.created_at
    return Entry(f"idea:{idea.id}", idea.title, url, idea.edited_at or moment, moment, str(render(idea.body)))


def _move_entry(move: Move) -> Entry:
    url, title = idea_url(move.idea, _external=True), f"{move.idea.title}: {move.status.name}"
    return Entry(f"move:{move.idea.id}:{move.status.id}:{move.at.timestamp()}", title, url, move.at, move.at)


def _release_entry(release: ReleaseFact) -> Entry:
    url = url_for("roadmap.release_page", space=release.space_slug, release=release.id, _external=True)
    moment = release.published_at or release.created_at
    return Entry(f"release:{release.id}", release.title, url, release.changed_at, moment, str(render(release.body)))


#: What each feed reads, beside the hub, and how one of it is told, with addresses that only the request knows.
_FEEDS: dict[str, tuple[Callable[[str], tuple[SpaceFact, Sequence[Any]]], Callable[[Any], Entry]]] = {
    "ideas": (_new_ideas, _idea_entry), "roadmap": (_moves, _move_entry), "changelog": (_releases, _release_entry),
}  # fmt: skip
