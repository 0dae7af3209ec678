"""Small product models: the e-bike, random ones, and what they allow found by trying everything."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from hypothesis import strategies as st

from codesign.products import engine
from codesign.products.engine.formula import holds

EBIKE = """
product: e-bike
version: 1
attributes:
  price: {unit: EUR, decimals: 2}
  weight: {unit: g, label: {en: Weight, de: Gewicht}}
base: {price: 1499, weight: 18000}
groups:
  - id: frame
    label: {en: Frame, de: Rahmen}
    choose: one
    options:
      - {id: city, label: City}
      - {id: trail, label: Trail, price: 200}
      - {id: cargo, label: Cargo, price: 650, weight: 9000}
  - id: motor
    label: Motor
    choose: one
    options: [{id: motor-250, label: 250 W}, {id: motor-500, label: 500 W, price: 300.50}]
  - id: battery
    label: Battery
    choose: one
    options:
      - {id: battery-400, label: 400 Wh}
      - {id: battery-625, label: 625 Wh, price: 250}
      - {id: battery-800, label: 800 Wh, price: 450}
  - id: extras
    label: Extras
    choose: any
    options:
      - {id: child-seat, label: Child seat, price: 120, weight: 2500}
      - {id: rack, label: Rack, price: 40, weight: 900}
      - {id: lights, label: Lights, price: 60}
rules:
  - {id: cargo-battery, if: cargo, then: battery-625 | battery-800, message: A cargo bike needs a larger battery.}
  - {id: seat-rack, option: child-seat, requires: rack, message: The child seat is mounted on the rack.}
  - {id: trail-seat, forbid: [trail, child-seat], message: No child seat fits on a trail frame.}
  - {id: motor-battery, formula: motor-500 => !battery-400, message: The strong motor empties the small battery.}
"""


def ebike() -> engine.Model:
    """The e-bike of the demo, with exactly 74 configurations."""
    return engine.read(engine.parse(EBIKE))


def configurations(model: engine.Model) -> list[frozenset[str]]:
    """Everything *model* allows, each by what is on, found by trying all there is."""
    ids = list(model.options)
    found = []
    for values in product((False, True), repeat=len(ids)):
        on = frozenset(id for id, value in zip(ids, values, strict=True) if value)
        if allowed(model, on):
            found.append(on)
    return found


def allowed(model: engine.Model, on: frozenset[str], without: frozenset[tuple[str, str]] = frozenset()) -> bool:
    """Whether *model*, but for the reasons *without* (kind, id), allows exactly *on*."""
    for group, parent in model.walk():
        chosen = sum(option.id in on for option in group.options)
        above = parent is None or parent.id in on
        if ("part", group.id) not in without and chosen and not above:
            return False
        if ("group", group.id) not in without and (chosen > group.most or (above and chosen < group.least)):
            return False
    return all(("rule", rule.id) in without or holds(rule.formula, on.__contains__) for rule in model.rules)


def meets(on: frozenset[str], decisions: Mapping[str, bool]) -> bool:
    """Whether a configuration has all of the decisions."""
    return all((id in on) is value for id, value in decisions.items())


@st.composite
def models(draw: st.DrawFn, most: int = 8, rules: int = 4) -> engine.Model:
    """A model of at most *most* options, with groups of every kind, nested, amounts of either sign, and rules."""
    ids: list[str] = []
    groups = draw(_groups(ids, most, 0))
    document: dict[str, Any] = {
        "attributes": {"price": {"decimals": 2, "unit": "EUR"}, "weight": {}},
        "base": {"price": draw(st.integers(0, 50))},
        "groups": groups,
        "rules": [
            {"id": f"r{number}", "message": f"Rule {number}.", **draw(_rules(ids))}
            for number in range(draw(st.integers(0, rules)))
        ],
    }
    return engine.read(document)


@st.composite
def _groups(draw: st.DrawFn, ids: list[str], most: int, depth: int) -> list[dict[str, Any]]:
    groups = []
    for _number in range(draw(st.integers(1, 3) if depth == 0 else st.integers(0, 1))):
        if len(ids) >= most:
            break
        count = draw(st.integers(1, min(4, most - len(ids))))
        options = []
        own = [f"o{len(ids) + index}" for index in range(count)]
        ids += own
        for id in own:
            option: dict[str, Any] = {"id": id, "price": draw(st.integers(-3, 9)), "weight": draw(st.integers(0, 2))}
            if depth < 2 and draw(st.integers(0, 2)) == 0:
                option["groups"] = draw(_groups(ids, most, depth + 1))
            options.append(option)
        least = draw(st.integers(0, count))
        choices = ["one", "optional-one", "any", "some", "all", [least, draw(st.integers(max(1, least), count))]]
        groups.append({"id": f"g-{own[0]}", "choose": draw(st.sampled_from(choices)), "options": options})
    return groups


def formulas(ids: list[str]) -> st.SearchStrategy[str]:
    """Texts of formulas over *ids*."""
    return st.recursive(
        st.sampled_from(ids),
        lambda inner: st.one_of(
            inner.map(lambda one: f"!({one})"),
            st.tuples(inner, st.sampled_from(["&", "|", "=>", "<=>"]), inner).map(
                lambda three: "({} {} {})".format(*three)
            ),
        ),
        max_leaves=5,
    )


@st.composite
def _rules(draw: st.DrawFn, ids: list[str]) -> dict[str, Any]:
    some = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=4, unique=True))
    kind = draw(st.sampled_from(["formula", "if", "requires", "forbid", "at_most"]))
    if kind == "formula":
        return {"formula": draw(formulas(ids))}
    if kind == "if":
        return {"if": draw(formulas(ids)), "then": draw(formulas(ids))}
    if kind == "requires":
        return {"option": draw(st.sampled_from(ids)), "requires": some}
    return {"forbid": some} if kind == "forbid" else {"at_most": draw(st.integers(0, 2)), "of": some}


def decisions(model: engine.Model) -> st.SearchStrategy[dict[str, bool]]:
    """Some decisions in *model*, possible or not."""
    return st.dictionaries(st.sampled_from(list(model.options)), st.booleans(), max_size=5)
