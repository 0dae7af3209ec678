"""Fields of a space, and what they say of its ideas."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, case, delete, func, select, update

from codesign.accounts.queries import language_of
from codesign.events.log import record
from codesign.kernel.actor import Actor
from codesign.kernel.db import in_verb, once, reading, session, verb
from codesign.kernel.errors import Conflict, Invalid, NotFound
from codesign.kernel.text import Sentence, _, said
from codesign.kernel.upsert import upsert
from codesign.kernel.words import one_line
from codesign.spaces.access import access
from codesign.triage.events import DeskArranged, FieldSet
from codesign.triage.facts import CHOICE, DATE, KINDS, NUMBER, SWITCH, TEXT, FieldFact
from codesign.triage.models import Field, Value

MOST_FIELDS, MOST_CHOICES, MOST_WORD, MOST_TEXT = 30, 20, 40, 500
LARGEST = 1e12
_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")
_NO_PLAIN_LETTER = re.compile(r"[^\x00-\x7f]+|[%_\\]")
_EPOCH = date(1970, 1, 1)
_MEMO = "fields of a space to count with"

_IMPACT = FieldFact("impact", NUMBER, _("Impact"))
_CONFIDENCE = FieldFact("confidence", NUMBER, _("Confidence"), "%")
#: Fields that score rules know by these keys, for teams that want to begin with them: by the method that counts with them.
READY: dict[str, tuple[FieldFact, ...]] = {
    "rice": (
        FieldFact("reach", NUMBER, _("Reach"), _("people")),
        _IMPACT,
        _CONFIDENCE,
        FieldFact("effort", NUMBER, _("Effort"), _("weeks")),
    ),
    "ice": (_IMPACT, _CONFIDENCE, FieldFact("ease", NUMBER, _("Ease"))),
    "wsjf": (
        FieldFact("value", NUMBER, _("Value")),
        FieldFact("urgency", NUMBER, _("Urgency")),
        FieldFact("risk", NUMBER, _("Risk avoided")),
        FieldFact("size", NUMBER, _("Size")),
    ),
}


@reading
def list_fields(space_id: str, retired: bool = False) -> list[FieldFact]:
    """The fields of a space in their order; retired ones only on demand."""
    return [field for field in once(("fields", space_id), lambda: _fields_of(space_id)) if retired or not field.retired]


def _fields_of(space_id: str) -> list[FieldFact]:
    query = select(Field).where(Field.space_id == space_id)
    rows = session().scalars(query.order_by(Field.position, Field.key))
    return [
        FieldFact(row.key, row.kind, row.title, row.unit, tuple(row.choices), row.position, row.retired) for row in rows
    ]


@reading
def values_of(idea_ids: Iterable[str], keys: Iterable[str] | None = None) -> dict[str, dict[str, Any]]:
    """What fields say of ideas: by idea and key, as ``told`` spells it."""
    query = select(Value.idea_id, Value.key, Value.text, Value.number)
    query = query.where(Value.idea_id.in_(sorted(set(idea_ids))))
    if keys is not None:
        query = query.where(Value.key.in_(sorted(set(keys))))
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in session().execute(query):
        found[row.idea_id][row.key] = row.text if row.text is not None else row.number
    return dict(found)


@reading
def number_fields(space_id: str) -> dict[str, str]:
    """The fields score rules may count with, with their units: numbers, yes or no. Asked once per snapshot."""
    memo: dict[str, dict[str, str]] = session().info.setdefault(_MEMO, {})
    if space_id not in memo or in_verb():
        fields = list_fields(space_id)
        memo[space_id] = {field.key: field.unit for field in fields if field.kind in {NUMBER, SWITCH}}
    return memo[space_id]


@reading
def numbers_in(space_id: str, idea_ids: Iterable[str]) -> dict[str, dict[str, float]]:
    """What those fields say of ideas, by idea and key; of 80 % stays 0.8."""
    units = number_fields(space_id)
    found: dict[str, dict[str, float]] = defaultdict(dict)
    if not units:
        return found
    query = select(Value.idea_id, Value.key, Value.number).where(
        Value.idea_id.in_(sorted(set(idea_ids))), Value.key.in_(sorted(units)), Value.number.is_not(None)
    )
    for idea_id, key, number in session().execute(query):
        assert number is not None
        found[idea_id][key] = number / 100 if units[key] == "%" else number
    return found


def ordered_by(space_id: str, key: str) -> Select[str, float | None]:
    """Selects the ids of ideas with the number a field says of them."""
    return select(Value.idea_id, Value.number).where(
        Value.space_id == space_id, Value.key == key, Value.number.is_not(None)
    )


def compared(space_id: str, field: FieldFact, comparison: str, wish: str) -> Select[Any]:
    """Selects the ids of ideas of which a field says what is asked for. Raises Invalid."""
    query = select(Value.idea_id).where(Value.space_id == space_id, Value.key == field.key)
    value = clean_value(field, wish)
    if value is None:
        raise Invalid.field("where", _("“%(field)s” is compared with nothing.", field=field.title))
    number = _number(field, value)
    if number is None:
        if comparison != "=":
            raise Invalid.field("where", _("“%(field)s” is text: ask with = alone.", field=field.title))
        return query.where(Value.text.in_(_spellings(space_id, field.key, str(value))))
    ways = {
        "=": Value.number == number,
        "<": Value.number < number,
        "<=": Value.number <= number,
        ">": Value.number > number,
        ">=": Value.number >= number,
    }
    return query.where(ways[comparison])


@reading
def _spellings(space_id: str, key: str, text: str) -> list[str]:
    """How a field spells *text* in capitals and small letters. SQLite knows those of ASCII alone, so Python compares what has
    the same length and, but for other letters, the same words."""
    pattern = _NO_PLAIN_LETTER.sub("%", text.lower())
    alike = func.length(Value.text) == len(text), func.lower(Value.text).like(pattern)
    query = select(Value.text).where(Value.space_id == space_id, Value.key == key, *alike).distinct()
    return [found for found in session().scalars(query) if found is not None and found.lower() == text.lower()]


# --- Values -----------------------------------------------------------------------------------------------------------


def clean_value(field: FieldFact, value: Any) -> float | str | None:
    """A value as it is kept: a number, a word, a text, a day (2026-03-01), or None where it is empty. Raises Invalid."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if field.kind == NUMBER:
        return _clean_number(field, value)
    if field.kind == SWITCH:
        return 1.0 if str(value).lower() in {"1", "1.0", "true", "yes", "on"} else 0.0
    text = one_line(str(value))
    if field.kind == DATE:
        return _clean_date(field, text)
    if field.kind == CHOICE and text not in field.choices:
        raise _wrong(field, _("This is none of the choices of “%(field)s”.", field=field.title))
    if len(text) > MOST_TEXT:
        raise _wrong(field, _("This text has at most %(most)s characters.", most=MOST_TEXT))
    return text


def _clean_number(field: FieldFact, value: Any) -> float:
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number) or abs(number) > LARGEST:
        raise _wrong(field, _("“%(field)s” is a number.", field=field.title))
    return number


def _clean_date(field: FieldFact, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _wrong(field, _("“%(field)s” is a day like 2026-03-01.", field=field.title)) from None


def _wrong(field: FieldFact, sentence: Sentence) -> Invalid:
    return Invalid.field(f"field.{field.key}", sentence)


def _number(field: FieldFact, value: float | str) -> float | None:
    """What a value is ordered by: itself, the days of a date, the place of a choice; a text has none."""
    if isinstance(value, float):
        return value
    if field.kind == DATE:
        return float((date.fromisoformat(value) - _EPOCH) / timedelta(days=1))
    return float(field.choices.index(value)) if field.kind == CHOICE else None


def put_value(actor: Actor, space_id: str, field: FieldFact, idea_id: str, value: float | str | None) -> None:
    """Let a field say something of an idea, or nothing. Needs a verb around it."""
    if value is None:
        session().execute(delete(Value).where(Value.idea_id == idea_id, Value.key == field.key))
    else:
        kept = {"number": _number(field, value), "text": value if isinstance(value, str) else None}
        row = upsert(session(), Value).values(idea_id=idea_id, key=field.key, space_id=space_id, **kept)
        session().execute(row.on_conflict_do_update(index_elements=["idea_id", "key"], set_=kept))
    record(FieldSet(space_id, idea_id, field.key), actor)


def known_field(space_id: str, key: str) -> FieldFact:
    """A field of the space by its key; raises Invalid."""
    found = next((field for field in list_fields(space_id) if field.key == key), None)
    if found is None:
        raise Invalid.field("field", _("This space has no such field."), "unknown")
    return found


# --- The fields themselves --------------------------------------------------------------------------------------------


@verb
def keep_field(
    actor: Actor,
    reference: str,
    key: str,
    title: str,
    kind: str = NUMBER,
    unit: str = "",
    choices: Sequence[str] = (),
) -> FieldFact:
    """Add a field to a space, or change its words; its kind stays. Raises NotFound, Forbidden, Invalid, Conflict."""
    space_id = access(actor, reference, "product").space.id
    if not _KEY.fullmatch(key):
        raise Invalid.field("key", _("A key has small letters, digits and _, and begins with a letter."))
    fact = _clean_field(key, title, kind, unit, choices)
    known = {field.key: field for field in list_fields(space_id, retired=True)}
    if key in known and known[key].kind != kind:
        raise Conflict(_("A field keeps its kind. Retire it and add another one."))
    if key not in known and len(known) >= MOST_FIELDS:
        raise Conflict(_("A space has at most %(most)s fields.", most=MOST_FIELDS))
    words = {"title": fact.title, "unit": fact.unit, "choices": list(fact.choices), "retired": False}
    place = known[key].position if key in known else len(known)
    row = upsert(session(), Field).values(space_id=space_id, key=key, kind=kind, position=place, **words)
    session().execute(row.on_conflict_do_update(index_elements=["space_id", "key"], set_=words))
    if key in known:
        _move_choices(space_id, key, known[key].choices, fact.choices)
    record(DeskArranged(space_id), actor)
    return fact


def _move_choices(space_id: str, key: str, before: Sequence[str], after: Sequence[str]) -> None:
    """Let values have the places their words have now: those of words that moved, came back or are gone (then none)."""
    was, places = ({word: float(place) for place, word in enumerate(words)} for words in (before, after))
    moved = {word: places.get(word) for word in was | places if was.get(word) != places.get(word)}
    if moved:
        query = update(Value).where(Value.space_id == space_id, Value.key == key, Value.text.in_(sorted(moved)))
        session().execute(query.values(number=case(moved, value=Value.text)))


def _clean_field(key: str, title: str, kind: str, unit: str, choices: Sequence[str]) -> FieldFact:
    name, measure = one_line(title), one_line(unit)
    words = tuple(dict.fromkeys(word for word in map(one_line, choices) if word))
    if not name or len(name) > MOST_WORD:
        raise Invalid.field("title", _("A name has 1 to %(most)s characters.", most=MOST_WORD))
    if kind not in KINDS:
        raise Invalid.field("kind", _("There is no such kind of field."), "unknown")
    if len(measure) > 16:
        raise Invalid.field("unit", _("A unit has at most %(most)s characters.", most=16))
    if (kind == CHOICE) != bool(words) or len(words) > MOST_CHOICES or any(len(word) > MOST_WORD for word in words):
        raise Invalid.field("choices", _("A choice has 1 to %(most)s short words.", most=MOST_CHOICES))
    return FieldFact(key, kind, name, measure, words)


@verb
def keep_ready_fields(actor: Actor, reference: str, method: str = "rice") -> None:
    """Add the fields that the score rule of a method knows, named in the actor's language; what is there stays as it is."""
    space_id = access(actor, reference, "product").space.id
    known = {field.key for field in list_fields(space_id)}
    language = language_of(actor.person_id)
    for field in READY[method]:
        if field.key not in known:
            keep_field(actor, space_id, field.key, said(field.title, language), field.kind, said(field.unit, language))


@verb
def retire_field(actor: Actor, reference: str, key: str) -> None:
    """Show a field no more; what it said is kept, and comes back with it."""
    space_id = access(actor, reference, "product").space.id
    row = session().get(Field, (space_id, key))
    if row is None:
        raise NotFound(_("This space has no such field."))
    if not row.retired:
        row.retired = True
        record(DeskArranged(space_id), actor)


__all__ = [
    "READY", "TEXT", "clean_value", "compared", "keep_field", "keep_ready_fields", "known_field", "list_fields",
    "number_fields", "numbers_in", "ordered_by", "put_value", "retire_field", "values_of",
]  # fmt: skip
