"""The idea that is open beside the table: its text, its look-alikes, its scores with their parts, what the team says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for

from codesign.comments.facts import CommentFact
from codesign.comments.queries import notes_of
from codesign.hooks.host import PluginHost
from codesign.hooks.why import ScoreLine, score_lines
from codesign.ideas.asked import ask_search, look_alike, read_matches
from codesign.ideas.facts import IdeaFact
from codesign.ideas.lists import list_ideas
from codesign.ideas.queries import get_ideas
from codesign.ideas.views import idea_url
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import offload
from codesign.kernel.errors import NotFound
from codesign.merging.facts import MergeFact
from codesign.merging.preview import Preview, preview_of, voters
from codesign.merging.queries import merges_into
from codesign.spaces.facts import Access
from codesign.triage.pages.wishes import DeskWish
from codesign.triage.queries import DeskRow

SHOWN = 5


@dataclass(frozen=True)
class Alike:
    """An idea the open one could become part of. ``sure`` is how alike they are in per cent, where that is known."""

    idea: IdeaFact
    voters: int
    url: str
    sure: int | None = None


@dataclass(frozen=True)
class Opened:
    """What is read of the open idea, at the moment of the table."""

    row: DeskRow
    scores: list[ScoreLine]
    target: IdeaFact | None
    preview: Preview | None
    took_in: list[tuple[MergeFact, IdeaFact]]
    notes: list[CommentFact]


@dataclass(frozen=True)
class Panel:
    """One idea, wide open."""

    opened: Opened
    url: str
    seq: int
    alike: list[Alike]
    note_url: str
    next_url: str
    close_url: str
    edit_url: str
    split_url: str

    @property
    def idea(self) -> IdeaFact:
        """The idea itself."""
        return self.opened.row.idea


def read_opened(host: PluginHost, access: Access, wish: DeskWish, row: DeskRow) -> Opened:
    """What the panel says of the idea of a row. Needs a read block around it. Raises NotFound."""
    idea = row.idea
    target = get_ideas(access, [wish.into]).get(wish.into) if wish.into else None
    if wish.into and target is None:
        raise NotFound()
    merges = merges_into(idea.id)
    sources = get_ideas(access, [merge.source_id for merge in merges])
    return Opened(
        row=row,
        scores=score_lines(host, access.space, row.scores.values(), team=True, fields=row.values),
        target=target,
        preview=preview_of(idea, target) if target else None,
        took_in=[(merge, sources[merge.source_id]) for merge in merges if merge.source_id in sources],
        notes=notes_of(access, idea.id),
    )


def panel_of(actor: Actor, access: Access, wish: DeskWish, opened: Opened, drawn: list[str], seq: int) -> Panel:
    """The panel of an idea beside those *drawn* at the number *seq* of the log. Plugins are asked what looks alike, so nobody
    holds a snapshot open."""
    slug, idea = access.space.slug, opened.row.idea
    return Panel(
        opened=opened,
        url=idea_url(idea),
        seq=seq,
        alike=_candidates(actor, access, idea, wish) if _may_merge(idea) and not wish.into else [],
        note_url=url_for("triage.note", space=slug, idea_id=idea.id, **wish.args()) if idea.merged_into is None else "",
        next_url=_after(drawn, wish, slug),
        close_url=wish.url(slug, idea=""),
        edit_url=url_for("ideas.edit", space=slug, idea_id=idea.id),
        split_url=url_for("triage.split_form", space=slug, idea_id=idea.id) if _may_merge(idea) else "",
    )


def _may_merge(idea: IdeaFact) -> bool:
    return idea.state == PUBLISHED and idea.merged_into is None


def _after(ids: list[str], wish: DeskWish, slug: str) -> str:
    """The idea below the open one in the table."""
    place = ids.index(wish.idea) + 1 if wish.idea in ids else 0
    return wish.url(slug, idea=ids[place], anchor="panel") if place < len(ids) and ids[place] != wish.idea else ""


def _candidates(actor: Actor, access: Access, idea: IdeaFact, wish: DeskWish) -> list[Alike]:
    """What it could become part of: what looks alike, or what is found by words."""

    def alike(other: IdeaFact, sure: int | None = None) -> Alike:
        here = wish.url(access.space.slug, into=other.id, anchor="merge")
        return Alike(other, voters(other), here, sure)

    if wish.find:
        answer = ask_search(actor, access.space.id, wish.find)
        found: list[Any] = offload(_found, access, wish.find, answer)
        return [alike(other) for other in found if other.id != idea.id and _may_merge(other)][:SHOWN]
    hits = look_alike(actor, access, idea.title, SHOWN, idea.id)
    return [alike(hit.idea, round(100 * hit.likeness)) for hit in hits if _may_merge(hit.idea)]


def _found(access: Access, words: str, answer: Any) -> list[IdeaFact]:
    matches = read_matches(access, answer)
    order = "match" if matches else "new"
    return list(list_ideas(access, order, limit=12, q=words, found=matches.ideas if matches else None).items)
