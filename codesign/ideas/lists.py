"""Lists of ideas: orders, filters, cursors. While tallies are hidden from the viewer, nothing here depends on them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Row, Select, and_, cast, false, func, literal, null, or_, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from codesign.events.log import head
from codesign.ideas.facts import IdeaFact
from codesign.ideas.models import Idea, IdeaScore, IdeaTag
from codesign.ideas.people import authors
from codesign.ideas.ports import ports
from codesign.ideas.reading import COLUMNS, full_facts
from codesign.ideas.texts import search_words
from codesign.kernel.contribution import HELD, HIDDEN, PUBLISHED, STATES
from codesign.kernel.db import Moment, reading, session
from codesign.kernel.errors import Forbidden, Invalid
from codesign.kernel.finding import place_of
from codesign.kernel.paging import Page, make_cursor, milliseconds, moment_of, read_cursor
from codesign.kernel.text import _
from codesign.spaces.facts import Access

NEW, TOP, SHUFFLED = "new", "top", "shuffled"
#: The order of a plugin that searched.
MATCH = "match"
MERGED = "merged"
MOST = 100
_PRIME = 2_147_483_647  # 2^31 - 1: shuffle keys are below it


@dataclass(frozen=True)
class Filter:
    """Which ideas of a space; ``composed`` carry a configuration, ``for_product`` miss an option of that product."""

    status: str | None = None
    tag: str | None = None
    author: str | None = None
    mine: bool = False
    voted: bool = False
    composed: bool = False
    for_product: str | None = None
    q: str | None = None
    external_id: str | None = None
    state: str | None = None


@reading
def list_ideas(
    access: Access,
    sort: str | None = None,
    *,
    limit: int = 25,
    cursor: str | None = None,
    seed: str = "",
    found: Collection[str] | None = None,
    **filters: Any,
) -> Page[IdeaFact]:
    """One page of a space's ideas for a viewer, with the log number of the same snapshot.

    *sort* is ``new``, ``top``, ``shuffled`` or a score rule's name; ``Page.sort`` says which it really is. *filters*
    are the fields of ``Filter``. *seed* tells apart viewers who are nobody yet. *found* are the ids a plugin found for
    ``q``, best first: they stand in for core's own search, in their order where no other is asked for. Raises Invalid
    (sort, cursor), Forbidden (state).
    """
    wanted = Filter(**filters)
    seq = head(access.space.id)
    open_tallies = ports.may_see_tallies(access)
    by_match = found is not None and sort in {None, MATCH}
    order = MATCH if by_match else effective_sort(access, None if sort == MATCH else sort, open_tallies)
    published = not wanted.mine and wanted.state in {None, PUBLISHED}
    few = wanted.mine or wanted.author is not None
    query = _filtered(access, wanted, found)
    ask = _Ask(query, order, access, max(1, min(limit, MOST)), cursor, seed, published, few, tuple(found or ()))
    rows, following = _PAGES.get(order, _by_score)(ask)
    return Page(tuple(full_facts(access, rows, open_tallies)), following, seq, order)


def effective_sort(access: Access, sort: str | None, open_tallies: bool) -> str:
    """The order a viewer gets: what tells of votes is replaced while tallies are hidden from them."""
    shuffles = access.space.order == SHUFFLED
    if sort is None:
        sort = SHUFFLED if shuffles and access.space.phase == "collect" else TOP
    if sort in {NEW, SHUFFLED}:
        return sort
    rule = ports.rules(access.space).get(sort)
    if rule is None or (rule.for_team and not access.is_team):
        raise Invalid.field("sort", _("This space has no order of that name."), "unknown")
    if open_tallies or not rule.tells_votes:
        return sort
    return SHUFFLED if shuffles else NEW


# --- Filters ----------------------------------------------------------------------------------------------------------


def _filtered(access: Access, wanted: Filter, found: Collection[str] | None) -> Select[Any]:
    query = select(*COLUMNS).where(Idea.space_id == access.space.id, *_state(access, wanted))
    if wanted.status is not None:
        query = query.where(Idea.status_id == wanted.status)
    if wanted.author is not None:
        # Whose name a viewer may not know, by whom nothing is found either.
        query = query.where(
            Idea.author_id == wanted.author if wanted.author in authors(access, [wanted.author]) else false()
        )
    if wanted.mine:
        query = query.where(Idea.author_id == (access.person_id or ""))
    if wanted.external_id is not None:
        query = query.where(Idea.external_id == wanted.external_id)
    if wanted.tag is not None:
        tagged = select(IdeaTag.idea_id).where(IdeaTag.space_id == access.space.id, IdeaTag.tag == wanted.tag.lower())
        query = query.where(Idea.id.in_(tagged))
    if wanted.composed:
        query = query.where(Idea.configuration_id.is_not(None))
    if wanted.for_product is not None:
        query = query.where(Idea.for_product_id == wanted.for_product)
    if wanted.voted:
        mine = access.person_id and ports.voted_by and ports.voted_by(access.space.ballot.id, access.person_id)
        query = query.where(Idea.id.in_(mine) if mine is not None else Idea.id.is_(None))
    if found is not None:
        return query.where(Idea.id.in_(sorted(found)))
    for word in search_words(wanted.q or ""):
        query = query.where(place_of(Idea.search_text, word) > 0)
    return query


def _state(access: Access, wanted: Filter) -> list[ColumnElement[bool]]:
    unmerged = Idea.merged_into.is_(None)
    if wanted.state is None or wanted.state == PUBLISHED:
        # Programs look for what they made by its external id, also after it became part of another idea.
        merged_too = wanted.external_id is not None
        states = (PUBLISHED, HELD, HIDDEN) if wanted.mine and wanted.state is None else (PUBLISHED,)
        kept = Idea.state == PUBLISHED if len(states) == 1 else Idea.state.in_(states)
        return [kept] if merged_too else [kept, unmerged]
    if not access.may("moderate"):
        raise Forbidden(_("Only moderators may ask for this state."))
    if wanted.state == MERGED:
        return [Idea.state == PUBLISHED, Idea.merged_into.is_not(None)]
    if wanted.state not in STATES:
        raise Invalid.field("state", _("There is no such state."), "unknown")
    return [Idea.state == wanted.state]


# --- Orders -----------------------------------------------------------------------------------------------------------

Found = tuple[Sequence[Row[Any]], str | None]


@dataclass(frozen=True)
class _Ask:
    """One page that is wanted. ``published`` says that all its ideas are, so that the index on the time can be used;
    ``few`` that they are picked out and sorted, rather than looked for along the order of all."""

    query: Select[Any]
    order: str
    access: Access
    limit: int
    cursor: str | None
    seed: str
    published: bool
    few: bool
    found: tuple[str, ...] = ()

    def page(self, query: Select[Any], key: Callable[[Row[Any]], list[Any]]) -> Found:
        """The rows of *query*, and the cursor made of the last one's *key* if there are more."""
        return self.cut(session().execute(query.limit(self.limit + 1)).all(), key)

    def cut(self, rows: Sequence[Row[Any]], key: Callable[[Row[Any]], list[Any]]) -> Found:
        """At most ``limit`` of *rows*, and the cursor after them if there are more."""
        if len(rows) <= self.limit:
            return rows, None
        return rows[: self.limit], make_cursor(self.order, key(rows[self.limit - 1]))


def _by_new(ask: _Ask) -> Found:
    moment = Idea.published_at if ask.published else func.coalesce(Idea.published_at, Idea.created_at)
    query = ask.query.add_columns(moment.label("moment"))
    if ask.cursor is not None:
        at, idea_id = read_cursor(ask.cursor, ask.order, int, str)
        then = literal(moment_of(at), Moment)
        query = query.where(tuple_(moment, Idea.id) < tuple_(then, literal(idea_id)))
    ordered = query.order_by(moment.desc(), Idea.id.desc())
    return ask.page(ordered, lambda row: [milliseconds(row.moment), row.id])


def _by_top(ask: _Ask) -> Found:
    top: ColumnElement[int] = Idea.top + 0 if ask.few else Idea.top.expression
    query = ask.query.add_columns(top.label("top"))
    if ask.cursor is not None:
        query = query.where(_after(read_cursor(ask.cursor, ask.order, int, int, str), top, Idea.up, Idea.id))
    ordered = query.order_by(top.desc(), Idea.up.desc(), Idea.id)
    return ask.page(ordered, lambda row: [row.top, row.up, row.id])


def _after(key: Sequence[Any], value: Any, up: Any, idea_id: Any) -> ColumnElement[bool]:
    """Rows behind *key* where value and up fall and id rises; the first part lets the index find the place."""
    return and_(value <= key[0], or_(value < key[0], up < key[1], and_(up == key[1], idea_id > key[2])))


def _by_score(ask: _Ask) -> Found:
    """Scored ideas first, then those the rule says nothing of, oldest first."""
    rule = (IdeaScore.space_id == ask.access.space.id) & (IdeaScore.rule == ask.order) & (IdeaScore.idea_id == Idea.id)
    stage, *key = read_cursor(ask.cursor, ask.order, str, float, int, str) if ask.cursor else ["scored"]
    rows: list[Row[Any]] = []
    if stage == "scored":
        scored = ask.query.join(IdeaScore, rule).add_columns(IdeaScore.value.label("score"), IdeaScore.up.label("ups"))
        if key:
            scored = scored.where(_after(key, IdeaScore.value, IdeaScore.up, IdeaScore.idea_id))
        ordered = scored.order_by(IdeaScore.value.desc(), IdeaScore.up.desc(), IdeaScore.idea_id)
        rows.extend(session().execute(ordered.limit(ask.limit + 1)))
    if len(rows) <= ask.limit:
        rest = ask.query.where(~select(IdeaScore.idea_id).where(rule).exists())
        rest = rest.add_columns(null().label("score"), null().label("ups"))
        if stage != "scored":
            rest = rest.where(Idea.id > key[2])
        rows.extend(session().execute(rest.order_by(Idea.id).limit(ask.limit + 1 - len(rows))))
    return ask.cut(
        rows, lambda row: ["rest", 0.0, 0, row.id] if row.score is None else ["scored", row.score, row.ups, row.id]
    )


def _by_shuffle(ask: _Ask) -> Found:
    """Each person's own order, the same on every page: ``key * factor + shift`` modulo a prime."""
    if ask.cursor is None:
        factor, shift = _person_numbers(ask.access, ask.seed)
        place, idea_id = -1, ""
    else:
        factor, shift, place, idea_id = read_cursor(ask.cursor, ask.order, int, int, int, str)
        factor, shift = factor % _PRIME or 1, shift % _PRIME
    key = (cast(Idea.shuffle_key, BigInteger) * factor + shift) % _PRIME
    query = ask.query.add_columns(key.label("place"))
    if ask.cursor is not None:
        query = query.where(tuple_(key, Idea.id) > tuple_(literal(place, BigInteger), literal(idea_id)))
    return ask.page(query.order_by(key, Idea.id), lambda row: [factor, shift, row.place, row.id])


def _by_match(ask: _Ask) -> Found:
    """What a plugin found, in its order: after the last one shown, wherever it stands now."""
    fits = set(session().scalars(ask.query.with_only_columns(Idea.id)))
    ordered = [idea_id for idea_id in ask.found if idea_id in fits]
    start = 0
    if ask.cursor is not None:
        place, last = read_cursor(ask.cursor, ask.order, int, str)
        start = ordered.index(last) + 1 if last in fits else max(0, place)
    chosen = ordered[start : start + ask.limit]
    rows = {row.id: row for row in session().execute(ask.query.where(Idea.id.in_(chosen)))}
    end = start + len(chosen)
    more = make_cursor(MATCH, [end, chosen[-1]]) if chosen and len(ordered) > end else None
    return [rows[idea_id] for idea_id in chosen], more


def _person_numbers(access: Access, seed: str) -> tuple[int, int]:
    digest = hashlib.blake2b(f"{access.space.id}:{access.person_id or seed}".encode(), digest_size=16).digest()
    return int.from_bytes(digest[:8], "big") % (_PRIME - 1) + 1, int.from_bytes(digest[8:], "big") % _PRIME


_PAGES = {NEW: _by_new, TOP: _by_top, SHUFFLED: _by_shuffle, MATCH: _by_match}
