"""How configurations are spelled on pages of every room: amounts with their unit, names in the viewer's language, addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from babel.lists import format_list
from babel.numbers import format_decimal
from flask import g, url_for
from flask_babel import get_locale
from markupsafe import Markup, escape

from codesign.configurations.facts import ConfigurationFact
from codesign.configurations.looking import on_options
from codesign.configurations.queries import carried, count_forks
from codesign.products.engine import Attribute, Model, Text, say
from codesign.products.facts import ProductFact, VersionCard, VersionFact
from codesign.products.queries import get_version, model_of, offers_products, products_by_id
from codesign.products.solving import solve

MONEY = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
#: A thousand of these are said in those.
HEAVIER = {"g": "kg"}
_MINUS, _NARROW, _KEPT = "\u2212", "\u202f", "\u00a0"
#: So many names of options a card spells out.
MOST_NAMES = 6


def language() -> str:
    """The language of the page, as labels of products name it."""
    return str(get_locale() or "en").replace("_", "-")


def label(text: Text, otherwise: str = "") -> str:
    """A text of a product in the viewer's language."""
    return say(text, language()) or otherwise


def amount(value: int, attribute: Attribute, *, signed: bool = False) -> str:
    """An amount of an attribute (in its smallest unit) with its unit: ``2 940 €``, ``24.8 kg``; *signed* says ``+`` too."""
    sign = _MINUS if value < 0 else "+" if signed and value > 0 else ""
    return sign + _size(abs(value), attribute.unit, attribute.decimals, str(get_locale() or "en"))


@lru_cache(maxsize=20_000)
def _size(size: int, unit: str, decimals: int, locale: str) -> str:
    unit = MONEY.get(unit, unit)
    if (heavier := HEAVIER.get(unit)) and size >= 1000 * 10**decimals:
        unit = heavier
        number = format_decimal(size / (1000 * 10**decimals), format="#,##0.0", locale=locale)
    elif size % 10**decimals:
        number = format_decimal(size / 10**decimals, format="#,##0." + "0" * decimals, locale=locale)
    else:
        number = f"{size // 10**decimals:,}".replace(",", _NARROW)
    return f"{number}{_KEPT}{unit}" if unit else number


def summed(has: Model | VersionCard) -> list[Attribute]:
    """The attributes that add up, the price (or what stands first) at the head."""
    found = [each for each in has.attributes if each.summed]
    return sorted(found, key=lambda each: (each.id != "price", each.unit not in MONEY))


def name_of(attribute: Attribute) -> str:
    """What an attribute is called."""
    return label(attribute.label, attribute.id.replace("-", " ").replace("_", " ").capitalize())


def option_name(model: Model, option: str) -> str:
    """What an option is called; one that is gone keeps its id."""
    found = model.options.get(option)
    return label(found.label, option) if found else option


def listed(names: Iterable[str]) -> Markup:
    """Names in bold as one list: **A**, **B** and **C**."""
    bold = [f"<b>{escape(name)}</b>" for name in names]
    return Markup(format_list(bold, locale=get_locale() or "en"))  # noqa: S704 - every name is escaped above


def configuration_url(configuration: ConfigurationFact, space_slug: str = "", **query: Any) -> str:
    """The page of a configuration."""
    slug = space_slug or configuration.space_slug
    return url_for("configurations.show", space=slug, configuration_id=configuration.id, **query)


def can_be_composed(space_id: str) -> bool:
    """Whether a space has a product to compose now."""
    return bool(_offers(space_id))


def was_composed(space_id: str) -> bool:
    """Whether a space has a product, perhaps one that is not offered any more: what was made of it is still to be found."""
    return _offers(space_id) is not None


def _offers(space_id: str) -> bool | None:
    """Several menus of a page ask, the database is asked once."""
    known: dict[str, bool | None] = g.setdefault("offers_products", {})
    if space_id not in known:
        known[space_id] = offers_products(space_id)
    return known[space_id]


@dataclass(frozen=True)
class Carried:
    """The configuration an idea carries, as its card and its line in lists show it."""

    configuration: ConfigurationFact
    product: str
    url: str
    price: str
    facts: tuple[str, ...]
    options: tuple[str, ...]
    more: int
    forks: int
    fork_url: str
    compare_url: str

    @property
    def line(self) -> str:
        """Product and price for a line of a list."""
        return f"{self.product} · {self.price}" if self.price else self.product


def carried_cards(
    space_slug: str, configuration_ids: Iterable[str | None], *, whole: bool = False
) -> dict[str, Carried]:
    """Cards of published configurations by id, in that order; *whole* ones name the options. Needs a read block around it."""
    wanted = [each for each in configuration_ids if each]
    known = carried(wanted)
    found = {each: known[each] for each in wanted if each in known}
    if not found:
        return {}
    products = products_by_id(each.product_id for each in found.values())
    versions = {each.product_version_id: get_version(each.product_version_id) for each in found.values()}
    forks = count_forks(found) if whole else {}
    cards = {}
    for key, each in found.items():
        version, product = versions[each.product_version_id], products.get(each.product_id)
        if version is not None and product is not None:
            cards[key] = _card(space_slug, each, product, version, forks.get(key, 0), whole)
    return cards


def _card(
    slug: str, configuration: ConfigurationFact, product: ProductFact, version: VersionFact, forks: int, whole: bool
) -> Carried:
    model = model_of(version)
    amounts = totals_said(model, configuration.totals)
    names = _names(configuration, version) if whole else []
    here: dict[str, Any] = {"space": slug, "configuration_id": configuration.id}
    return Carried(
        configuration=configuration,
        product=product.name,
        url=url_for("configurations.show", **here),
        price=amounts[0][1] if amounts else "",
        facts=tuple(said for _name, said in amounts[1:4]),
        options=tuple(names[:MOST_NAMES]),
        more=max(0, len(names) - MOST_NAMES),
        forks=forks,
        fork_url=url_for("configurations.fork", **here) if product.is_offered else "",
        compare_url=url_for("configurations.compare", space=slug, ids=configuration.id),
    )


def _names(configuration: ConfigurationFact, version: VersionFact) -> list[str]:
    model = model_of(version)
    on = solve(version, lambda _compiled: on_options(configuration, version))
    return [option_name(model, name) for name in model.order if name in on]


def totals_said(model: Model, totals: Mapping[str, Mapping[str, int | None]]) -> list[tuple[str, str]]:
    """What each attribute comes to, the price first."""
    found = []
    for each in summed(model):
        now = totals.get(each.id, {}).get("now")
        if now is not None:
            found.append((name_of(each), amount(now, each)))
    return found


@dataclass(frozen=True)
class Line:
    """A configuration of one's own as a line of a list."""

    configuration: ConfigurationFact
    url: str
    product: str
    price: str


def lines(space_slug: str, configurations: Iterable[ConfigurationFact]) -> list[Line]:
    """Configurations as lines of a list. Needs a read block around it."""
    listed_ones = list(configurations)
    products = products_by_id(each.product_id for each in listed_ones)
    found = []
    for each in listed_ones:
        version, product = get_version(each.product_version_id), products.get(each.product_id)
        amounts = totals_said(model_of(version), each.totals) if version else []
        price = amounts[0][1] if amounts else ""
        found.append(Line(each, configuration_url(each, space_slug), product.name if product else "", price))
    return found
