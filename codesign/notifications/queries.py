"""Reading notices and letters."""

from __future__ import annotations

from sqlalchemy import Select, func, select, tuple_

from codesign.accounts.facts import PersonFact
from codesign.accounts.queries import get_people
from codesign.events import log
from codesign.events.base import Bell, Recorded, catalogue
from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import get_ideas
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session
from codesign.kernel.errors import Forbidden, NotFound
from codesign.kernel.text import _
from codesign.notifications.facts import LetterFact, NoticeFact
from codesign.notifications.models import Letter, Notice
from codesign.spaces.access import standing
from codesign.spaces.facts import Access, SpaceFact

#: The bell stops counting here; nobody reads the difference between 100 and more.
MOST_COUNTED = 100
#: Where a page of notices ends: milliseconds, space and number of its last one.
Place = tuple[int, str, int]


@reading
def count_unread(person_id: str) -> int:
    """How many notices a person has not read, at most MOST_COUNTED."""
    unread = select(Notice.seq).where(Notice.person_id == person_id, Notice.read_at.is_(None)).limit(MOST_COUNTED)
    return session().scalar(select(func.count()).select_from(unread.subquery())) or 0


def list_notices(actor: Actor, limit: int = 30) -> list[NoticeFact]:
    """The newest of what *actor* should hear of, without what they may not see any more."""
    return notices_page(actor, limit)[0]


@reading
def notices_page(actor: Actor, limit: int, before: Place | None = None) -> tuple[list[NoticeFact], Place | None]:
    """What *actor* should hear of, newest first, and where the next page begins.

    What they may not see any more is left out, so a page may hold fewer than there is room for, and be none the last.
    """
    query = select(Notice).where(Notice.person_id == actor.person_id)
    if before is not None:
        place = tuple_(Notice.occurred_at, Notice.space_id, Notice.seq)
        query = query.where(place < tuple_(*before))
    newest = query.order_by(Notice.occurred_at.desc(), Notice.space_id.desc(), Notice.seq.desc())
    rows = list(session().scalars(newest.limit(limit + 1)))
    is_last, rows = len(rows) <= limit, rows[:limit]
    seen = _what_they_see(actor, rows)
    people = get_people(row.actor_id for row in rows if row.actor_id)
    found = []
    for row in rows:
        if row.idea_id in seen:
            found.append(_fact(row, *seen[row.idea_id], people.get(row.actor_id or "")))
        elif rung := _what_rang(actor, row):
            found.append(_ringing(row, *rung))
    last = None if is_last else (round(rows[-1].occurred_at.timestamp() * 1000), rows[-1].space_id, rows[-1].seq)
    return found, last


def mentions_of(person_id: str | None, space_id: str) -> Select[str | None]:
    """Selects the ids of ideas of a space in whose texts somebody is mentioned, as long as they have not read the notice."""
    unread = select(Notice.idea_id).where(Notice.person_id == (person_id or ""), Notice.read_at.is_(None))
    return unread.where(Notice.space_id == space_id, Notice.text_id.is_not(None), Notice.idea_id.is_not(None))


def _what_rang(actor: Actor, row: Notice) -> tuple[SpaceFact, Bell] | None:
    """The bell of an event that rings by itself, as long as it is still for *actor*; None for other notices."""
    kind = catalogue.get(row.name)
    if kind is None or kind.bell is None:
        return None
    try:
        access = standing(actor, row.space_id)
    except NotFound:
        return None
    may = access.may("own") if kind.bell.to == "own" else access.is_team
    return (access.space, kind.bell) if may else None


def _ringing(row: Notice, space: SpaceFact, bell: Bell) -> NoticeFact:
    return NoticeFact(
        row.space_id,
        row.seq,
        row.name,
        "",
        "",
        "",
        space.slug,
        space.name,
        None,
        row.occurred_at,
        row.read_at,
        bell.says,
    )


def ringing_path(slug: str, bell: Bell, fact: Recorded) -> str:
    """Where an event that rings by itself leads."""
    return f"/spaces/{slug}" + bell.path.format_map(fact.payload)


def _what_they_see(actor: Actor, rows: list[Notice]) -> dict[str | None, tuple[Access, IdeaFact]]:
    found: dict[str | None, tuple[Access, IdeaFact]] = {}
    for space_id in {row.space_id for row in rows}:
        try:
            access = standing(actor, space_id)
        except NotFound:
            continue
        wanted = [row.idea_id for row in rows if row.space_id == space_id and row.idea_id]
        found |= {idea_id: (access, idea) for idea_id, idea in get_ideas(access, wanted).items()}
    return found


def _fact(row: Notice, access: Access, idea: IdeaFact, actor: PersonFact | None) -> NoticeFact:
    named = actor.name if actor and not actor.erased and (actor.show_name or access.is_team) else None
    return NoticeFact(
        row.space_id, row.seq, row.name, idea.id, idea.slug, idea.title, access.space.slug, access.space.name,
        named or None, row.occurred_at, row.read_at,
    )  # fmt: skip


@reading
def where_to(actor: Actor, space_id: str, seq: int) -> str | None:
    """The path a notice of *actor* leads to; None when there is no such notice, or nothing to see there any more."""
    row = session().get(Notice, (actor.person_id, space_id, seq)) if actor.person_id else None
    seen = _what_they_see(actor, [row]) if row else {}
    if row is not None and (rung := _what_rang(actor, row)):
        facts = log.since(space_id, seq - 1, 1)
        return ringing_path(rung[0].slug, rung[1], facts[0]) if facts else None
    if row is None or row.idea_id not in seen:
        return None
    access, idea = seen[row.idea_id]
    if row.name == "release.published":
        return f"/spaces/{access.space.slug}/changelog/{row.text_id}"
    comments = "#comments" if row.name.startswith(("comment.", "note.")) else ""
    if comments and row.text_id:
        comments = f"#comment-{row.text_id}"
    elif row.name in ("answer.mentioned", "idea.answered"):
        comments = "#answer"
    return f"/spaces/{access.space.slug}/ideas/{idea.id}-{idea.slug}{comments}"


@reading
def list_letters(actor: Actor, limit: int = 100, waiting: bool = False) -> list[LetterFact]:
    """The outbox, newest first, for server administrators; only what was not sent yet if *waiting*."""
    if not (actor.is_admin and actor.may("admin")):
        raise Forbidden(_("Only a server administrator may read the letters."))
    query = select(Letter)
    if waiting:
        query = query.where(Letter.sent_at.is_(None))
    return [letter_fact(row) for row in session().scalars(query.order_by(Letter.id.desc()).limit(limit))]


@reading
def failing_letters() -> tuple[int, str]:
    """How many letters could not be sent so far, and what the last of them met ("" for none)."""
    failing = Letter.sent_at.is_(None), Letter.last_error.is_not(None)
    count = session().scalar(select(func.count()).select_from(Letter).where(*failing)) or 0
    last = session().scalar(select(Letter.last_error).where(*failing).order_by(Letter.id.desc()).limit(1))
    return count, last or ""


def letter_fact(row: Letter) -> LetterFact:
    """The fact of a row."""
    return LetterFact(
        row.id, row.person_id, row.recipient, row.subject, row.body, row.created_at, row.sent_at, row.tries,
        row.next_try_at, row.last_error, row.html, row.stop,
    )  # fmt: skip
