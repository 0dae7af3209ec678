"""Who wants what: a page for the team, with the weights of segments and who set them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import render_template, url_for
from flask_babel import format_decimal, ngettext
from werkzeug.wrappers import Response

from codesign.customers.pages.blueprint import blueprint
from codesign.customers.ranking import MOST_IDEAS, SEGMENT, Ranking, rank_ideas
from codesign.customers.schemas import RankingAddress, WeightsForm
from codesign.customers.weights import set_weights, versions_of
from codesign.ideas.views import idea_url
from codesign.kernel.actor import Actor
from codesign.kernel.db import offload, read
from codesign.kernel.errors import Conflict, Invalid, Problem
from codesign.kernel.text import _
from codesign.spaces.queries import list_statuses
from codesign.web.forms import asked, done, posted, refusals
from codesign.web.identity import current_actor

#: So many segments have a column of their own, those with the most voters.
MOST_COLUMNS = 6


@blueprint.get("/spaces/<space>/wants")
def wants(space: str) -> str:
    """Raw, weighted and per-segment totals side by side."""
    return draw(space)


def draw(space: str, problem: Problem | None = None, typed: dict[str, Any] | None = None) -> str:
    """The page; *problem* is what was refused of the weights *typed*."""
    wish = asked(RankingAddress())
    found: dict[str, Any] = offload(_read, current_actor(), space, wish)
    ranking: Ranking = found["ranking"]
    weights = ranking.weights
    lines = "\n".join(f"{name}: {weight:g}" for name, weight in _offered(ranking).items())
    return render_template(
        "customers/wants.html", **found, space=ranking.access.space, seq=None, active="desk", wish=wish,
        columns=_columns(ranking), weights=weights, may_set=ranking.access.may("product"), idea_url=idea_url,
        lines=typed["weights"] if typed else lines, note=typed["note"] if typed else "", most=MOST_IDEAS,
        decimal=format_decimal,
        errors=refusals(problem) if problem else (), sorted_by=wish["sort"] or "votes", segment_sort=SEGMENT,
        here=lambda _file="", **changes: url_for(
            f"customers.export_{_file}" if _file else "customers.wants", space=ranking.access.space.slug,
            **{name: value for name, value in {**wish, **changes}.items() if value},
        ),
    )  # fmt: skip


def _read(actor: Actor, space: str, wish: dict[str, Any]) -> dict[str, Any]:
    with read():
        ranking = rank_ideas(actor, space, **wish)
        space_id = ranking.access.space.id
        return {"ranking": ranking, "versions": versions_of(space_id), "statuses": list_statuses(space_id)}


def _columns(ranking: Ranking) -> list[str]:
    """The segments that have a column: those told of any idea, the most people first."""
    people: Counter[str] = Counter()
    for row in ranking.rows:
        people.update({each.segment: each.people for each in row.wants.segments})
    return [name for name, _count in people.most_common(MOST_COLUMNS)]


def _offered(ranking: Ranking) -> dict[str, float]:
    """What the form says at first: the weights that are set, and the segments that are known to vote here."""
    known = {each.segment: 1.0 for each in ranking.everybody.segments if each.segment}
    return dict(sorted({**known, **(ranking.weights.weights or {})}.items()))


@blueprint.post("/spaces/<space>/wants/weights")
def weigh(space: str) -> Response | tuple[str, int]:
    """Set what votes of segments weigh."""
    typed: dict[str, Any] = {}
    try:
        typed = posted(WeightsForm())
        made = set_weights(current_actor(), space, _parsed(typed["weights"]), typed["number"], typed["note"])
    except (Invalid, Conflict) as problem:
        return draw(space, problem, typed or None), problem.status
    count = ngettext("%(num)s segment", "%(num)s segments", len(made.weights or {}))
    said = _("Version %(number)s of the weights: %(count)s.", number=made.number, count=count)
    return done(said, "customers.wants", space=space)


def _parsed(text: str) -> dict[str, float]:
    """Lines like ``fleet: 2``; the name may hold colons itself. Raises Invalid."""
    found: dict[str, float] = {}
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        name, colon, number = line.rpartition(":")
        try:
            weight = float(number.strip().replace(",", "."))
        except ValueError:
            weight, colon = 0.0, ""
        if not colon or not name.strip():
            raise Invalid.field("weights", _("Write a line for each segment, like this: fleet: 2"))
        found[" ".join(name.split())] = weight
    return found
