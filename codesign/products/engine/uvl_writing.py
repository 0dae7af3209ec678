"""Writes a model as UVL: Boolean level with attributes, so that other tools read it, and ours gets everything back.

A group becomes a feature of its own (abstract, mandatory) unless its names can be told from the option above it. What UVL has
no word for goes into the attribute ``codesign``; what cannot be kept is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import combinations
from math import comb

from codesign.kernel.text import _
from codesign.products.engine.feature_tree import FALSE, TRUE, derived_id, fresh, make_id, negated, replace
from codesign.products.engine.formula import And, AtMost, Formula, Iff, Implies, Not, Or, Var, variables
from codesign.products.engine.model import Group, Model, Option, Rule, Text
from codesign.products.engine.uvl_words import FORMAT, MARK, escaped, quoted

MOST_CLAUSES = 2_000
"""Clauses that one ``at_most`` may become."""

ARROWS = re.compile(r"<=>|=>")
COMPARISON = re.compile(r"[<>=]")

RESERVED = frozenset((MARK, "abstract", "hidden", "constraint", "constraints", "featureDescription__"))
"""Names that mean something to UVL or to tools that read it."""


def write(model: Model) -> tuple[str, tuple[str, ...]]:
    """*model* as UVL, and in sentences what of it the text does not say."""
    writer = _Writer(model)
    return writer.text(), tuple(writer.losses)


class _Writer:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.losses: dict[str, None] = {}
        taken = {id for id in model.options if "." not in id}
        self.names = {id: id if "." not in id else fresh(id.replace(".", "_"), taken) for id in model.options}
        title = model.product.replace(".", ",").replace('"', "”")
        self.root = fresh(" ".join(title.split()) or "product", taken)
        self.taken = taken
        self.decimals = {attribute.id: attribute.decimals for attribute in model.attributes}
        self.keys = self.attribute_keys()

    def attribute_keys(self) -> dict[str, str]:
        """How each attribute is called in the file."""
        usable = [attribute.id for attribute in self.model.attributes if attribute.id not in RESERVED]
        for attribute in self.model.attributes:
            if attribute.id in RESERVED:
                self.lose(
                    _("The attribute “%(id)s” is left out: its name means something else in UVL.", id=attribute.id)
                )
        taken = {id for id in usable if "." not in id}
        return {id: id if "." not in id else fresh(id.replace(".", "_"), taken) for id in usable}

    def lose(self, sentence: str) -> None:
        self.losses[sentence] = None

    def text(self) -> str:
        written = list(self.rules())
        rules = {
            f"r{number}": {"id": rule.id, "message": rule.message} for number, (rule, _text) in enumerate(written, 1)
        }
        product = {
            "format": FORMAT,
            "product": self.model.product,
            "version": self.model.version,
            "attributes": {
                self.keys[one.id]: self.declaration(one.id) for one in self.model.attributes if one.id in self.keys
            },
            "rules": rules,
        }
        head = {"abstract": True, **self.amounts(self.model.base), MARK: product}
        title = self.model.product or self.root
        found = [
            f"namespace {quoted(self.root)}",
            "",
            "features",
            f"\t{quoted(self.root)} {braces(head)}",
            *self.groups(self.model.groups, make_id(title), title, 2),
        ]
        if written:
            found += ["", "constraints", *(f"\t{text}" for _rule, text in written)]
        return "\n".join(found) + "\n"

    # ---- features -------------------------------------------------------------------------------------------------

    def groups(self, groups: tuple[Group, ...], above: str, label: Text, indent: int) -> Iterator[str]:
        for index, group in enumerate(groups):
            below = indent
            plain = (derived_id(above, index), label, "", None)
            if (group.id, group.label, group.description, group.number) != plain:
                yield "\t" * indent + "mandatory"
                yield "\t" * (indent + 1) + self.wrapper(group)
                below += 2
            yield "\t" * below + cardinality(group)
            for option in group.options:
                yield from self.option(option, below + 1)

    def wrapper(self, group: Group) -> str:
        """The feature that stands for a group."""
        name = fresh(group.id.replace(".", "_"), self.taken)
        mark: dict[str, object] = {"group": group.id}
        if group.number:
            self.lose(_("Stepped numbers are written as lists of options; only Codesign reads them as numbers again."))
            number = group.number
            mark["number"] = {
                "from": number.start, "to": number.to, "step": number.step, "unit": number.unit,
                "each": self.amounts(number.each),
            }  # fmt: skip
        label = "" if group.label == name else group.label
        kept = {"abstract": True, "label": label, "description": group.description, MARK: mark}
        return f"{quoted(name)} {braces(kept)}"

    def option(self, option: Option, indent: int) -> Iterator[str]:
        name = self.names[option.id]
        kept = {
            "label": "" if option.label == name else option.label,
            "description": option.description,
            "image": option.image,
            "since": option.since,
            "replaces": option.replaces,
            "idea": option.idea,
            **self.amounts(option.attributes),
            MARK: {"id": option.id} if name != option.id else {},
        }
        text = braces(kept)
        yield "\t" * indent + (quoted(name) if text == "{}" else f"{quoted(name)} {text}")
        yield from self.groups(option.groups, option.id, option.label, indent + 1)

    def declaration(self, id: str) -> dict[str, object]:
        attribute = self.model.attribute(id)
        assert attribute is not None
        return {
            "id": id if self.keys[id] != id else "",
            "label": "" if attribute.label == id else attribute.label,
            "unit": attribute.unit,
            "decimals": attribute.decimals,
            "sum": None if attribute.summed else False,
        }

    def amounts(self, amounts: Mapping[str, int]) -> dict[str, Decimal]:
        return {
            self.keys[id]: Decimal(amount).scaleb(-self.decimals[id])
            for id, amount in amounts.items()
            if id in self.keys
        }

    # ---- rules ----------------------------------------------------------------------------------------------------

    def rules(self) -> Iterator[tuple[Rule, str]]:
        """Every rule that can be written, with its formula."""
        for rule in self.model.rules:
            if set(rule.shape) != {"formula"} or COMPARISON.search(ARROWS.sub("", str(rule.shape["formula"]))):
                self.lose(
                    _(
                        "Rules of other forms than a formula, or that compare, are written as formulas of the same meaning."
                    )
                )
            formula = self.spelled_out(rule)
            if formula is None:
                continue
            formula = replace(formula, {id: Var(id) for id in variables(formula)})
            if formula == TRUE:
                self.lose(_("The rule “%(id)s” is left out: it always holds.", id=rule.id))
                continue
            if formula == FALSE:
                first = Var(next(iter(self.model.options)))
                formula = And((first, negated(first)))
            yield rule, self.formula(formula)

    def spelled_out(self, rule: Rule) -> Formula | None:
        """The formula without ``at_most``; None where it would be too long."""
        match rule.formula:
            case AtMost(number, ids):
                if comb(len(ids), number + 1) > MOST_CLAUSES:
                    self.lose(_("The rule “%(id)s” is LEFT OUT: spelled out, it would be too long.", id=rule.id))
                    return None
                return And(
                    tuple(Or(tuple(Not(Var(id)) for id in together)) for together in combinations(ids, number + 1))
                )
            case formula:
                return formula

    def formula(self, formula: Formula, binds: int = 0) -> str:
        """*formula* in UVL. Parentheses wherever two readers could differ."""
        match formula:
            case Var(id):
                return quoted(self.names[id])
            case Not(part):
                return "!" + self.formula(part, 5)
            case And(parts):
                text, own = " & ".join(self.formula(part, 5) for part in parts), 4
            case Or(parts):
                text, own = " | ".join(self.formula(part, 4) for part in parts), 3
            case Implies(left, right):
                text, own = f"{self.formula(left, 3)} => {self.formula(right, 3)}", 2
            case Iff(left, right):
                text, own = f"{self.formula(left, 3)} <=> {self.formula(right, 3)}", 1
            case _:
                raise AssertionError("at_most stands alone, and is spelled out before")
        return f"({text})" if own < binds else text


def cardinality(group: Group) -> str:
    """UVL's word for how many of a group."""
    count = len(group.options)
    words = {
        (count, count): "mandatory", (0, count): "optional", (1, 1): "alternative", (1, count): "or",
    }  # fmt: skip
    if (group.least, group.most) == (1, 1) == (count, count):
        return "mandatory"
    return words.get((group.least, group.most), f"[{group.least}..{group.most}]")


TEXTS = ("label", "description", "message")
"""May be one text for each language, an empty one too."""


def braces(kept: Mapping[str, object], empty: bool = False) -> str:
    """Attributes in braces, without those that say nothing unless *empty* ones count."""
    found = []
    for key, value in kept.items():
        if not empty and (value in ("", None) or value == {}):
            continue
        match value:
            case True:
                text = "" if key == "abstract" else " true"
            case False:
                text = " false"
            case Mapping():
                text = " " + braces(value, empty=key in TEXTS)
            case int() | Decimal():
                text = f" {value:f}" if isinstance(value, Decimal) else f" {value}"
            case _:
                text = " " + escaped(str(value))
        found.append(quoted(key) + text)
    return "{" + ", ".join(found) + "}"
