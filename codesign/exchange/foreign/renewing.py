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
from codesign.ideas.imports import Known, News, Words, renew_imported, words_of
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session
from codesign.triage.fields import known_field, put_value, values_of

_STEP = 500


@dataclass(frozen=True)
class Renewal:
    """What a row changes of its idea: its ``news``, counts by how much they grew or fell, fields of which nothing was said here
    yet. ``kept`` are the parts of which it says something else, but so does somebody here. ``said`` is what the source has said
    last from now on, also where the space says so already."""

    idea_id: str
    news: News = field(default_factory=News)
    up: int = 0
    down: int = 0
    fields: Mapping[str, Any] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def changes(self) -> bool:
        """Whether the idea changes."""
        return bool(self.news != News() or self.up or self.down or self.fields)

    @property
    def tells(self) -> bool:
        """Whether anything is to be written, be it only what the source says now."""
        return self.changes or bool(self.said)


def uncounted(row: IdeaRow) -> int:
    """Votes that came without their voters. What is held takes no votes, so its supporters are only counted."""
    return max(row.up, len(row.supports)) if row.held else max(0, row.up - len(row.supports))


def mark_of(*words: str) -> str:
    """What tells one text from another."""
    return blake2b("\0".join(words).encode(), digest_size=12).hexdigest()


def tags_mark(tags: Iterable[str]) -> str:
    """What tells some tags from others, in whatever order."""
    return mark_of(*sorted(tags))


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


@dataclass(frozen=True)
class _Part:
    """One part of an idea: what a row says of it, what the source said last, and what the idea says, each by its mark. ``told``:
    the row says anything of it; ``whole``: all of it, so that it can agree."""

    name: str
    new: str | None
    last: str | None
    here: str | None
    told: bool = True
    whole: bool = True

    @property
    def differs(self) -> bool:
        """Whether the row says something new that the idea does not say."""
        return self.told and self.new not in {self.last, self.here}

    @property
    def follows(self) -> bool:
        """Whether the idea takes it: it still says what the source said last."""
        return self.differs and self.here == self.last

    @property
    def counts(self) -> bool:
        """Whether it is what the source has said last from now on: the idea says so too."""
        return self.follows or (self.told and self.whole and self.here == self.new != self.last)


def _compared(
    row: IdeaRow, said: ImportedIdea, now: Words, status_id: str | None, values: Mapping[str, Any]
) -> Renewal:
    """What a row does not tell is no word of its source: nothing gives way to it."""
    words = (row.title, row.body if "body" in row.told else now.body)
    new, old = mark_of(*words), said.mark
    old = new if old == mark_of(row.title, row.body) else old
    text = _Part("text", new, old, mark_of(now.title, now.body), whole="body" in row.told)
    # News of a status is another word of the file, not another status that its word is taken for now.
    last = status_id if row.status == said.word and status_id != now.status_id else said.status_id
    status = _Part("status", status_id, last, now.status_id, bool(row.status) and status_id is not None)
    tags = _Part("tags", tags_mark(row.tags), said.tags, tags_mark(now.tags), "tags" in row.told)
    answer = _Part("answer", mark_of(row.answer), said.answer, mark_of(now.answer), bool(row.answer))
    return Renewal(
        now.id,
        news=News(
            words=words if text.follows else None,
            status_id=status_id if status.follows else None,
            tags=row.tags if tags.follows else None,
            answer=row.answer if answer.follows else None,
            answered_at=row.answered_at if answer.follows else None,
        ),
        up=uncounted(replace(row, held=False)) - said.up if "votes" in row.told else 0,
        down=row.down - said.down if "votes_down" in row.told else 0,
        fields={key: value for key, value in row.fields if key not in values},
        kept=tuple(part.name for part in (text, status, tags, answer) if part.differs and not part.follows),
        said=_said(row, said, status, {"mark": text, "tags": tags, "answer": answer}),
    )


def _said(row: IdeaRow, said: ImportedIdea, status: _Part, parts: Mapping[str, _Part]) -> dict[str, Any]:
    """What the source has said last from now on, where that is another thing than before."""
    found = {name: part.new for name, part in parts.items() if part.counts}
    word = (row.status, status.new)
    if word != (said.word, said.status_id) and (status.follows or (status.told and status.new == status.here)):
        found |= {"word": row.status, "status_id": status.new}
    return found


def renew(actor: Actor, space_id: str, source: str, renewal: Renewal) -> None:
    """Write what a row changes, and keep what the source says now. Needs a verb around it."""
    if renewal.news != News():
        renew_imported(actor, renewal.idea_id, source, renewal.news)
    if renewal.up or renewal.down:
        shift_votes(actor, renewal.idea_id, source, renewal.up, renewal.down)
    put_fields(actor, space_id, renewal.idea_id, renewal.fields)
    said = session().get(ImportedIdea, renewal.idea_id)
    if said is not None:
        said.up, said.down = said.up + renewal.up, said.down + renewal.down
        for name, value in renewal.said.items():
            setattr(said, name, value)


def put_fields(actor: Actor, space_id: str, idea_id: str, values: Mapping[str, Any]) -> None:
    """Let fields say of an idea what a row says. Needs a verb around it."""
    for key, value in values.items():
        put_value(actor, space_id, known_field(space_id, key), idea_id, value)


def remember(space_id: str, idea_id: str, row: IdeaRow, status_id: str | None) -> None:
    """Keep what a source said of an idea that is new here. Needs a verb around it."""
    session().add(
        ImportedIdea(
            idea_id=idea_id, space_id=space_id, mark=mark_of(row.title, row.body), word=row.status, status_id=status_id,
            tags=tags_mark(row.tags), answer=mark_of(row.answer), up=uncounted(row), down=row.down,
        )
    )  # fmt: skip
