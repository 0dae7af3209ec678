"""From a document (parsed YAML or JSON) to a model: every mistake is named by its place, unknown keys are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from codesign.kernel.errors import FieldError, Invalid
from codesign.kernel.text import _
from codesign.products.engine.model import (
    CHOICES,
    MOST_DEPTH,
    MOST_GROUPS,
    MOST_OPTIONS,
    MOST_RULES,
    Attribute,
    Group,
    Model,
    Number,
    Option,
    Rule,
    Text,
    bounds,
)
from codesign.products.engine.rules import read_rule

ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,119}\Z")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
UNSTORABLE = re.compile("[\\0\ud800-\udfff]")
OPTION_KEYS = ("id", "label", "image", "description", "since", "replaces", "idea", "groups")
GROUP_KEYS = ("id", "label", "description", "choose", "options", "number")
MOST_ERRORS = 50
MOST_ATTRIBUTES = 30
MOST_STEPS = 200
LARGEST = 10**12
"""The largest amount, in smallest units: sums of them stay exact, also in JSON."""


def read(document: object) -> Model:
    """The model that *document* describes.

    Raises Invalid with one error per mistake, its field like ``groups.0.options.2.id``.
    """
    reader = _Reader()
    model = reader.model(document)
    if reader.errors or model is None:
        raise Invalid(_("This product model has mistakes."), errors=reader.errors)
    return model


class _Stop(Exception):
    """More mistakes than anybody reads, or more of something than is allowed."""


class _Reader:
    """Walks a document and gathers mistakes; where something is wrong it goes on with something harmless."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []
        self.attributes: dict[str, Attribute] = {}
        self.options: dict[str, Option] = {}
        self.numbers: dict[str, dict[Decimal, str]] = {}
        self.groups = 0
        self.seen: dict[str, set[str]] = {"option": set(), "group": set(), "rule": set(), "replaces": set()}

    def wrong(self, at: str, message: str, code: str = "invalid") -> None:
        self.errors.append(FieldError(at, code, message))
        if len(self.errors) >= MOST_ERRORS:
            raise _Stop

    def model(self, document: object) -> Model | None:
        try:
            keys = ("product", "version", "attributes", "base", "groups", "rules")
            given = self.mapping(document, "", keys)
            self.read_attributes(given.get("attributes"))
            base = self.amounts(given.get("base"), "base", negative=True)
            groups = self.list(given.get("groups"), "groups", MOST_GROUPS, lambda one, at: self.group(one, at, 0))
            rules = self.list(given.get("rules"), "rules", MOST_RULES, self.rule)
            return Model(
                groups=tuple(groups),
                rules=tuple(rules),
                attributes=tuple(self.attributes.values()),
                base=base,
                product=self.text(given.get("product"), "product", 200),
                version=self.whole(given.get("version"), "version"),
            )
        except _Stop:
            return None

    # ---- parts ----------------------------------------------------------------------------------------------------

    def read_attributes(self, given: object) -> None:
        if given is None:
            return
        for id, one in self.mapping(given, "attributes", None).items():
            at = f"attributes.{id}"
            if (
                not isinstance(id, str)
                or not ID.match(id)
                or id in OPTION_KEYS
                or len(self.attributes) >= MOST_ATTRIBUTES
            ):
                self.wrong(at, _("This cannot be the name of an attribute."))
                continue
            keys = self.mapping(one if one is not None else {}, at, ("unit", "decimals", "sum", "label"))
            decimals = self.whole(keys.get("decimals", 0), f"{at}.decimals")
            summed = keys.get("sum", True)
            if decimals is None or decimals > 6:
                self.wrong(f"{at}.decimals", _("From 0 to 6 decimals."))
                decimals = 0
            if not isinstance(summed, bool):
                self.wrong(f"{at}.sum", _("Write true or false."))
            unit, label = (
                self.text(keys.get("unit"), f"{at}.unit", 20),
                self.label(keys.get("label"), f"{at}.label", 200),
            )
            self.attributes[id] = Attribute(id, unit, decimals, bool(summed), label or id)

    def group(self, given: object, at: str, depth: int) -> Group:
        self.groups += 1
        if depth > MOST_DEPTH or self.groups > MOST_GROUPS:
            self.wrong(at, _("There are too many groups, or they are nested too deeply."), "too_large")
            raise _Stop
        keys = self.mapping(given, at, GROUP_KEYS)
        id = self.id(keys.get("id"), f"{at}.id", "group")
        label = self.label(keys.get("label"), f"{at}.label", 200) or id
        number = None
        if "number" in keys:
            if "options" in keys:
                self.wrong(f"{at}.options", _("A group has options or a number, not both."))
            number = self.number(keys["number"], f"{at}.number")
            options = self.steps(id, number, f"{at}.number") if number else []
        else:
            options = self.list(
                keys.get("options"), f"{at}.options", MOST_OPTIONS, lambda one, at: self.option(one, at, depth)
            )
            if not options:
                self.wrong(f"{at}.options", _("A group needs at least one option."))
        choose = keys.get("choose", "one" if number else None)
        least, most = self.choose(choose, f"{at}.choose", len(options))
        if number and most > 1:
            self.wrong(f"{at}.choose", _("A number is chosen once: one or optional-one."))
        description = self.label(keys.get("description"), f"{at}.description", 5000)
        return Group(id, least, most, tuple(options), label, description, number)

    def choose(self, given: object, at: str, count: int) -> tuple[int, int]:
        if isinstance(given, str) and given in CHOICES:
            return bounds(given, count)
        if isinstance(given, list | tuple) and len(given) == 2 and all(type(one) is int for one in given):
            least, most = given
            if 0 <= least <= most and 1 <= most <= max(count, 1):
                return least, most
            self.wrong(at, _("These numbers do not fit the number of options."))
            return 0, count
        self.wrong(at, _("Write one, optional-one, any, some, all, or two numbers like [1, 3]."))
        return 0, count

    def option(self, given: object, at: str, depth: int) -> Option:
        keys = self.mapping(given, at, (*OPTION_KEYS, *self.attributes))
        id = self.id(keys.get("id"), f"{at}.id", "option")
        below = self.list(
            keys.get("groups"), f"{at}.groups", MOST_GROUPS, lambda one, at: self.group(one, at, depth + 1)
        )
        option = Option(
            id=id,
            label=self.label(keys.get("label"), f"{at}.label", 200) or id,
            attributes=self.amounts({key: keys[key] for key in keys if key in self.attributes}, at),
            image=self.text(keys.get("image"), f"{at}.image", 500),
            description=self.label(keys.get("description"), f"{at}.description", 5000),
            since=self.whole(keys.get("since"), f"{at}.since"),
            replaces=self.replaces(keys.get("replaces"), f"{at}.replaces"),
            idea=self.text(keys.get("idea"), f"{at}.idea", 40),
            groups=tuple(below),
        )
        return self.keep(option, at)

    def keep(self, option: Option, at: str) -> Option:
        if len(self.options) >= MOST_OPTIONS:
            self.wrong(at, _("A model has at most %(most)s options.", most=MOST_OPTIONS), "too_large")
            raise _Stop
        self.options[option.id] = option
        return option

    def replaces(self, given: object, at: str) -> str:
        if given is None:
            return ""
        if not isinstance(given, str) or not ID.match(given) or given in self.seen["replaces"]:
            self.wrong(at, _("Name one option of an earlier version, which nothing else replaces."))
            return ""
        self.seen["replaces"].add(given)
        return given

    def number(self, given: object, at: str) -> Number | None:
        keys = self.mapping(given, at, ("from", "to", "step", "unit", "each"))
        start, to, step = (self.decimal(keys.get(key), f"{at}.{key}") for key in ("from", "to", "step"))
        if start is None or to is None or step is None:
            return None
        if step <= 0 or to < start or (to - start) / step >= MOST_STEPS:
            self.wrong(at, _("A number goes up from its first value in at most %(most)s steps.", most=MOST_STEPS))
            return None
        if (to - start) % step:
            self.wrong(f"{at}.to", _("The steps do not end there."))
        each = self.amounts(keys.get("each"), f"{at}.each")
        return Number(start, to, step, self.text(keys.get("unit"), f"{at}.unit", 20), each)

    def steps(self, group: str, number: Number, at: str) -> list[Option]:
        """One option for each value."""
        made = stepped_options(group, number)
        self.numbers[group] = dict(zip(number.values, (option.id for option in made), strict=True))
        for option in made:
            self.id(option.id, at, "option")
            self.keep(option, at)
        return made

    def rule(self, given: object, at: str) -> Rule:
        keys = self.mapping(
            given, at, ("id", "message", "formula", "if", "then", "option", "requires", "forbid", "at_most", "of")
        )
        id = self.id(keys.get("id"), f"{at}.id", "rule")
        message = self.label(keys.get("message"), f"{at}.message", 2000)
        if not message:
            self.wrong(f"{at}.message", _("Say in a sentence why this rule is there."))
        shape = {key: value for key, value in keys.items() if key not in ("id", "message")}
        formula = read_rule(shape, at, self.options.__contains__, self.numbers, self.wrong)
        return Rule(id, message, formula, shape)

    # ---- values ---------------------------------------------------------------------------------------------------

    def mapping(self, given: object, at: str, keys: tuple[str, ...] | None) -> Mapping[str, Any]:
        if not isinstance(given, Mapping):
            self.wrong(at, _("Write keys with values here."))
            return {}
        for key in given:
            if keys is not None and key not in keys:
                self.wrong(f"{at}.{str(key)[:60]}".strip("."), _("This is not known here."), "unknown")
        return given

    def list(self, given: object, at: str, most: int, read_one: Callable[[object, str], Any]) -> list[Any]:
        if given is None:
            return []
        if not isinstance(given, list | tuple):
            self.wrong(at, _("Write a list here."))
            return []
        if len(given) > most:
            self.wrong(at, _("At most %(most)s here.", most=most), "too_large")
            raise _Stop
        return [read_one(one, f"{at}.{index}") for index, one in enumerate(given)]

    def id(self, given: object, at: str, kind: str) -> str:
        if not isinstance(given, str) or not ID.match(given):
            self.wrong(at, _("An id has letters, digits, “-”, “_” and “.”; put numbers in quotes."))
            return ""
        if given in self.seen[kind]:
            self.wrong(at, _("“%(id)s” is there twice.", id=given), "twice")
        self.seen[kind].add(given)
        return given

    def text(self, given: object, at: str, most: int) -> str:
        if given is None:
            return ""
        if isinstance(given, str) and len(given) <= most and not UNSTORABLE.search(given):
            return given
        self.wrong(at, _("Write a text of at most %(most)s characters.", most=most))
        return ""

    def label(self, given: object, at: str, most: int) -> Text:
        if not isinstance(given, Mapping):
            return self.text(given, at, most)
        if not given or len(given) > 50 or not all(isinstance(key, str) and LANGUAGE.match(key) for key in given):
            self.wrong(at, _("Write one text, or one for each language, like en or de."))
            return ""
        return {key: self.text(value, f"{at}.{key}", most) for key, value in given.items()}

    def whole(self, given: object, at: str) -> int | None:
        if given is None:
            return None
        if type(given) is not int or not 0 <= given <= 10**6:
            self.wrong(at, _("Write a whole number."))
            return None
        return given

    def decimal(self, given: object, at: str) -> Decimal | None:
        if isinstance(given, bool) or not isinstance(given, int | float | str) or len(str(given)) > 40:
            self.wrong(at, _("Write a number."))
            return None
        try:
            value = Decimal(str(given))
        except ArithmeticError:
            self.wrong(at, _("Write a number."))
            return None
        if not value.is_finite() or abs(value) > LARGEST or value != round(value, 6):
            self.wrong(at, _("This number is too large, or has too many decimals."))
            return None
        return value.normalize() + 0

    def amounts(self, given: object, at: str, negative: bool = True) -> dict[str, int]:
        """Numbers per attribute, in its smallest unit."""
        found: dict[str, int] = {}
        for id, value in self.mapping(given if given is not None else {}, at, tuple(self.attributes)).items():
            if id not in self.attributes or (amount := self.decimal(value, f"{at}.{id}")) is None:
                continue
            smallest = amount.scaleb(self.attributes[id].decimals)
            if smallest != int(smallest) or abs(smallest) > LARGEST:
                self.wrong(f"{at}.{id}", _("This number is too large, or has too many decimals."))
            elif smallest:
                found[id] = int(smallest)
        return found


def stepped_options(group: str, number: Number) -> list[Option]:
    """The options of a stepped number: ``length-40``, ``length-45`` …, each with the amounts of its steps."""
    return [
        Option(
            id=f"{group}-{value:f}",
            label=f"{value:f} {number.unit}".strip(),
            attributes={id: amount * index for id, amount in number.each.items() if index},
        )
        for index, value in enumerate(number.values)
    ]
