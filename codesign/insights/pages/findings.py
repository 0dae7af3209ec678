"""What people want, for all who may see the space; and the rows behind a number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext
from marshmallow import validate

from codesign.configurations.queries import get_configurations
from codesign.configurations.views import Carried, carried_cards
from codesign.events.log import head
from codesign.ideas.queries import get_ideas
from codesign.insights.facts import InsightFact
from codesign.insights.pages.blueprint import blueprint
from codesign.insights.pages.telling import Telling, rows_of
from codesign.insights.queries import get_insight, known_insight, may_choose
from codesign.kernel.cells import as_cell
from codesign.kernel.db import read
from codesign.kernel.errors import NotFound
from codesign.kernel.text import _
from codesign.products.facts import ProductFact
from codesign.products.queries import find_product, get_version, list_products, model_of
from codesign.spaces.access import look
from codesign.spaces.facts import Access
from codesign.voting.queries import may_see_tallies
from codesign.web.forms import Line, Query, asked
from codesign.web.identity import current_actor

SHOWN = 5


class RowsQuery(Query):
    """Which number is opened."""

    of = Line(required=True, validate=validate.OneOf(["taken", "wishes", "lost"]))
    option = Line(required=True, validate=validate.Length(1, 200))


@blueprint.get("/spaces/<space>/insights")
def overview(space: str) -> str:
    """The findings for one product: the one asked for, else the first."""
    with read():
        access = look(current_actor(), space)
        products = [each for each in list_products(access) if each.published_version_id]
        product = _chosen(products)
        known = get_insight(access, product) if product else None
        page = _page(access, product, known) if product and known else {}
        seq = head(access.space.id)
    return render_template(
        "insights/overview.html", space=access.space, access=access, active="insights", seq=seq, products=products,
        product=product, known=known, page=page, may=may_choose(access), veiled=not may_see_tallies(access),
    )  # fmt: skip


def _chosen(products: list[ProductFact]) -> ProductFact | None:
    wanted = request.args.get("product", "")
    found = next((each for each in products if each.slug == wanted), None)
    if wanted and found is None:
        raise NotFound(_("There is no such product, or you may not see it."))
    return found or (products[0] if products else None)


def _telling(access: Access, product: ProductFact, known: InsightFact) -> Telling:
    version = get_version(known.product_version_id)
    if version is None:
        raise NotFound()
    return Telling(known, model_of(version), access.space.slug, product.slug)


def _page(access: Access, product: ProductFact, known: InsightFact) -> dict[str, Any]:
    telling = _telling(access, product, known)
    forked = known.findings["forked"][:SHOWN]
    voted = (known.findings["voted"] or [])[:SHOWN]
    cards = _cards(access, [row["configuration"] for row in (*forked, *voted)])
    ideas = get_ideas(access, [row["idea"] for row in voted])
    return {
        "findings": telling.findings(),
        "wanted": telling.wanted(),
        "forked": [(cards[row["configuration"]], row["forks"]) for row in forked if row["configuration"] in cards],
        "voted": [
            (ideas[row["idea"]], cards[row["configuration"]], row)
            for row in voted
            if row["idea"] in ideas and row["configuration"] in cards
        ],
    }


def _cards(access: Access, ids: Iterable[str], *, whole: bool = False) -> dict[str, Carried]:
    """Cards of configurations that were counted; one whose idea was hidden since is shown to nobody who may not see it."""
    seen = get_configurations(access, wanted := list(ids))
    return carried_cards(access.space.slug, [each for each in wanted if each in seen], whole=whole)


@blueprint.get("/spaces/<space>/insights/<slug>/rows")
def rows(space: str, slug: str) -> str:
    """The published configurations behind a number."""
    wanted = asked(RowsQuery())
    with read():
        product, access = find_product(current_actor(), space, slug)
        known = known_insight(access, product)
        telling = _telling(access, product, known)
        found = rows_of(known.findings, wanted["of"], wanted["option"])
        if found is None:
            raise NotFound(_("There is no such number any more; it may have been worked out anew."))
        ids, count = found
        cards = _cards(access, ids, whole=True)
        seq = head(access.space.id)
    name = telling.name(wanted["option"])
    titles = {
        "taken": gettext("Configurations that have %(option)s", option=name),
        "wishes": gettext("Configurations whose makers wish %(option)s", option=name),
        "lost": gettext("Configurations that would lose %(option)s", option=name),
    }
    return render_template(
        "insights/rows.html", space=access.space, access=access, active="insights", seq=seq, product=product,
        title=titles[wanted["of"]], cards=[cards[id] for id in ids if id in cards],
        count=count,
        back=url_for("insights.overview", space=access.space.slug, product=product.slug, _anchor=wanted["of"]),
    )  # fmt: skip


@blueprint.get("/spaces/<space>/insights/<slug>/findings.csv", endpoint="export")
def export(space: str, slug: str) -> Response:
    """The numbers of all options as CSV."""
    with read():
        product, access = find_product(current_actor(), space, slug)
        known = known_insight(access, product)
        telling = _telling(access, product, known)
    found = known.findings
    worths = {row["option"]: row for row in found["worths"]}
    wishes = {row["option"]: row["people"] for row in found["wishes"]}
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(["option", "label", "taken", "of", "baseline", "wishes", "worth", "low", "high", "views", "people"])
    for row in found["taken"]:
        worth = worths.get(row["option"], {})
        numbers = [worth.get(name, "") for name in ("worth", "low", "high", "views", "people")]
        cells = ["" if cell is None else cell for cell in (row["baseline"], wishes.get(row["option"], 0), *numbers)]
        writer.writerow([row["option"], as_cell(telling.name(row["option"])), row["taken"], row["of"], *cells])
    headers = {"Content-Disposition": f'attachment; filename="{product.slug}.csv"'}
    return Response(sheet.getvalue(), mimetype="text/csv", headers=headers)
