"""Reading configurations: the gate by id, lists, who wishes what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from secrets import compare_digest
from typing import Any

from sqlalchemy import Select, Text, cast, func, or_, select

from codesign.configurations.facts import DRAFT, HELD, PUBLISHED, WITHDRAWN, ConfigurationFact
from codesign.configurations.models import Configuration, DraftPartner
from codesign.events.log import head
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session
from codesign.kernel.errors import Closed, Forbidden, Invalid, NotFound, Unauthenticated
from codesign.kernel.paging import Page, make_cursor, milliseconds, moment_of, read_cursor
from codesign.kernel.text import _
from codesign.spaces.access import look, standing
from codesign.spaces.facts import ACTIONS, Access

MISSING = _("There is no such configuration, or you may not see it.")
UNSETTLED = _("Settle first which of the contradicting choices holds.")
#: JSON compares as text on every database.
HAS_WISHES = cast(Configuration.wishes, Text) != "[]"
#: The orders of the list, by the name that stands in their cursors.
_BEGUN, _PUBLISHED = "configurations", "configurations.published"
_ID = re.compile(r"[0-9A-Z]{26}")


def may_configure(access: Access) -> bool:
    """Whether the viewer may keep drafts here: who may take part in anything may compose."""
    return access.space.state != "archived" and any(access.may(action) for action in ACTIONS)


def require_composer(actor: Actor, access: Access) -> None:
    """Raise Forbidden, Unauthenticated or Closed unless *actor* may keep drafts here."""
    if not actor.may("write"):
        raise Forbidden(_("This token may not do that: it lacks the scope %(scope)s.", scope="write"))
    if access.space.state == "archived":
        raise Closed(_("This space is archived. You can read everything."), action="configure")
    if not may_configure(access):
        if not actor.known or actor.guest:
            raise Unauthenticated(_("Sign in to do this."))
        raise Forbidden(_("You may look at this space, but not do that in it."))


@reading
def find_configuration(actor: Actor, configuration_id: str, key: str = "") -> tuple[Access, ConfigurationFact]:
    """A configuration that *actor* may see: their own, a published one, a draft they edit along, or one whose *key* they were
    given.

    Raises NotFound, Forbidden (token without the scope ``read``).
    """
    row = session().get(Configuration, configuration_id) if _ID.fullmatch(configuration_id) else None
    if row is None:
        raise NotFound(MISSING)
    try:
        access = standing(actor, row.space_id)
    except NotFound:
        raise NotFound(MISSING) from None
    if not (_shows(access, row) or (row.state == DRAFT and (opens(row, key) or _is_partner(access, row)))):
        raise NotFound(MISSING)
    return look(actor, row.space_id), fact_of(access, row)


@reading
def opens_to_edit(configuration_id: str, key: str) -> bool:
    """Whether *key* lets others edit a draft along, and not only look at it."""
    row = session().get(Configuration, configuration_id)
    return bool(row and row.edit_key and key) and compare_digest(key.encode(), str(row and row.edit_key).encode())


def opens(row: Configuration, key: str) -> bool:
    """Whether *key* is one of the two that open a draft to others."""
    known = [each for each in (row.share_key, row.edit_key) if each]
    return bool(key) and any(compare_digest(key.encode(), each.encode()) for each in known)


def _is_partner(access: Access, row: Configuration) -> bool:
    """Whether the viewer edits a draft along with its owner. Where nobody may, nobody is looked for."""
    if row.edit_key is None or access.person_id is None:
        return False
    return session().get(DraftPartner, (row.id, access.person_id)) is not None


def _shows(access: Access, row: Configuration) -> bool:
    """Whether the viewer may see it: everybody what is published, moderators what waits for them, its owner always."""
    waits = row.state in {HELD, WITHDRAWN} and access.may("moderate")
    return row.state == PUBLISHED or waits or _is_mine(access, row)


def _is_mine(access: Access, row: Configuration) -> bool:
    return row.person_id is not None and row.person_id == access.person_id


def fact_of(access: Access, row: Configuration) -> ConfigurationFact:
    """The fact of a row for its viewer."""
    mine = _is_mine(access, row)
    return ConfigurationFact(
        id=row.id,
        space_id=row.space_id,
        space_slug=access.space.slug,
        product_id=row.product_id,
        product_version_id=row.product_version_id,
        person_id=row.person_id,
        name=row.name,
        state=row.state,
        forked_from=row.forked_from,
        decisions=dict(row.decisions),
        wishes=tuple(row.wishes),
        limits=dict(row.limits),
        totals=dict(row.totals),
        version=row.version,
        created_at=row.created_at,
        edited_at=row.edited_at,
        published_at=row.published_at,
        is_mine=mine,
        share_key=row.share_key if mine else "",
        contested=dict(row.contested),
        marks=dict(row.marks),
        may_edit=row.state == DRAFT and (mine or _is_partner(access, row)),
        together=row.edit_key is not None,
        edit_key=(row.edit_key or "") if mine else "",
    )


@reading
def get_configurations(access: Access, configuration_ids: Iterable[str]) -> dict[str, ConfigurationFact]:
    """Configurations of one space by id, as its viewer may see them; what they may not see is left out."""
    wanted = sorted(set(configuration_ids))
    if not wanted:
        return {}
    rows = session().scalars(
        select(Configuration).where(Configuration.id.in_(wanted), Configuration.space_id == access.space.id)
    )
    return {row.id: fact_of(access, row) for row in rows if _shows(access, row)}


@reading
def carried(configuration_ids: Iterable[str]) -> dict[str, ConfigurationFact]:
    """Configurations by id as everybody sees them, for who has passed the gate of the ideas that carry them."""
    wanted = sorted(set(configuration_ids))
    found = session().scalars(select(Configuration).where(Configuration.id.in_(wanted), Configuration.state != DRAFT))
    return {row.id: _open_fact(row) for row in found}


def _open_fact(row: Configuration) -> ConfigurationFact:
    return ConfigurationFact(
        row.id, row.space_id, "", row.product_id, row.product_version_id, row.person_id, row.name, row.state,
        row.forked_from, dict(row.decisions), tuple(row.wishes), {}, dict(row.totals), row.version, row.created_at,
        row.edited_at, row.published_at,
    )  # fmt: skip


@reading
def list_configurations(
    access: Access, *, mine: bool = False, product_id: str | None = None, limit: int = 25, cursor: str | None = None
) -> Page[ConfigurationFact]:
    """Published configurations of a space, the newest published first; or *mine*, drafts too, the newest begun first."""
    query = select(Configuration).where(Configuration.space_id == access.space.id)
    query = _begun(query, access, cursor) if mine else _published(query, cursor)
    if product_id is not None:
        query = query.where(Configuration.product_id == product_id)
    seq = head(access.space.id)
    rows: Sequence[Configuration] = session().scalars(query.limit(limit + 1)).all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        key = [] if mine or last.published_at is None else [milliseconds(last.published_at)]
        following = make_cursor(_BEGUN if mine else _PUBLISHED, [*key, last.id])
    return Page(tuple(fact_of(access, row) for row in rows[:limit]), following, seq)


def _begun(query: Select[Any], access: Access, cursor: str | None) -> Select[Any]:
    query = query.where(Configuration.person_id == (access.person_id or ""), Configuration.state != WITHDRAWN)
    if cursor is not None:
        query = query.where(Configuration.id < read_cursor(cursor, _BEGUN, str)[0])
    return query.order_by(Configuration.id.desc())


def _published(query: Select[Any], cursor: str | None) -> Select[Any]:
    at, key = Configuration.published_at, Configuration.id
    query = query.where(Configuration.state == PUBLISHED, at.is_not(None))
    if cursor is not None:
        last, last_id = read_cursor(cursor, _PUBLISHED, int, str)
        moment = moment_of(last)
        query = query.where(at <= moment, or_(at < moment, key < last_id))
    return query.order_by(at.desc(), key.desc())


@reading
def list_edited_along(access: Access, limit: int = 25) -> list[ConfigurationFact]:
    """Drafts of others that the viewer edits along, the one they joined last first."""
    query = (
        select(Configuration)
        .join(DraftPartner, DraftPartner.configuration_id == Configuration.id)
        .where(
            DraftPartner.person_id == (access.person_id or ""),
            Configuration.space_id == access.space.id,
            Configuration.state == DRAFT,
        )
        .order_by(DraftPartner.joined_at.desc(), Configuration.id.desc())
    )
    return [fact_of(access, row) for row in session().scalars(query.limit(limit))]


@reading
def partners_of(configuration_id: str) -> list[str]:
    """Who edits a draft along with its owner, the first who joined first. The caller has passed the draft's gate."""
    query = select(DraftPartner.person_id).where(DraftPartner.configuration_id == configuration_id)
    return list(session().scalars(query.order_by(DraftPartner.joined_at, DraftPartner.person_id)))


@reading
def count_forks(configuration_ids: Iterable[str]) -> dict[str, int]:
    """How often configurations were forked, drafts included; those that never were are left out."""
    wanted = sorted(set(configuration_ids))
    count = func.count().label("forks")
    query = select(Configuration.forked_from, count).where(Configuration.forked_from.in_(wanted))
    return {str(row[0]): row[1] for row in session().execute(query.group_by(Configuration.forked_from))}


@reading
def count_wishes(product_id: str, option: str, limit: int = 5_000) -> int:
    """How many people keep an option of a product as a wish, in the newest configurations that do."""
    kept = Configuration
    query = select(kept.person_id, kept.wishes).where(
        kept.product_id == product_id, kept.state != WITHDRAWN, kept.person_id.is_not(None),
        cast(kept.wishes, Text).contains(f'"{option}"', autoescape=True),
    )  # fmt: skip
    rows = session().execute(query.order_by(kept.id.desc()).limit(limit))
    return len({row.person_id for row in rows if option in row.wishes})  # a database may take b400 for B400


@reading
def published_of(product_id: str, limit: int = 5_000) -> list[ConfigurationFact]:
    """The published configurations of a product as everybody sees them, newest first: for counting."""
    query = select(Configuration).where(Configuration.product_id == product_id, Configuration.state == PUBLISHED)
    rows = session().scalars(query.order_by(Configuration.published_at.desc(), Configuration.id.desc()).limit(limit))
    return [_open_fact(row) for row in rows]


@reading
def decisions_of(product_id: str, limit: int = 20_000) -> list[tuple[str, str, dict[str, bool]]]:
    """Every kept configuration of a product: id, version of the product, decisions. For what a new version breaks."""
    query = (
        select(Configuration.id, Configuration.product_version_id, Configuration.decisions)
        .where(Configuration.product_id == product_id, Configuration.state != WITHDRAWN)
        .order_by(Configuration.id.desc())
        .limit(limit)
    )
    return [(row[0], row[1], dict(row[2])) for row in session().execute(query)]


@reading
def carriable(actor: Actor, access: Access, configuration_id: str, now: str | None = None) -> ConfigurationFact:
    """A configuration that *actor* may let an idea of this space carry: their own. *now* is what it carries already.

    Raises Invalid for any other.
    """
    found = get_configurations(access, [configuration_id]).get(configuration_id)
    usable = found is not None and (found.is_mine or configuration_id == now or actor.kind != "person")
    if found is None or not usable or found.state == WITHDRAWN:
        raise Invalid.field("configuration_id", _("There is no such configuration of yours here."), "unknown")
    if found.contested and found.is_open:
        raise Invalid.field("configuration_id", UNSETTLED, "contested")
    return found
