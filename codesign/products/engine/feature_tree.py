"""What readers of foreign formats have in common: a tree of features with constraints, and how it becomes a model.

The feature at the top stands for the product: it is always there, so it becomes the model's name and base amounts, and in
constraints it is simply true. Every other feature becomes an option. A name that can serve as an id is one; of others an id
is made, and the name stays as the label.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from codesign.kernel.errors import FieldError, Invalid
from codesign.kernel.text import _
from codesign.products.engine.describing import describe
from codesign.products.engine.formula import And, AtMost, Formula, Iff, Implies, Not, Or, Var, show, variables
from codesign.products.engine.model import MOST_DEPTH, MOST_OPTIONS, MOST_RULES, Model
from codesign.products.engine.reading import ID, LARGEST, MOST_ATTRIBUTES, OPTION_KEYS, read

MOST_CHARACTERS = 8_000_000
MOST_LABEL = 200
MOST_DECIMALS = 6
CURRENCIES = frozenset(("€", "$", "£", "EUR", "USD", "GBP", "CHF"))
"""Units whose amounts have two decimals at least, also where a file writes 4.0."""

Value = str | bool | Decimal | None | Mapping[str, Any]
"""Of an attribute in a file. A mapping: attributes inside an attribute. None: something that nothing here can hold."""

TRUE, FALSE = And(()), Or(())


@dataclass
class Branch:
    """A group of features below another; *most* None: as many as there are, *least* None: all of them."""

    least: int | None
    most: int | None
    line: int
    features: list[Feature] = field(default_factory=list)
    made: dict[str, Any] = field(default_factory=dict)
    """What our own writer noted of the group: id, label, description, number."""
    made_of_neighbours: bool = False
    """Whether more neighbours of the same kind belong here."""


@dataclass
class Feature:
    """One feature with what its file says of it. *line* counts from 1."""

    name: str
    line: int
    branches: list[Branch] = field(default_factory=list)
    attributes: dict[str, Value] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    id: str = ""
    """Only where a file gives an id beside the name."""
    since: int | None = None


@dataclass
class Constraint:
    """A formula over names (or ids, where features have them). Empty id and message: ours are made."""

    formula: Formula
    line: int
    id: str = ""
    message: str | Mapping[str, str] = ""


@dataclass
class Tree:
    """A whole file. *attributes*: declarations by id, where the file has any. *notes*: what was left out, in sentences."""

    root: Feature
    constraints: list[Constraint]
    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    product: str | None = None
    """None: the name of the feature at the top."""
    version: int | None = None
    notes: dict[str, None] = field(default_factory=dict)
    same: dict[str, str | None] = field(default_factory=dict)
    """Names in constraints that stand for another feature (None: for what is always there)."""


def refuse(line: int, reason: str, code: str = "unsupported") -> Invalid:
    """The refusal of a file: the line it is about, and why."""
    sentence = _("Line %(line)s: %(reason)s", line=line, reason=reason)
    return Invalid(sentence, errors=[FieldError(f"line.{line}", code, sentence)], line=line)


def walk(root: Feature) -> Iterator[Feature]:
    """Every feature, each before what lies below it."""
    waiting = [root]
    while waiting:
        feature = waiting.pop()
        yield feature
        waiting += [below for branch in reversed(feature.branches) for below in reversed(branch.features)]


def to_model(tree: Tree) -> Model:
    """The model that *tree* says.

    Raises Invalid with the line of what cannot be taken over.
    """
    builder = _Builder(tree)
    document = builder.document()
    try:
        return read(document)
    except Invalid as error:
        raise _with_line(error, builder.lines) from None


def _with_line(error: Invalid, lines: list[int]) -> Invalid:
    """*error* with the line of the constraint it is about, if it is about one."""
    first = error.errors[0] if error.errors else None
    place = first.field.split(".") if first else []
    return refuse(lines[int(place[1])], first.message, first.code) if first and place[0] == "rules" else error


class _Builder:
    """Gives ids, then writes the document that `read` checks once more."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.ids: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.group_ids: set[str] = set()
        self.attribute_ids: dict[str, str] = {}
        self.attributes: dict[str, dict[str, Any]] = {}
        self.lines: list[int] = []
        """Of each rule that was made."""

    def document(self) -> dict[str, Any]:
        root = self.tree.root
        self.name_options()
        self.name_attributes()
        self.group_ids.update(str(branch.made["id"]) for one in walk(root) for branch in one.branches if branch.made)
        label = self.label(root)
        title = self.tree.product or (label if isinstance(label, str) else next(iter(label.values())))
        document = {
            "product": title if self.tree.product is None else self.tree.product,
            "version": self.tree.version,
            "attributes": self.attributes,
            "base": self.amounts(root),
            "groups": self.groups(root, make_id(title), title, 0),
            "rules": self.rules(),
        }
        return {key: value for key, value in document.items() if value not in (None, {}, [])}

    # ---- names ----------------------------------------------------------------------------------------------------

    def name_options(self) -> None:
        """Names that are ids stay as they are, whatever the others become."""
        seen: dict[str, int] = {}
        features = [one for one in walk(self.tree.root) if one is not self.tree.root]
        if len(features) > MOST_OPTIONS:
            raise refuse(features[MOST_OPTIONS].line, _("A model has at most %(most)s options.", most=MOST_OPTIONS))
        for feature in (self.tree.root, *features):
            key = feature.id or feature.name
            if key in seen:
                raise refuse(
                    feature.line, _("“%(name)s” is there twice; first in line %(first)s.", name=key, first=seen[key])
                )
            seen[key] = feature.line
        taken = {key for key in seen if ID.match(key)}
        for feature in features:
            key = feature.id or feature.name
            self.ids[key] = key if ID.match(key) else fresh(make_id(key), taken)

    def name_attributes(self) -> None:
        """Every attribute that is a number somewhere, with the decimals it needs."""
        declared = self.tree.attributes
        taken = set(OPTION_KEYS) | set(declared)
        self.attributes = {id: dict(one) for id, one in declared.items()}
        self.attribute_ids = {id: id for id in declared}
        for feature in walk(self.tree.root):
            for name, value in feature.attributes.items():
                if isinstance(value, Decimal) and name not in declared:
                    self.attribute(feature, name, value, taken)

    def attribute(self, feature: Feature, name: str, value: Decimal, taken: set[str]) -> None:
        """Take one number into account."""
        decimals = max(0, -int(value.as_tuple().exponent))
        if decimals > MOST_DECIMALS:
            decimals = max(0, -int(value.normalize().as_tuple().exponent))
        if decimals > MOST_DECIMALS or abs(value) > LARGEST:
            raise refuse(feature.line, _("The number of “%(name)s” is too large, or has too many decimals.", name=name))
        if name not in self.attribute_ids:
            if len(self.attributes) >= MOST_ATTRIBUTES:
                raise refuse(feature.line, _("A model has at most %(most)s attributes.", most=MOST_ATTRIBUTES))
            id = self.attribute_ids[name] = fresh(make_id(name), taken)
            self.attributes[id] = {"label": name[:MOST_LABEL], "decimals": 0}
        kept = self.attributes[self.attribute_ids[name]]
        unit = feature.units.get(name, "")[:20]
        if unit and not kept.get("unit"):
            kept["unit"] = unit
        if kept.get("unit") in CURRENCIES:
            decimals = max(decimals, 2)
        kept["decimals"] = max(decimals, kept["decimals"])

    def label(self, feature: Feature) -> str | Mapping[str, str]:
        """What people read; refused where it is longer than a label may be."""
        given = feature.attributes.get("label")
        label = given if given and isinstance(given, str | Mapping) else feature.name
        if any(len(one) > MOST_LABEL for one in ([label] if isinstance(label, str) else label.values())):
            raise refuse(feature.line, _("A name has at most %(most)s characters.", most=MOST_LABEL))
        return label

    # ---- parts ----------------------------------------------------------------------------------------------------

    def groups(self, feature: Feature, id: str, label: str | Mapping[str, str], depth: int) -> list[dict[str, Any]]:
        if depth > MOST_DEPTH:
            raise refuse(feature.line, _("Features lie too deep in one another."), "too_large")
        made = []
        for index, branch in enumerate(feature.branches):
            if branch.made:
                group = {key: value for key, value in branch.made.items() if value}
            else:
                group = {"id": fresh(derived_id(id, index), self.group_ids), "label": label}
            if not branch.features:
                raise refuse(branch.line, _("A group needs at least one feature."))
            group["choose"] = self.choose(branch)
            if "number" not in group:
                group["options"] = [self.option(below, depth) for below in branch.features]
            made.append(group)
        return made

    def choose(self, branch: Branch) -> list[int]:
        count = len(branch.features)
        most = count if branch.most is None else branch.most
        least = count if branch.least is None else branch.least
        if not 0 <= least <= most or not 1 <= most <= count:
            raise refuse(
                branch.line,
                _("[%(least)s..%(most)s] does not fit %(count)s features.", least=least, most=most, count=count),
            )
        return [least, most]

    def option(self, feature: Feature, depth: int) -> dict[str, Any]:
        id, label = self.ids[feature.id or feature.name], self.label(feature)
        self.labels[id] = label if isinstance(label, str) else label.get("en") or next(iter(label.values()))
        kept = {
            "id": id,
            "label": label,
            **{key: feature.attributes.get(key) for key in ("image", "description", "replaces", "idea")},
            "since": feature.since,
            **self.amounts(feature),
            "groups": self.groups(feature, id, label, depth + 1),
        }
        return {key: value for key, value in kept.items() if value not in (None, "", [], {})}

    def amounts(self, feature: Feature) -> dict[str, str]:
        """Numbers as text, so that no digit is lost on the way; zero is no amount."""
        return {
            self.attribute_ids[name]: f"{value:f}"
            for name, value in feature.attributes.items()
            if isinstance(value, Decimal) and value
        }

    def rules(self) -> list[dict[str, Any]]:
        if len(self.tree.constraints) > MOST_RULES:
            line = self.tree.constraints[MOST_RULES].line
            raise refuse(line, _("A model has at most %(most)s rules.", most=MOST_RULES), "too_large")
        taken = {one.id for one in self.tree.constraints if one.id}
        made = []
        for number, constraint in enumerate(self.tree.constraints, 1):
            formula = self.resolve(constraint)
            if formula == FALSE:
                raise refuse(constraint.line, _("This constraint can never hold."))
            if formula == TRUE:
                self.tree.notes[_("Line %(line)s: this always holds, so it is no rule.", line=constraint.line)] = None
                continue
            self.lines.append(constraint.line)
            made.append({
                "id": constraint.id or fresh(f"rule-{number}", taken),
                "message": constraint.message or describe(formula, self.labels),
                "formula": show(formula),
            })  # fmt: skip
        return made

    def resolve(self, constraint: Constraint) -> Formula:
        """The formula over ids, without what is always true."""
        found: dict[str, Formula] = {self.tree.root.id or self.tree.root.name: TRUE}
        for name in variables(constraint.formula):
            if name in self.tree.same:
                other = self.tree.same[name]
                found[name] = TRUE if other is None else Var(self.ids[other])
            elif name in self.ids:
                found[name] = Var(self.ids[name])
            elif name not in found:
                raise refuse(constraint.line, _("There is no feature “%(name)s”.", name=name[:80]))
        return replace(constraint.formula, found)


def replace(formula: Formula, found: Mapping[str, Formula]) -> Formula:
    """*formula* with every name replaced, constants worked out."""
    match formula:
        case Var(name):
            return found[name]
        case Not(part):
            return negated(replace(part, found))
        case And(parts):
            return joined(And, [replace(part, found) for part in parts])
        case Or(parts):
            return joined(Or, [replace(part, found) for part in parts])
        case Implies(left, right):
            return implied(replace(left, found), replace(right, found))
        case Iff(left, right):
            return equal(replace(left, found), replace(right, found))
        case AtMost():
            return formula


def implied(left: Formula, right: Formula) -> Formula:
    """*left* implies *right*."""
    if FALSE in (left, right):
        return TRUE if left == FALSE else negated(left)
    if TRUE in (left, right):
        return right
    return Implies(left, right)


def equal(left: Formula, right: Formula) -> Formula:
    """*left* is true exactly where *right* is."""
    first, second = (right, left) if left in (TRUE, FALSE) else (left, right)
    if second in (TRUE, FALSE):
        return first if second == TRUE else negated(first)
    return Iff(first, second)


def negated(formula: Formula) -> Formula:
    """Not *formula*, without a double negation."""
    if isinstance(formula, Not):
        return formula.part
    if formula in (TRUE, FALSE):
        return FALSE if formula == TRUE else TRUE
    return Not(formula)


def joined(kind: type[And] | type[Or], parts: list[Formula]) -> Formula:
    """All or any of *parts*, without those that change nothing; one part alone is itself."""
    neutral, absorbing = (And(()), Or(())) if kind is And else (Or(()), And(()))
    if absorbing in parts:
        return absorbing
    kept = tuple(part for part in parts if part != neutral)
    return kept[0] if len(kept) == 1 else kind(kept)


def make_id(name: str) -> str:
    """An id that looks like *name*: letters without their accents, a hyphen for everything else."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_.]+", "-", plain).strip("-.")[:100] or "option"


def fresh(wanted: str, taken: set[str]) -> str:
    """*wanted*, with a number behind it where it is taken; taken from now on."""
    number, id = 1, wanted
    while id in taken:
        number += 1
        id = f"{wanted}-{number}"
    taken.add(id)
    return id


def derived_id(above: str, index: int) -> str:
    """The id of the group at *index* below the option *above*, where a file has none."""
    return above if index == 0 else f"{above}-{index + 1}"
