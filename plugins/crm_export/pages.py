"""Pages: the question people are asked, and for owners the connections, their trouble, and what they send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from codesign import sdk
from codesign.sdk import Form, SpaceFact, _, fields, validate

from . import connections, consent, outbox, sending
from .connections import NAME, ConnectionFact
from .connector import KINDS, Connector, RemoteField
from .connectors.csv_file import render
from .models import Delivery, Link
from .records import FIELDS, KIND_NAMES, TYPES, Entity, Reader, entities_of

pages = sdk.Routes()
#: What a code means, in words for people.
REASONS = {
    "by_hand": _("Somebody of the team paused it."),
    "secret_refused": _("The other system refuses the secret. Enter a new one to go on."),
    "secret_unreadable": _("The secret was kept with another secret key of the server. Enter it anew."),
    "gone": _("The other system says that this address is gone for good."),
    "forbidden_address": _("The address may not be called from here: it is private, or no web address."),
    "failing_too_long": _("It failed for too long."),
    "not_ready": _("The other system lacks what this connector needs, or does not let us have it: see its README."),
    "busy": _("The other system asked to wait."),
    "out_of_order": _("The other system is out of order."),
    "no_answer": _("No answer came."),
    "not_understood": _("The answer was no answer of that system."),
    "moved": _("The address leads on to another one; enter that one."),
    "refused": _("The other system refuses this content."),
    "row_refused": _("The other system refuses this row."),
    "kept_there": _(
        "The other system needs it for papers of its own. It was emptied and set aside there; erase the rest there."
    ),
    "connector_broken": _("The connector itself failed."),
}
STATES = {
    "create": _("new there"),
    "update": _("other than there"),
    "delete": _("to be deleted there"),
    "unchanged": _("as it is there"),
}
_SHOWN = 60


class ConsentForm(Form):
    """Yes to a text, or no."""

    answer = fields.String(required=True, validate=validate.OneOf(["yes", "no"]))
    version = fields.String(load_default="", validate=validate.Length(max=12))


class ConnectionForm(Form):
    """A new connection."""

    connector = fields.String(required=True, validate=validate.Length(1, 60))
    title = fields.String(required=True, validate=validate.Length(1, 80))
    address = fields.String(load_default="", validate=validate.Length(max=500))
    secret = fields.String(load_default="", validate=validate.Length(max=2000))
    preset = fields.String(load_default="", validate=validate.Length(max=40))


class SecretForm(Form):
    """Go on, with another secret if one is given."""

    secret = fields.String(load_default="", validate=validate.Length(max=2000))


class PullForm(Form):
    """Whether to take what changes there."""

    on = fields.Boolean(required=True)


class ReplayForm(Form):
    """One thing, or all that was given up."""

    external_id = fields.String(load_default="", validate=validate.Length(max=40))


# --- For everybody ------------------------------------------------------------------------------------------------------


@pages.get("/consent", needs="view")
def ask(space: SpaceFact) -> Any:
    """The question, and what somebody said to it."""
    visit = sdk.current_visit()
    person_id = None if visit.actor.guest else visit.actor.person_id
    said = consent.find(space.id, [person_id]).get(person_id) if person_id else None
    holds = said is not None and said.holds(visit.settings["purpose"])
    version = consent.version_of(visit.settings)
    return sdk.render(
        "crm_export/consent.html", space=space, settings=visit.settings, said=said, holds=holds, version=version,
        known=person_id is not None,
    )  # fmt: skip


@pages.post("/consent", needs="view", own=True)
def answer(space: SpaceFact) -> Any:
    """Yes, or no; both may be changed at any time."""
    form, visit = sdk.posted(ConsentForm()), sdk.current_visit()
    person_id = str(visit.actor.person_id)
    if form["answer"] == "yes":
        consent.give(visit.actor, space.id, person_id, visit.settings, form["version"])
    else:
        consent.withdraw(visit.actor, space.id, person_id, visit.settings)
    said = _("Thank you. It is noted.") if form["answer"] == "yes" else _("It is noted: nothing is passed on.")
    return sdk.go(sdk.url(NAME, "ask", space=space.slug), said)


# --- For owners ---------------------------------------------------------------------------------------------------------


@pages.get("/", needs="own")
def overview(space: SpaceFact) -> Any:
    """Every connection, and the form for a new one."""
    found = connections.of_space(space.id)
    settings = sdk.current_visit().settings
    return sdk.render(
        "crm_export/overview.html", space=space, found=[(each, outbox.counts(each.id)) for each in found],
        reasons=REASONS, rules=sdk.rules(Connector, space.id), behind=sdk.behind(NAME, space.id),
        allowed=len(consent.allowed(space.id, settings["purpose"])),
    )  # fmt: skip


@pages.post("/connections", needs="own")
def make(space: SpaceFact) -> Any:
    """Make a connection."""
    form = sdk.posted(ConnectionForm())
    connector = sdk.rules(Connector, space.id).get(form["connector"])
    if connector is None:
        raise sdk.Invalid.field("connector", _("There is no such connector here."))
    if "address" in connector.asks:
        _check_address(form["address"])
    made, secret = connections.make(
        space.id, connector, form["title"].strip(), form["address"], form["secret"], form["preset"]
    )  # fmt: skip
    told = (
        _("Made. Its secret, shown only now: %(secret)s", secret=secret) if secret else _("Made. Try a dry run next.")
    )
    return sdk.go(sdk.url(NAME, "show", space=space.slug, connection_id=made), told)


def _check_address(address: str) -> None:
    try:
        sdk.check_address(address)
    except sdk.Unreachable as error:
        if error.forbidden:
            raise sdk.Invalid.field("address", REASONS["forbidden_address"]) from None


@pages.get("/connections/<connection_id>", needs="own")
def show(space: SpaceFact, connection_id: str) -> Any:
    """How one connection does: state, counts, last tries, what was given up."""
    connection = connections.get(space.id, connection_id)
    return sdk.render(
        "crm_export/connection.html", space=space, connection=connection, counts=outbox.counts(connection_id),
        behind=sdk.behind(NAME, space.id), tries=connections.deliveries(connection_id),
        dead=connections.given_up(connection_id), reasons=REASONS, kinds=KIND_NAMES,
        connector=sdk.rules(Connector, space.id).get(connection.connector), is_admin=sdk.current_visit().actor.is_admin,
    )  # fmt: skip


@pages.get("/connections/<connection_id>/dry-run", needs="own")
def dry_run(space: SpaceFact, connection_id: str) -> Any:
    """What would be sent, with the values before and after; nothing leaves the house."""
    connection, visit = connections.get(space.id, connection_id), sdk.current_visit()
    found = sending.changes(space, visit.settings, connection, 2_000)
    totals = {state: sum(1 for each in found if each[1] == state) for state in STATES}
    shown = [(kind_of(each[0]), each[1], _differing(each[2], each[3])) for each in found if each[1] != "unchanged"]
    return sdk.render(
        "crm_export/dry_run.html", space=space, connection=connection, totals=totals, states=STATES,
        shown=shown[:_SHOWN], more=max(0, len(shown) - _SHOWN),
    )  # fmt: skip


def kind_of(entity: Entity) -> Any:
    """The kind of a thing in words."""
    return KIND_NAMES[entity.kind]


def _differing(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    names = dict.fromkeys([*after, *before])
    return [(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


@pages.get("/connections/<connection_id>/mapping", needs="own")
def mapping(space: SpaceFact, connection_id: str) -> Any:
    """What is sent under which name, with five real rows; the address may carry names that are being tried."""
    return _mapping_page(space, connections.get(space.id, connection_id), _typed(request.args))


@pages.post("/connections/<connection_id>/mapping", needs="own")
def save_mapping(space: SpaceFact, connection_id: str) -> Any:
    """Send these fields under these names from now on."""
    connection, typed = connections.get(space.id, connection_id), _typed(request.form) or {}
    if wrong := _mismatches(space, connection, typed):
        raise sdk.Invalid("; ".join(str(each) for each in wrong))
    connections.remap(space.id, connection_id, typed)
    return sdk.go(sdk.url(NAME, "show", space=space.slug, connection_id=connection_id), _("The fields are saved."))


def _typed(values: Any) -> dict[str, dict[str, str]] | None:
    """Names as a form sends them: ``person.email=E-mail``; an empty name is not sent."""
    known = {f"{kind}.{key}": (kind, key) for kind in KINDS for key in FIELDS[kind]}
    if not any(name in known for name in values):
        return None
    found: dict[str, dict[str, str]] = {}
    for name, (kind, key) in known.items():
        if text := " ".join(str(values.get(name, "")).split())[:80]:
            found.setdefault(kind, {})[key] = text
    return found


def _mapping_page(space: SpaceFact, connection: ConnectionFact, typed: dict[str, dict[str, str]] | None) -> Any:
    tried = typed if typed is not None else connection.mapping
    kinds = [
        (kind, KIND_NAMES[kind], [(key, *FIELDS[kind][key], tried.get(kind, {}).get(key, "")) for key in FIELDS[kind]],
         _rows(space, kind, tried.get(kind, {})))
        for kind in KINDS
    ]  # fmt: skip
    known = sorted({each.name for each in _described(space, connection)})
    return sdk.render(
        "crm_export/mapping.html", space=space, connection=connection, kinds=kinds, types=TYPES, known=known,
        wrong=_mismatches(space, connection, tried),
    )  # fmt: skip


def _rows(space: SpaceFact, kind: str, names: Mapping[str, str]) -> list[list[Any]]:
    """Five real things as they would arrive, of people who allowed it."""
    settings = sdk.current_visit().settings
    people = consent.allowed(space.id, settings["purpose"])[:25]
    entities = [each for each in entities_of(space, people) if each.kind == kind][:5]
    records = Reader(space, settings).read(entities)
    return [list(record.mapped(names).values()) for record in records.values() if record]


def _described(space: SpaceFact, connection: ConnectionFact) -> list[RemoteField]:
    connector = sdk.rules(Connector, space.id).get(connection.connector)

    def nothing_leaves(_request: Any) -> Any:
        raise sdk.Unreachable("nothing is sent while a page is drawn")

    return (
        list(
            connector.describe(connections.Line(connection.address, "", nothing_leaves, space.slug, connection.preset))
        )
        if connector
        else []
    )


def _mismatches(space: SpaceFact, connection: ConnectionFact, tried: Any) -> list[Any]:
    """Fields that the other system keeps as another type than ours, and two that would get one name."""
    types = {(each.kind, each.name): each.type for each in _described(space, connection)}
    connector = sdk.rules(Connector, space.id).get(connection.connector)
    wrong: list[Any] = []
    for kind, names in tried.items():
        for key, name in names.items():
            if connector is not None and connector.fixed and (kind, name) not in types:
                wrong.append(_("There is no field called %(name)s there.", name=name))
            there, here = types.get((kind, name), FIELDS[kind][key][1]), FIELDS[kind][key][1]
            if there not in (here, "text"):
                wrong.append(
                    _(
                        "%(name)s is a %(there)s there, ours is a %(here)s.",
                        name=name,
                        there=TYPES[there],
                        here=TYPES[here],
                    )
                )
        for name in {each for each in names.values() if list(names.values()).count(each) > 1}:
            wrong.append(_("Two fields of one kind are called %(name)s.", name=name))
    return wrong


@pages.post("/connections/<connection_id>/pause", needs="own")
def pause(space: SpaceFact, connection_id: str) -> Any:
    """Stop sending."""
    connections.pause(space.id, connection_id)
    return _back(space, connection_id, _("Paused. What changes meanwhile waits."))


@pages.post("/connections/<connection_id>/pull", needs="admin")
def pull(space: SpaceFact, connection_id: str) -> Any:
    """Take what changes there, or no longer: organizations are the whole server's, so its administrator decides."""
    on = sdk.posted(PullForm())["on"]
    connections.let_pull(space.id, connection_id, on)
    told = (
        _("What changes there is taken every quarter of an hour.") if on else _("Nothing is taken from there any more.")
    )
    return _back(space, connection_id, told)


@pages.post("/connections/<connection_id>/resume", needs="own")
def resume(space: SpaceFact, connection_id: str) -> Any:
    """Go on."""
    connections.get(space.id, connection_id)
    connections.resume(space.id, connection_id, sdk.posted(SecretForm())["secret"])
    return _back(space, connection_id, _("It goes on within a minute."))


@pages.post("/connections/<connection_id>/replay", needs="own")
def replay(space: SpaceFact, connection_id: str) -> Any:
    """Send again what was given up, or one thing."""
    connections.get(space.id, connection_id)
    outbox.replay(connection_id, sdk.posted(ReplayForm())["external_id"] or None)
    return _back(space, connection_id, _("It is sent again within a minute."))


@pages.post("/connections/<connection_id>/remove", needs="own")
def remove(space: SpaceFact, connection_id: str) -> Any:
    """Forget a connection."""
    connections.remove(space.id, connection_id)
    return sdk.go(
        sdk.url(NAME, "overview", space=space.slug), _("The connection is gone; the other system keeps what it has.")
    )


def _back(space: SpaceFact, connection_id: str, told: str) -> Any:
    return sdk.go(sdk.url(NAME, "show", space=space.slug, connection_id=connection_id), told)


@pages.get("/connections/<connection_id>/<kind>.csv", needs="own")
def download(space: SpaceFact, connection_id: str, kind: str) -> Response:
    """What a connection holds of a kind (``organization``, ``person`` …) as CSV, or what was ``removed``."""
    connection = connections.get(space.id, connection_id)
    if kind == "removed":
        with sdk.read() as session:
            gone = session.query(Delivery.external_id).filter_by(
                connection_id=connection_id, action="delete", fine=True
            )
            text = render(connection.preset, [], [(row.external_id, {}) for row in gone.distinct()])
    elif kind in KINDS:
        with sdk.read() as session:
            links = session.query(Link).filter_by(connection_id=connection_id, kind=kind).order_by(Link.external_id)
            rows = [(link.external_id, link.sent) for link in links if link.sent]
        text = render(connection.preset, list(connection.mapping.get(kind, {}).values()), rows)
    else:
        raise sdk.NotFound()
    headers = {"Content-Disposition": f'attachment; filename="{space.slug}-{kind}.csv"', "Cache-Control": "no-store"}
    return Response(text, mimetype="text/csv", headers=headers)
