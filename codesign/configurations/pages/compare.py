"""Two to four configurations of one product side by side: what differs first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for

from codesign.configurations.facts import ConfigurationFact
from codesign.configurations.pages.blueprint import blueprint
from codesign.configurations.pages.forms import CompareQuery
from codesign.configurations.queries import get_configurations, list_configurations
from codesign.configurations.side_by_side import Row, Side, side_by_side
from codesign.configurations.views import amount, configuration_url, label, name_of, option_name, summed
from codesign.events import log
from codesign.kernel.db import read
from codesign.kernel.errors import NotFound
from codesign.products.limits import count_question
from codesign.products.queries import get_version, products_by_id
from codesign.products.solving import solve
from codesign.spaces.access import look
from codesign.spaces.facts import Access
from codesign.web.forms import asked
from codesign.web.identity import current_actor

MOST = 4
OFFERED = 8


@dataclass(frozen=True)
class Column:
    """One configuration at the head of the table; ``without_url`` leaves it out."""

    configuration: ConfigurationFact
    url: str
    without_url: str
    fork_url: str


@blueprint.get("/spaces/<space>/compare")
def compare(space: str) -> str:
    """The table; with one configuration alone, what it can be compared with."""
    wish, actor = asked(CompareQuery()), current_actor()
    count_question(actor, "repairs")
    with read():
        access = look(actor, space)
        chosen = picked(access, wish["ids"])
        page = table(access, chosen, wish["all"])
        seq = log.head(access.space.id)
    return render_template("configurations/compare.html", page=page, space=access.space, active="configure", seq=seq)


def picked(access: Access, ids: str) -> list[ConfigurationFact]:
    """The configurations named, in that order, of one product. Raises NotFound where none can be seen."""
    names = list(dict.fromkeys(part.strip() for part in ids.split(",") if part.strip()))[:MOST]
    found = get_configurations(access, names)
    seen = [found[name] for name in names if name in found]
    if not seen:
        raise NotFound()
    return [each for each in seen if each.product_id == seen[0].product_id]


def table(access: Access, chosen: list[ConfigurationFact], whole: bool) -> dict[str, Any]:
    """What the template draws. Needs a read block around it."""
    slug, ids = access.space.slug, [each.id for each in chosen]
    sides = [Side(each, version) for each in chosen if (version := get_version(each.product_version_id))]
    found = solve(sides[0].version, lambda _compiled: side_by_side(sides))
    rows = [drawn_row(row, sides) for row in found if whole or row.differs]
    product = products_by_id([chosen[0].product_id])[chosen[0].product_id]
    return {
        "product": product,
        "columns": [column(slug, each, ids, product.is_offered) for each in chosen],
        "amounts": amounts(sides),
        "rows": rows,
        "whole": whole,
        "same": sum(not row.differs for row in found),
        "differ": sum(row.differs for row in found),
        "all_url": url_for("configurations.compare", space=slug, ids=",".join(ids), all=1),
        "less_url": url_for("configurations.compare", space=slug, ids=",".join(ids)),
        "offers": offers(access, chosen) if len(chosen) < MOST else [],
    }


def column(slug: str, configuration: ConfigurationFact, ids: list[str], offered: bool) -> Column:
    """The head of a column."""
    others = ",".join(each for each in ids if each != configuration.id)
    return Column(
        configuration=configuration,
        url=configuration_url(configuration, slug),
        without_url=url_for("configurations.compare", space=slug, ids=others) if others else "",
        fork_url=url_for("configurations.fork", space=slug, configuration_id=configuration.id) if offered else "",
    )


def drawn_row(row: Row, sides: list[Side]) -> tuple[str, list[str], bool]:
    """A group: its name, what each has of it, whether they differ."""
    cells = [
        ", ".join(option_name(side.model, name) for name in cell) for cell, side in zip(row.cells, sides, strict=True)
    ]
    return label(row.group.label, row.group.id), cells, row.differs


def amounts(sides: list[Side]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The totals of each, with the difference to the first."""
    found = []
    for attribute in summed(sides[0].model):
        values = [side.configuration.totals.get(attribute.id, {}).get("now") for side in sides]
        cells = []
        for value in values:
            change = value - values[0] if value is not None and values[0] is not None else 0
            said = amount(value, attribute) if value is not None else "–"
            cells.append((said, amount(change, attribute, signed=True) if change else ""))
        found.append((name_of(attribute), cells))
    return found


def offers(access: Access, chosen: list[ConfigurationFact]) -> list[tuple[ConfigurationFact, str]]:
    """What else can stand beside them: my own, then what was published last."""
    product_id, ids = chosen[0].product_id, [each.id for each in chosen]
    mine = (
        list_configurations(access, mine=True, product_id=product_id, limit=OFFERED).items if access.person_id else ()
    )
    others = list_configurations(access, product_id=product_id, limit=OFFERED).items
    found = {each.id: each for each in (*mine, *others) if each.id not in ids}
    slug = access.space.slug
    return [
        (each, url_for("configurations.compare", space=slug, ids=",".join([*ids, each.id])))
        for each in list(found.values())[:OFFERED]
    ]
