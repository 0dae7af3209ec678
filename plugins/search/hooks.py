"""What the plugin answers: searches, look-alikes, and the log its index follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from codesign import sdk
from codesign.sdk import Actor, Facet, Found, Hit, Recorded, SpaceFact, hookimpl

from . import index
from .engines.base import Match
from .search import Result, look_alikes, search
from .snippets import Snippet, snippet

#: So many hits get a snippet: more than a page shows.
SHOWN = 40
#: What happened to these ideas touches their comments as well.
_WITH_COMMENTS = {"idea.published", "idea.hidden", "idea.withdrawn", "idea.merged", "idea.unmerged"}


@hookimpl
def search_contributions(
    spaces: Sequence[SpaceFact], actor: Actor, query: str, settings: Mapping[str, Any]
) -> Found | None:
    """The hits of a query, counts to narrow it by, and what it may have meant."""
    with sdk.read():  # one snapshot, and one connection, for all of it
        return _contributions(spaces, actor, query, settings["language"])


def _contributions(spaces: Sequence[SpaceFact], actor: Actor, query: str, language: str) -> Found | None:
    found = search(spaces, actor, query, language)
    if found is None:
        return None
    pieces = explain(found)
    hits = [
        Hit(match.kind, match.id, match.space_id, match.weight, shown.text, shown.marks)
        for match, shown in ((match, pieces.get(match.id, Snippet(""))) for match in found.matches)
    ]
    return Found(hits, found.meaning.meant, tuple(facets(found, spaces, actor)))


@hookimpl
def find_similar(space: SpaceFact, text: str, settings: Mapping[str, Any]) -> list[Hit] | None:
    """Ideas that look like a title while it is typed. They are shown, never acted on."""
    found = look_alikes(space, text, settings["language"])
    return None if found is None else [Hit(m.kind, m.id, m.space_id, m.weight) for m in found]


@hookimpl
def events_recorded(space: SpaceFact, events: Sequence[Recorded], settings: Mapping[str, Any]) -> None:
    """Bring what something happened to up to date."""
    ideas: set[str] = set()
    whole: set[str] = set()
    comments: set[str] = set()
    for event in events:
        payload = event.payload
        if "comment_id" in payload:
            comments.add(payload["comment_id"])
        elif event.name in _WITH_COMMENTS:
            whole.update(payload[name] for name in ("idea_id", "into", "from_id") if payload.get(name))
        else:
            ideas.add(payload["idea_id"])
    index.renew_ideas(space.id, whole, settings["language"], comments=True)
    index.renew_ideas(space.id, ideas - whole, settings["language"])
    index.renew_comments(space.id, comments, settings["language"])
    index.note_complete(space.id)


@hookimpl
def erase_person(person_id: str) -> None:
    """The index knows authors by id alone; a forgotten one goes out of it."""
    forget(person_id)


@sdk.verb
def forget(person_id: str) -> None:
    """Take a person out of the index."""
    index.forget_person(person_id)


def explain(found: Result) -> dict[str, Snippet]:
    """Why the best matches were found: a piece of each text by id."""
    pieces: dict[str, Snippet] = {}
    by_space: dict[str, list[Match]] = {}
    for match in found.matches[:SHOWN]:
        by_space.setdefault(match.space_id, []).append(match)
    with sdk.read():
        for space_id, matches in by_space.items():
            for kind, read in ((index.IDEA, sdk.idea_texts), (index.COMMENT, sdk.comment_texts)):
                spoken = {match.id: match.language for match in matches if match.kind == kind}
                for text in read(space_id, spoken) if spoken else ():
                    pieces[text.id] = piece(text.body, found.meaning.stems, spoken[text.id])
    return pieces


def piece(markdown: str, stems: frozenset[str], language: str) -> Snippet:
    """The piece of a text as its readers see it, without its markup."""
    return snippet(sdk.plain_text(markdown), stems, language)


def facets(found: Result, spaces: Sequence[SpaceFact], actor: Actor) -> list[Facet]:
    """Counts to narrow a search by, with the names of what is counted as *actor* may know them."""
    counts = found.counts
    statuses = {status.id: status.name for space in spaces for status in sdk.statuses(space.id)}
    named: dict[str, str] = {}
    for space in spaces:
        named |= sdk.names(actor, space.id, counts.get("author", {}))
    labels = {"status": statuses, "author": named, "tag": {tag: tag for tag in counts.get("tag", {})}}
    return [
        Facet(field, value, labels[field][value], count)
        for field in ("status", "tag", "author")
        for value, count in counts.get(field, {}).items()
        if value in labels[field]
    ]
