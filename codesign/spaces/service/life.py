"""A space is made, changed, archived, opened again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from codesign.accounts.queries import language_of
from codesign.events.base import Event
from codesign.events.log import record, since
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Forbidden, Invalid, Unauthenticated
from codesign.kernel.ids import new_id
from codesign.kernel.text import _, said
from codesign.spaces import rules
from codesign.spaces.access import access
from codesign.spaces.events import MemberAdded, SpaceArchived, SpaceChanged, SpaceCreated, SpaceOpened, SpaceReopened
from codesign.spaces.facts import SpaceFact
from codesign.spaces.models import Ballot, Member, Space, Status
from codesign.spaces.queries import may_create_spaces
from codesign.spaces.seeds import STATUSES, TEMPLATES
from codesign.spaces.service.rows import fact_now, lock_ballot, lock_by_id, lock_space


@verb
def create_space(
    actor: Actor,
    template: str = "blank",
    *,
    name: str,
    slug: str | None = None,
    owner_id: str | None = None,
    state: str = "open",
    **fields: Any,
) -> SpaceFact:
    """Make a space from a template; *fields* win over it. The owner is *owner_id*, else the actor.

    With *state* "importing" only its owners and administrators see it until ``open_imported_space``.
    """
    require_creator(actor)
    values = _starting_values(template, {"name": name, **fields})
    values["slug"] = _free_slug(slug, values["name"])
    space_id, moment = new_id(), clock.now()
    ballot = Ballot(id=new_id(), space_id=space_id, opened_at=moment, voters=0)
    for field in rules.BALLOT_FIELDS:
        setattr(ballot, field, values.pop(field))
    settings = {name: values.pop(name) for name in rules.SETTINGS if name in values}
    phases = values.pop("phases", {})
    session().add(
        Space(id=space_id, phases=phases, settings=settings, state=state, version=1, created_at=moment, **values)
    )
    session().flush()
    session().add(ballot)
    owner = owner_id or (None if actor.guest else actor.person_id)
    _add_statuses(space_id, language_of(owner))
    record(SpaceCreated(space_id), actor)
    if owner is not None:
        session().add(
            Member(
                space_id=space_id, person_id=owner, role="owner", stakeholder_type="employee", banned=False,
                created_at=moment,
            )
        )  # fmt: skip
        record(MemberAdded(space_id, owner, "owner"), actor)
    return fact_now(space_id)


def require_creator(actor: Actor) -> None:
    """Raise unless *actor* may make spaces."""
    if not actor.known and not actor.is_system:
        raise Unauthenticated(_("Sign in to do this."))
    if not actor.may("admin"):
        raise Forbidden(_("This token may not do that: it lacks the scope %(scope)s.", scope="admin"))
    if not may_create_spaces(actor):
        raise Forbidden(_("Only a server administrator, or who owns a space here already, can make spaces."))


def _starting_values(template: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    if template not in TEMPLATES:
        names = ", ".join(TEMPLATES)
        raise Invalid.field("template", _("There is no such template. Choose one of: %(names)s.", names=names))
    defaults = {"kind": "upvote", "results": "live"}
    return rules.checked({**defaults, **TEMPLATES[template].fields, **fields})


def _free_slug(slug: str | None, name: str) -> str:
    """The address asked for, which must be free; or one made of the name, with a number if need be."""
    if slug is not None:
        rules.check_slug(slug)
        if _is_taken(slug):
            raise Invalid.field("slug", _("Another space has this address. Choose another one."), "taken")
        return slug
    wanted = rules.slug_of(name)
    for number in range(1, 1000):
        candidate = wanted if number == 1 else f"{wanted[: rules.MOST_SLUG - 4]}-{number}"
        if not _is_taken(candidate):
            return candidate
    raise Conflict(_("Many spaces have this name. Choose an address for it."))


def _is_taken(slug: str, except_id: str = "") -> bool:
    return session().scalar(select(Space.id).where(Space.slug == slug, Space.id != except_id)) is not None


def _add_statuses(space_id: str, language: str | None) -> None:
    for position, (english, kind) in enumerate(STATUSES):
        name = said(english, language)
        session().add(Status(id=new_id(), space_id=space_id, name=name, color=kind, kind=kind, position=position))


@verb
def change_space(actor: Actor, reference: str, version: int | None = None, **fields: Any) -> SpaceFact:
    """Change words and rules of a space. A stale *version* is a Conflict that names what changed since."""
    found = access(actor, reference, "own")
    values = rules.checked(fields)
    row = lock_space(found)
    if "phases" in values:
        values["phases"] = _overlaid(row.phases, fields["phases"])
    if version is not None and version != row.version:
        raise stale(row, version)
    if "slug" in values and _is_taken(values["slug"], except_id=row.id):
        raise Invalid.field("slug", _("Another space has this address. Choose another one."), "taken")
    changed = _apply(row, values)
    if changed:
        row.version += 1
        record(SpaceChanged(row.id, changed, row.version), actor)
    return fact_now(row.id)


def _overlaid(kept: Mapping[str, Any], given: Mapping[str, Mapping[str, bool]]) -> dict[str, dict[str, bool]]:
    """The phase table with the cells *given* put over those *kept*."""
    return rules.check_phases({phase: {**kept.get(phase, {}), **given.get(phase, {})} for phase in {*kept, *given}})


def _apply(row: Space, values: dict[str, Any]) -> list[str]:
    """Write *values*; the names of those that were different before."""
    changed = []
    ballot = lock_ballot(row.id) if any(name in values for name in rules.BALLOT_FIELDS) else None
    for name, value in values.items():
        if name in rules.SETTINGS:
            if row.settings.get(name) != value:
                row.settings = {**row.settings, name: value}
                changed.append(name)
            continue
        target: Space | Ballot = ballot if ballot is not None and name in rules.BALLOT_FIELDS else row
        if getattr(target, name) == value:
            continue
        if name == "kind":
            _refuse_if_voted(target)
        setattr(target, name, value)
        changed.append(name)
    return sorted(changed)


def _refuse_if_voted(ballot: Space | Ballot) -> None:
    imported = since(ballot.space_id, 0, 1, ["votes.imported"]) if isinstance(ballot, Ballot) else []
    if imported or (isinstance(ballot, Ballot) and ballot.voters):
        raise Conflict(_("People have voted already, so the kind of ballot stays as it is."), fields=["kind"])


def stale(row: Space | SpaceFact, version: int) -> Conflict:
    """The refusal of a change that was made on an older version, naming the fields others changed."""
    names: set[str] = set()
    people: set[str] = set()
    after = 0
    while facts := since(row.id, after, 500, ["space.changed"]):
        after = facts[-1].seq
        for fact in facts:
            if fact.payload["space_version"] > version:
                names.update(fact.payload["fields"])
                people.update([fact.actor_id] if fact.actor_id else [])
    fields = sorted(names)
    sentence = _("This was changed in the meantime: %(fields)s. Load it again and repeat your change.",
                 fields=", ".join(fields))  # fmt: skip
    return Conflict(sentence, fields=fields, actor_ids=sorted(people), version=row.version)


@verb
def archive_space(actor: Actor, reference: str) -> SpaceFact:
    """Make a space read only; nothing is lost, and it can be opened again."""
    return _set_state(actor, reference, "open", "archived", SpaceArchived)


@verb
def reopen_space(actor: Actor, reference: str) -> SpaceFact:
    """Take input in an archived space again."""
    return _set_state(actor, reference, "archived", "open", SpaceReopened)


def _set_state(actor: Actor, reference: str, before: str, after: str, fact: type[Event]) -> SpaceFact:
    row = lock_space(access(actor, reference, "own"))
    if row.state == before:
        row.state = after
        record(fact(row.id), actor)
    elif row.state != after:
        raise Conflict(_("An import is filling this space. Wait until it is done."))
    return fact_now(row.id)


@verb
def open_imported_space(actor: Actor, space_id: str) -> SpaceFact:
    """Show a space that an import has filled."""
    access(actor, space_id, "own")
    row = lock_by_id(space_id)
    if row.state == "importing":
        row.state = "open"
        record(SpaceOpened(row.id), actor)
    return fact_now(row.id)
