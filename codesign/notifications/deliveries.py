"""What is to be told by letter: noted with the notice, written when it is due, each once whatever happens in between."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import func, select, tuple_, update

from codesign.accounts.queries import language_of
from codesign.events.base import Recorded
from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import get_ideas
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import read, reading, session, verb
from codesign.kernel.errors import Conflict, NotFound
from codesign.kernel.ids import new_id
from codesign.kernel.upsert import upsert
from codesign.notifications.links import stop_path
from codesign.notifications.models import Delivery, Letter
from codesign.notifications.rhythms import INSTANT, NEVER, TOGETHER, due_at, kind_of
from codesign.notifications.sentences import sentence_of
from codesign.notifications.wishes import reachable, rhythms_of
from codesign.notifications.writing import Told, news_letter
from codesign.spaces.access import standing
from codesign.spaces.facts import Access

MAIL = "mail"
#: People who are written to in one round, and things told in one letter; what is more waits for the next.
PEOPLE, THINGS = 50, 100

_KEY = (Delivery.person_id, Delivery.space_id, Delivery.seq, Delivery.channel)


def schedule(fact: Recorded, people: Iterable[str], name: str, text_id: str | None, idea_id: str | None) -> None:
    """Note, inside the verb that writes the notices, who wants to read of *fact* in a letter, and when."""
    kind = kind_of(name)
    if kind is None:
        return
    addresses = reachable(people)
    wishes, moment = rhythms_of(addresses), clock.now()
    rows = [
        {
            "person_id": person_id, "space_id": fact.space_id, "seq": fact.seq, "channel": MAIL, "name": name,
            "idea_id": idea_id, "text_id": text_id, "occurred_at": fact.occurred_at,
            "due_at": due_at(moment, wishes[person_id][kind]), "settled_at": None, "letter_id": None,
        }
        for person_id in sorted(addresses)
        if wishes[person_id][kind] != NEVER
    ]  # fmt: skip
    if rows:
        session().execute(upsert(session(), Delivery).on_conflict_do_nothing(), rows)


def write_due() -> int:
    """Write the letters that are due (a timed task); returns how many."""
    with read():
        due = select(Delivery.person_id).where(Delivery.settled_at.is_(None), Delivery.due_at <= clock.now())
        due = due.group_by(Delivery.person_id).order_by(func.min(Delivery.due_at), Delivery.person_id)
        people = list(session().scalars(due.limit(PEOPLE)))
    return sum(_write_to(person_id) for person_id in people)


def _write_to(person_id: str) -> bool:
    """Tell one person all that is due in one letter; what they may not see any more, or do not want, is left out."""
    with read():
        address, wishes = reachable([person_id]).get(person_id), rhythms_of([person_id])[person_id]
        rows = _due_of(person_id, [kind for kind, rhythm in wishes.items() if rhythm == INSTANT])
        wanted = [row for row in rows if address and wishes[kind_of(row.name) or ""] != NEVER]
        told = _what_to_tell(Actor(person_id=person_id), wanted)
        language = language_of(person_id)
    letter = None
    if address and told:
        first, kinds = rows[0], {kind_of(row.name) or "" for row in wanted}
        stop = stop_path(person_id, kinds)
        letter = Letter(
            id=new_id(), cause=f"news:{person_id}:{first.space_id}:{first.seq}", person_id=person_id, recipient=address,
            stop=stop, created_at=clock.now(), tries=0, next_try_at=clock.now(), **news_letter(told, stop, language),
        )  # fmt: skip
    try:
        _keep(rows, letter)
    except Conflict:  # another worker took them
        return False
    return letter is not None


def _due_of(person_id: str, instant: Collection[str]) -> Sequence[Any]:
    """What is due; where something is that is told at once (kinds *instant*), what happened since and is told so goes along."""
    moment = clock.now()
    open_ = Delivery.person_id == person_id, Delivery.settled_at.is_(None), Delivery.due_at <= moment + TOGETHER
    query = select(*_KEY, Delivery.name, Delivery.idea_id, Delivery.text_id, Delivery.due_at).where(*open_)
    rows = session().execute(query.order_by(Delivery.due_at, Delivery.space_id, Delivery.seq).limit(THINGS)).all()
    waits = any(row.due_at <= moment and kind_of(row.name) in instant for row in rows)
    told = [row for row in rows if row.due_at <= moment or (waits and kind_of(row.name) in instant)]
    return sorted(told, key=lambda row: (row.space_id, row.seq))


@verb
def _keep(rows: Sequence[Any], letter: Letter | None) -> None:
    """Count these as settled and keep the letter about them, in one commit: so each is told in one letter, or in none."""
    keys = tuple_(*_KEY).in_([tuple(row)[:4] for row in rows])
    settle = update(Delivery).where(keys, Delivery.settled_at.is_(None))
    settle = settle.values(settled_at=clock.now(), letter_id=letter.id if letter else None)
    done = session().execute(settle.execution_options(synchronize_session=False))
    if done.rowcount != len(rows):  # type: ignore[attr-defined]
        raise Conflict()
    if letter is not None:
        session().add(letter)


@dataclass(frozen=True)
class _Seen:
    access: Access
    ideas: dict[str, IdeaFact]


def _what_to_tell(actor: Actor, rows: Iterable[Any]) -> list[Told]:
    told: list[Told] = []
    for space_id, group in groupby(rows, key=lambda row: str(row.space_id)):
        here = list(group)
        seen = _look(actor, space_id, [str(row.idea_id) for row in here if row.idea_id])
        if seen is None:
            continue
        told += [
            Told(seen.access.space.name, idea.title, sentence_of(row.name, idea), _path(idea, row.name, row.text_id))
            for row in here
            if (idea := seen.ideas.get(row.idea_id)) is not None
        ]
    return list(dict.fromkeys(told))  # two moves to the status it has now are one


@reading
def _look(actor: Actor, space_id: str, idea_ids: Iterable[str]) -> _Seen | None:
    try:
        access = standing(actor, space_id)
    except NotFound:
        return None
    return _Seen(access, get_ideas(access, idea_ids))


def _path(idea: IdeaFact, name: str, text_id: str | None) -> str:
    """Where on its page a notice leads."""
    if name == "release.published":
        return f"/spaces/{idea.space_slug}/changelog/{text_id}"
    if name.startswith(("comment.", "note.")):
        return f"{idea.path}#comment-{text_id}" if text_id else f"{idea.path}#comments"
    return f"{idea.path}#answer" if name in ("idea.answered", "answer.mentioned") else idea.path
