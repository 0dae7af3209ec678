"""A newer export of a source: what it changes of ideas that are here already. What was edited here since is never overwritten.

What the source said last is kept beside each idea as marks of its words: where an idea still says that, a newer word may take
its place; where it says something else, the team or its author has changed it here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

from sqlalchemy import select

from codesign.exchange.foreign.rows import IdeaRow
from codesign.exchange.models import ImportedIdea
from codesign.ideas.imported import shift_votes
from codesign.ideas.imports import Known, Words, renew_imported, words_of
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session
from codesign.triage.fields import known_field, put_value, values_of

_STEP = 500


@dataclass(frozen=True)
class Renewal:
    """What a row changes of its idea: ``words`` and ``status_id`` where they are new, counts by how much they grew or fell,
    fields of which nothing was said here yet. ``kept``: it says something else, but so does somebody here. ``mark`` and
    ``word`` (with its status) are what the source has said last from now on, also where the space says so already."""

    idea_id: str
    words: tuple[str, str] | None = None
    status_id: str | None = None
    up: int = 0
    down: int = 0
    fields: Mapping[str, Any] = field(default_factory=dict)
    kept: bool = False
    mark: str | None = None
    word: tuple[str, str | None] | None = None

    @property
    def changes(self) -> bool:
        """Whether the idea changes."""
        return bool(self.words or self.status_id or self.up or self.down or self.fields)

    @property
    def tells(self) -> bool:
        """Whether anything is to be written, be it only what the source says now."""
        return self.changes or self.mark is not None or self.word is not None


def uncounted(row: IdeaRow) -> int:
    """Votes that came without their voters. What is held takes no votes, so its supporters are only counted."""
    return max(row.up, len(row.supports)) if row.held else max(0, row.up - len(row.supports))


def mark_of(title: str, body: str) -> str:
    """What tells one text from another."""
    return blake2b(f"{title}\0{body}".encode(), digest_size=12).hexdigest()


@reading
def renewals(
    rows: Iterable[IdeaRow], known: Mapping[str, Known], status_of: Mapping[str, str], first: str | None
) -> dict[str, Renewal]:
    """What rows change of published ideas that are here, by key. *known* ideas by key. A fixed number of queries each 500."""
    here = [row for row in rows if row.key in known and _follows(row, known[row.key])]
    found: dict[str, Renewal] = {}
    for start in range(0, len(here), _STEP):
        step = here[start : start + _STEP]
        ids = [known[row.key].id for row in step]
        said = {
            each.idea_id: each for each in session().scalars(select(ImportedIdea).where(ImportedIdea.idea_id.in_(ids)))
        }
        now, values = words_of(ids), values_of(ids)
        for row in step:
            idea_id = known[row.key].id
            if idea_id in said and idea_id in now:
                status_id = status_of.get(row.status) or first
                found[row.key] = _compared(row, said[idea_id], now[idea_id], status_id, values.get(idea_id, {}))
    return found


def _follows(row: IdeaRow, idea: Known) -> bool:
    """Whether an idea follows its source: not where it is known by its own id, as an export of this space is no source."""
    return idea.published and not idea.merged and idea.id != row.key


def _compared(
    row: IdeaRow, said: ImportedIdea, now: Words, status_id: str | None, values: Mapping[str, Any]
) -> Renewal:
    """What a row does not tell is no word of its source: no text, status or count gives way to it."""
    words = (row.title, row.body if "body" in row.told else now.body)
    mark, here = mark_of(*words), mark_of(now.title, now.body)
    new_text = mark != here and said.mark not in {mark, mark_of(row.title, row.body)}
    new_status = bool(row.status) and row.status != said.word and status_id not in {None, now.status_id}
    text_stands, status_stands = here == said.mark, now.status_id == said.status_id
    same_text, same_status = mark == here and "body" in row.told, bool(row.status) and status_id == now.status_id
    word = (row.status, status_id)
    return Renewal(
        now.id,
        words=words if new_text and text_stands else None,
        status_id=status_id if new_status and status_stands else None,
        up=uncounted(replace(row, held=False)) - said.up if "votes" in row.told else 0,
        down=row.down - said.down if "votes_down" in row.told else 0,
        fields={key: value for key, value in row.fields if key not in values},
        kept=(new_text and not text_stands) or (new_status and not status_stands),
        mark=mark if mark != said.mark and (same_text or (new_text and text_stands)) else None,
        word=word if word != (said.word, said.status_id) and (same_status or (new_status and status_stands)) else None,
    )


def renew(actor: Actor, space_id: str, source: str, renewal: Renewal) -> None:
    """Write what a row changes, and keep what the source says now. Needs a verb around it."""
    if renewal.words or renewal.status_id:
        renew_imported(actor, renewal.idea_id, source, renewal.words, renewal.status_id)
    if renewal.up or renewal.down:
        shift_votes(actor, renewal.idea_id, source, renewal.up, renewal.down)
    put_fields(actor, space_id, renewal.idea_id, renewal.fields)
    said = session().get(ImportedIdea, renewal.idea_id)
    if said is not None:
        said.up, said.down = said.up + renewal.up, said.down + renewal.down
        said.mark = renewal.mark or said.mark
        said.word, said.status_id = renewal.word or (said.word, said.status_id)


def put_fields(actor: Actor, space_id: str, idea_id: str, values: Mapping[str, Any]) -> None:
    """Let fields say of an idea what a row says. Needs a verb around it."""
    for key, value in values.items():
        put_value(actor, space_id, known_field(space_id, key), idea_id, value)


def remember(space_id: str, idea_id: str, row: IdeaRow, status_id: str | None) -> None:
    """Keep what a source said of an idea that is new here. Needs a verb around it."""
    session().add(
        ImportedIdea(
            idea_id=idea_id, space_id=space_id, mark=mark_of(row.title, row.body), word=row.status, status_id=status_id,
            up=uncounted(row), down=row.down,
        )
    )  # fmt: skip
