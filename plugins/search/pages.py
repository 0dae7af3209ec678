"""The page of the search: ideas with the comments below them, people, counts to narrow by; here or in all spaces."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from markupsafe import Markup, escape
from marshmallow import EXCLUDE, Schema

from codesign import sdk
from codesign.sdk import CommentFact, Facet, IdeaFact, SpaceFact

from . import hooks
from .queries import NARROWING, Query
from .search import Result, search
from .snippets import Snippet, marks
from .words import language_of, plain

PLUGIN = "search"
#: Ideas on the page, comments shown below one, names shown, ways to narrow of each kind.
IDEAS, COMMENTS, PEOPLE, FACETS = 25, 3, 8, 8
#: Ideas shown while somebody is still typing: what fits on a screen.
WHILE_TYPING = 10
#: Something that narrows, as it stands in a query.
_NARROW = re.compile(rf'(?<!\S)-?(?:{"|".join(NARROWING)}):(?:"[^"]*"|[^\s"]\S*)')

pages, api = sdk.Routes(), sdk.Routes()


class SearchQuery(Schema):
    """The address of the page; what it does not know it leaves alone."""

    class Meta:
        unknown = EXCLUDE

    q = sdk.fields.String(load_default="", validate=sdk.validate.Length(max=500))
    everywhere = sdk.fields.Boolean(load_default=False)
    typing = sdk.fields.Boolean(load_default=False)


@dataclass(frozen=True)
class Item:
    """One idea of the list with the comments that were found on it: their address, author and text, marked."""

    idea: IdeaFact
    space: SpaceFact
    url: str
    title: Markup
    text: Markup
    comments: tuple[tuple[str, str, Markup], ...]


@dataclass(frozen=True)
class Shown:
    """Everything the page shows."""

    items: tuple[Item, ...]
    total: int
    facets: tuple[tuple[str, str, int, str], ...] = ()
    people: tuple[tuple[str, str], ...] = ()
    applied: tuple[tuple[str, str], ...] = ()
    slips: str = ""
    meant: str = ""
    meant_url: str = ""
    notes: tuple[str, ...] = ()
    wider: bool = False
    ready: bool = True


@pages.get("/", needs="view")
def overview(space: SpaceFact) -> str:
    """The form, and what was found."""
    wish = asked()
    shown = look_up(space, wish) if wish["q"].strip() else None
    here, there = (address(space, wish["q"], everywhere) for everywhere in (False, True))
    template = "search/results.html" if wish["typing"] else "search/overview.html"
    return sdk.render(template, space=space, wish=wish, shown=shown, here=here, there=there, query=wish["q"])


@api.get("/results", needs="view")
def results(space: SpaceFact) -> dict[str, Any]:
    """What was found, for programs: ideas with their comments, counts, what was meant."""
    wish = asked()
    shown = look_up(space, wish)
    return {
        "total": shown.total,
        "did_you_mean": shown.meant or None,
        "items": [
            {
                "id": item.idea.id, "space": item.space.slug, "title": item.idea.title,
                "url": item.idea.path, "comments": len(item.comments),
            }
            for item in shown.items
        ],
        "facets": [{"field": field, "label": label, "count": count} for field, label, count, _url in shown.facets],
    }  # fmt: skip


def asked() -> dict[str, Any]:
    """What the address asks for; raises Invalid."""
    wish: dict[str, Any] = SearchQuery().load(request.args.to_dict())
    return wish


def look_up(space: SpaceFact, wish: Mapping[str, Any]) -> Shown:
    """What the visitor finds, all of it read from one snapshot."""
    with sdk.read():
        return _looked_up(space, wish)


def _looked_up(space: SpaceFact, wish: Mapping[str, Any]) -> Shown:
    visit = sdk.current_visit()
    spaces = sdk.places(visit.actor, PLUGIN) if wish["everywhere"] else []
    if space.id not in {each.id for each in spaces}:
        spaces = [space, *spaces]
    found = search(spaces, visit.actor, wish["q"], visit.settings["language"], typing=wish["typing"])
    if found is None and wish["everywhere"]:
        found = search([space], visit.actor, wish["q"], visit.settings["language"], typing=wish["typing"])
    if found is None:
        return Shown((), 0, ready=False)
    meaning = found.meaning
    facets = hooks.facets(found, spaces, visit.actor) if not wish["typing"] else []
    return Shown(
        items=tuple(_items(found, spaces, WHILE_TYPING if wish["typing"] else IDEAS)),
        total=found.total,
        facets=tuple(_narrowing(space, wish, found.query, facets)),
        people=tuple(_people(space, wish, found, spaces)),
        applied=tuple(_applied(space, wish, found.query, facets)),
        slips=", ".join(f"“{word}”" for word in meaning.slips),
        meant=meaning.meant,
        meant_url=address(space, meaning.meant, wish["everywhere"]),
        notes=found.notes,
        wider=found.wider,
    )


def address(space: SpaceFact, query: str, everywhere: bool = False) -> str:
    """The address of a search."""
    return sdk.url(PLUGIN, "overview", space=space.slug, q=query, everywhere=1 if everywhere else None)


def _items(found: Result, spaces: Sequence[SpaceFact], most: int) -> list[Item]:
    actor = sdk.current_visit().actor
    below: dict[str, list[str]] = {}
    places: dict[str, str] = {}
    for match in found.matches:
        ids = below.setdefault(match.idea_id, [])
        places[match.idea_id] = match.space_id
        if match.kind == hooks.index.COMMENT and len(ids) < COMMENTS:
            ids.append(match.id)
    chosen = list(below)[:most]
    spoken = {match.id: match.language for match in found.matches}
    items: dict[str, Item] = {}
    for space in spaces:
        ids = [idea_id for idea_id in chosen if places[idea_id] == space.id]
        if not ids:
            continue
        said_there = [one for idea_id in ids for one in below[idea_id]]
        comments = sdk.comments(actor, space.id, said_there) if said_there else {}
        for idea in sdk.ideas(actor, space.id, ids).values():
            said = [comments[one] for one in below[idea.id] if one in comments]
            items[idea.id] = _item(idea, space, found.meaning.stems, spoken, said)
    return [items[idea_id] for idea_id in chosen if idea_id in items]


def _item(
    idea: IdeaFact, space: SpaceFact, stems: frozenset[str], spoken: Mapping[str, str], said: Sequence[CommentFact]
) -> Item:
    """One idea. It is read in its language; one that was found by a comment alone, in what its words look like."""
    language = spoken.get(idea.id) or language_of(f"{idea.title} {idea.body}")
    title = Snippet(idea.title, tuple(marks(idea.title, stems, language)))
    text = marked(hooks.piece(idea.body, stems, language))
    pieces = ((each, marked(hooks.piece(each.body, stems, spoken[each.id]))) for each in said)
    comments = tuple((f"{idea.path}#comment-{each.id}", each.author_name or "", piece) for each, piece in pieces)
    return Item(idea, space, idea.path, marked(title), text, comments)


def marked(piece: Snippet) -> Markup:
    """A snippet as HTML: everything escaped, its marks drawn."""
    parts, last = [Markup()], 0
    for start, end in piece.marks:
        parts += [escape(piece.text[last:start]), Markup("<mark>%s</mark>") % piece.text[start:end]]
        last = end
    return Markup().join([*parts, escape(piece.text[last:])])


def _narrowing(
    space: SpaceFact, wish: Mapping[str, Any], query: Query, facets: Sequence[Facet]
) -> list[tuple[str, str, int, str]]:
    """Ways to narrow the search, each with its address."""
    found: list[tuple[str, str, int, str]] = []
    for field in ("status", "tag", "author"):
        for facet in [facet for facet in facets if facet.field == field][:FACETS]:
            value = facet.value if field == "author" else facet.label
            piece = f'{field}:"{value}"' if " " in value else f"{field}:{value}"
            if piece not in query.text:
                url = address(space, f"{query.text} {piece}", wish["everywhere"])
                found.append((field, facet.label, facet.count, url))
    return found


def _applied(space: SpaceFact, wish: Mapping[str, Any], query: Query, facets: Sequence[Facet]) -> list[tuple[str, str]]:
    """What narrows the search already, each with the address of the search without it."""
    text = query.text
    if wish["typing"] or " OR " in text or "(" in text:  # taken apart, these would mean something else
        return []
    names = {facet.value: facet.label for facet in facets if facet.field == "author"}
    found: list[tuple[str, str]] = []
    for piece in _NARROW.finditer(text):
        field, _colon, value = piece[0].partition(":")
        value = value.strip('"')
        rest = " ".join((text[: piece.start()] + text[piece.end() :]).split())
        found.append((f"{field}: {names.get(value, value)}", address(space, rest, wish["everywhere"])))
    return found


def _people(
    space: SpaceFact, wish: Mapping[str, Any], found: Result, spaces: Sequence[SpaceFact]
) -> list[tuple[str, str]]:
    """People called like the words of the query who wrote something here, as far as the visitor may know their names."""
    words = [plain(word) for word in found.query.plain_words() if len(word) > 1]
    if not words or len(words) > 3:
        return []
    named: dict[str, str] = {}
    for each in spaces:
        named |= sdk.people(sdk.current_visit().actor, each.id, " ".join(words))
    best = sorted(named.items(), key=lambda pair: (pair[1].casefold(), pair[0]))[:PEOPLE]
    return [(name, address(space, f"author:{person_id}", wish["everywhere"])) for person_id, name in best]
