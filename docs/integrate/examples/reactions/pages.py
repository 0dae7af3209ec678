"""Its routes: giving a reaction, and how they stand in a space."""

from collections import Counter
from typing import Any

from codesign.sdk import (
    Form,
    Invalid,
    NotFound,
    Routes,
    SpaceFact,
    Unauthenticated,
    _,
    current_visit,
    fields,
    go,
    idea_url,
    ideas,
    posted,
    render,
)

from . import store

pages, api = Routes(), Routes()


class Choice(Form):
    """What the button sends."""

    emoji = fields.String(required=True)


@pages.post("/<idea_id>", needs="vote")
def react(space: SpaceFact, idea_id: str) -> Any:
    """Give a reaction, or take it back."""
    visit, emoji = current_visit(), posted(Choice())["emoji"]
    idea = ideas(visit.actor, space.id, [idea_id]).get(idea_id)
    if visit.actor.person_id is None:
        raise Unauthenticated(_("Sign in to react."))
    if idea is None:
        raise NotFound(_("There is no such idea here."))
    if emoji not in visit.settings["emojis"]:
        raise Invalid.field("emoji", _("This reaction is not offered here."))
    store.toggle(visit.actor, space.id, idea.id, emoji)
    return go(idea_url(idea))


@pages.get("/", needs="view")
def overview(space: SpaceFact) -> str:
    """How often each emoji was given, and to which ideas."""
    given = visible(space)
    sums: Counter[str] = Counter()
    for _idea, emoji, count in given:
        sums[emoji] += count
    return render("reactions/overview.html", space=space, sums=sums.most_common(), given=given[:50])


@api.get("/", needs="view")
def figures(space: SpaceFact) -> dict[str, Any]:
    """The same for programs."""
    items = [{"idea_id": idea.id, "emoji": emoji, "count": count} for idea, emoji, count in visible(space)]
    return {"items": items}


def visible(space: SpaceFact) -> list[tuple[Any, str, int]]:
    """The counts of ideas whose tally the visitor may see."""
    found = store.totals(space.id)
    known = ideas(current_visit().actor, space.id, {idea_id for idea_id, _emoji, _count in found})
    return [(known[i], emoji, count) for i, emoji, count in found if i in known and known[i].tally]
