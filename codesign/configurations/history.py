"""The log of a draft: who changed which option when. It orders the edits of several people, undo looks things up in it, and
whoever was away reads what they missed. It is kept when the draft is published, and nothing comes to it any more.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, select, update

from codesign.configurations.changes import Choices, Difference, difference
from codesign.configurations.facts import EditFact
from codesign.configurations.models import Configuration, DraftEdit
from codesign.kernel import clock
from codesign.kernel.db import reading, session

#: Edits that are about other edits, and the one after which nothing before it can be taken back.
UNDO, REDO, MIGRATED = "undo", "redo", "migrated"
#: The log of a draft holds so many changes of options; the oldest edits go first, looked for every so many edits.
MOST_KEPT, SWEEP = 20_000, 50
MOST_READ = 200


class Did(NamedTuple):
    """What an edit was: its word, the option it was about, and the edit it takes back or does again."""

    word: str
    option: str = ""
    turns: int | None = None


# --- Writing: inside a verb that holds the draft's row ----------------------------------------------------------------


def write_edit(row: Configuration, person_id: str | None, did: Did, before: Choices, after: Choices) -> None:
    """Put what leads from *before* to *after* into the log, as the edit that makes the row's new version."""
    row.version, row.edited_at = row.version + 1, clock.now()
    made = difference(before, after)
    latest = session().scalar(select(func.max(DraftEdit.number)).where(DraftEdit.configuration_id == row.id)) or 0
    row.marks = {**row.marks, **dict.fromkeys(made.changes, row.version)}
    session().add(
        DraftEdit(
            configuration_id=row.id, number=row.version, person_id=person_id, did=did.word, option=did.option,
            changes={option: list(sides) for option, sides in made.changes.items()},
            wished={option: list(sides) for option, sides in made.wished.items()},
            disputed=[list(side) for side in made.disputed], weight=made.weight, passed=False, at=row.edited_at,
        )
    )  # fmt: skip
    if did.turns is not None:
        at = row.version if did.word == UNDO else None
        session().execute(update(DraftEdit).where(_is(row.id, did.turns)).values(undone_at=at))
    if row.version // SWEEP > latest // SWEEP:  # versions that are no edits lie between them
        _sweep(row.id)


def pass_over(configuration_id: str, number: int) -> None:
    """An edit cannot be taken back any more: undo goes on with the one before it."""
    session().execute(update(DraftEdit).where(_is(configuration_id, number)).values(passed=True))


def _is(configuration_id: str, number: int) -> ColumnElement[bool]:
    return and_(DraftEdit.configuration_id == configuration_id, DraftEdit.number == number)


def _sweep(configuration_id: str) -> None:
    mine = DraftEdit.configuration_id == configuration_id
    kept = 0
    weights = select(DraftEdit.number, DraftEdit.weight).where(mine).order_by(DraftEdit.number.desc())
    for number, weight in session().execute(weights):
        kept += weight
        if kept > MOST_KEPT:
            session().execute(delete(DraftEdit).where(mine, DraftEdit.number <= number))
            return


# --- Reading: the caller has passed the draft's gate ------------------------------------------------------------------


@reading
def edits_after(configuration_id: str, number: int, limit: int = MOST_READ) -> list[EditFact]:
    """The edits after *number*, oldest first."""
    query = select(DraftEdit).where(DraftEdit.configuration_id == configuration_id, DraftEdit.number > number)
    return [_fact(row) for row in session().scalars(query.order_by(DraftEdit.number).limit(limit))]


@reading
def latest_edits(configuration_id: str, limit: int) -> list[EditFact]:
    """The newest edits, newest first."""
    query = select(DraftEdit).where(DraftEdit.configuration_id == configuration_id)
    return [_fact(row) for row in session().scalars(query.order_by(DraftEdit.number.desc()).limit(limit))]


@reading
def own_edits(configuration_id: str, person_id: str | None, before: int, limit: int) -> list[EditFact]:
    """A person's edits before a number that still stand, newest first."""
    query = select(DraftEdit).where(
        DraftEdit.configuration_id == configuration_id,
        DraftEdit.person_id == person_id,
        DraftEdit.number < before,
        DraftEdit.undone_at.is_(None),
    )
    return [_fact(row) for row in session().scalars(query.order_by(DraftEdit.number.desc()).limit(limit))]


@reading
def editors_of(configuration_id: str, numbers: Collection[int]) -> dict[int, str | None]:
    """Who made these edits; those the log does not hold any more are left out."""
    if not numbers:
        return {}
    query = select(DraftEdit.number, DraftEdit.person_id).where(
        DraftEdit.configuration_id == configuration_id, DraftEdit.number >= min(numbers)
    )
    return {row[0]: row[1] for row in session().execute(query) if row[0] in numbers}


@reading
def wished_by_others(configuration_id: str, person_id: str | None, after: int) -> frozenset[str]:
    """The options that somebody else wished for, or no more, after a number."""
    query = select(DraftEdit.wished).where(
        DraftEdit.configuration_id == configuration_id,
        DraftEdit.number > after,
        DraftEdit.person_id.is_distinct_from(person_id),
    )
    return frozenset(option for wished in session().scalars(query) for option in wished)


@reading
def word_of(configuration_id: str, number: int) -> str | None:
    """What an edit was."""
    return session().scalar(select(DraftEdit.did).where(_is(configuration_id, number)))


@reading
def first_number(configuration_id: str) -> int | None:
    """The oldest edit the log holds."""
    query = select(DraftEdit.number).where(DraftEdit.configuration_id == configuration_id)
    return session().scalar(query.order_by(DraftEdit.number).limit(1))


@reading
def step_of(configuration_id: str, person_id: str | None, *, back: bool) -> EditFact | None:
    """The edit that a person's undo (*back*) or redo is about now, if any."""
    mine = (
        DraftEdit.configuration_id == configuration_id,
        DraftEdit.person_id == person_id if person_id is not None else DraftEdit.person_id.is_(None),
        DraftEdit.did.not_in((UNDO, REDO, MIGRATED)),
        DraftEdit.number > _floor(configuration_id),
    )
    stands = select(DraftEdit).where(*mine, DraftEdit.undone_at.is_(None), ~DraftEdit.passed)
    newest = session().scalar(stands.order_by(DraftEdit.number.desc()).limit(1))
    if back:
        return _fact(newest) if newest else None
    undone = select(DraftEdit).where(*mine, DraftEdit.undone_at.is_not(None))
    after = undone.where(DraftEdit.number > (newest.number if newest else 0))
    row = session().scalar(after.order_by(DraftEdit.number).limit(1))
    return _fact(row) if row else None


def _floor(configuration_id: str) -> int:
    query = select(DraftEdit.number).where(DraftEdit.configuration_id == configuration_id, DraftEdit.did == MIGRATED)
    return session().scalar(query.order_by(DraftEdit.number.desc()).limit(1)) or 0


@reading
def overtaken_by(edit: EditFact) -> EditFact | None:
    """The newest edit by somebody else that changed an option of *edit* since it was made (or taken back).

    Undo and redo are edits like others. Only an edit that came since and was taken back again does not count, nor does what
    took it back: both together left everything as it was.
    """
    since = edit.undone_at or edit.number
    query = select(DraftEdit).where(
        DraftEdit.configuration_id == edit.configuration_id,
        DraftEdit.number > since,
        DraftEdit.person_id.is_distinct_from(edit.person_id),
    )
    rows = session().scalars(query.order_by(DraftEdit.number.desc())).all()
    took_back = {row.undone_at for row in rows if row.undone_at is not None}
    for row in rows:
        if row.undone_at is not None or row.number in took_back:
            continue
        found = _fact(row)
        if found.options & edit.options:
            return found
    return None


def difference_of(edit: EditFact) -> Difference:
    """What an edit changed."""
    return Difference(edit.changes, edit.wished, edit.disputed)


def _fact(row: DraftEdit) -> EditFact:
    return EditFact(
        configuration_id=row.configuration_id,
        number=row.number,
        person_id=row.person_id,
        did=row.did,
        option=row.option,
        changes={option: (sides[0], sides[1]) for option, sides in row.changes.items()},
        wished={option: (sides[0], sides[1]) for option, sides in row.wished.items()},
        disputed=(tuple(row.disputed[0]), tuple(row.disputed[1])),
        undone_at=row.undone_at,
        at=row.at,
    )
