"""Who wants what as a file: exactly the groups the page may tell of, in its order. No cell is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

import orjson
from werkzeug.wrappers import Response

from codesign.customers.facts import Wants
from codesign.customers.pages.blueprint import blueprint
from codesign.customers.ranking import Ranking, rank_ideas
from codesign.customers.schemas import RankingAddress, ranking_json
from codesign.kernel.actor import Actor
from codesign.kernel.cells import as_cell
from codesign.kernel.db import offload
from codesign.web.forms import asked
from codesign.web.identity import current_actor


@blueprint.get("/spaces/<space>/wants/export.csv")
def export_csv(space: str) -> Response:
    """A row for each idea, and a last one for everybody who votes here; a column for each segment and type that is told."""
    ranking = _ranking(space)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    rows = [*(row.wants for row in ranking.rows), ranking.everybody]
    segments = _names(each.segment for wants in rows for each in wants.segments)
    types = _names(name for wants in rows for name, _people in wants.types)
    worth = ["revenue"] if ranking.access.may("product") else []
    writer.writerow(
        ["id", "title", "status", "votes", "voters", "weighted", *worth, *(as_cell(f"segment: {name}") for name in segments),
         "segment: others", *(as_cell(f"type: {name}") for name in types), "type: others"]
    )  # fmt: skip
    for row in ranking.rows:
        status = str(row.idea.status.name) if row.idea.status else ""
        about = [row.idea.id, as_cell(row.idea.title), as_cell(status), row.votes]
        writer.writerow([*about, *_told(row.wants, segments, types, bool(worth))])
    writer.writerow(["", "", "", "", *_told(ranking.everybody, segments, types, bool(worth))])
    return _sent("\ufeff" + file.getvalue(), "text/csv", ranking, "csv")


@blueprint.get("/spaces/<space>/wants/export.json")
def export_json(space: str) -> Response:
    """The same as the API tells it."""
    ranking = _ranking(space)
    return _sent(orjson.dumps(ranking_json(ranking)), "application/json", ranking, "json")


def _ranking(space: str) -> Ranking:
    found: Ranking = offload(_read, current_actor(), space, asked(RankingAddress()))
    return found


def _read(actor: Actor, space: str, wish: dict[str, Any]) -> Ranking:
    return rank_ideas(actor, space, **wish)


def _names(found: Iterable[str]) -> list[str]:
    return sorted(set(found))


def _told(wants: Wants, segments: list[str], types: list[str], with_worth: bool) -> list[Any]:
    """What may be told of one idea; what may not is an empty cell, never a nought."""
    by_type = dict(wants.types)
    people = [found.people if (found := wants.in_segment(name)) else "" for name in segments]
    return [
        wants.people or "", _cell(wants.weighted), *([_cell(wants.revenue)] if with_worth else []), *people,
        wants.others or "", *(by_type.get(name, "") for name in types), wants.other_types or "",
    ]  # fmt: skip


def _cell(number: float | None) -> float | str:
    return "" if number is None else number


def _sent(content: str | bytes, media_type: str, ranking: Ranking, ending: str) -> Response:
    answer = Response(content, mimetype=media_type)
    name = f"{ranking.access.space.slug}-wants.{ending}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
