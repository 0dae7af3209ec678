"""The ways to write a rule, each of them a formula underneath."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from codesign.kernel.text import _
from codesign.products.engine.formula import (
    And,
    AtMost,
    Formula,
    FormulaError,
    Implies,
    Not,
    Numbers,
    Var,
    parse,
    show,
)
from codesign.products.engine.model import Rule, Text

MOST_NAMED = 20_000
SHAPES = (("formula",), ("if", "then"), ("option", "requires"), ("forbid",), ("at_most", "of"))

Wrong = Callable[[str, str], None]


def rule(id: str, formula: Formula, message: Text = "") -> Rule:
    """A rule made of a formula, as importers make them; without a message the formula speaks for itself."""
    if isinstance(formula, AtMost):
        shape: dict[str, Any] = {"at_most": formula.number, "of": list(formula.ids)}
    else:
        shape = {"formula": show(formula)}
    return Rule(id, message or shape.get("formula") or id, formula, shape)


def read_rule(
    shape: Mapping[str, Any], at: str, known: Callable[[str], bool], numbers: Numbers, wrong: Wrong
) -> Formula:
    """The formula of a rule written as *shape*; mistakes go to *wrong*, and then the formula is one that always holds."""
    if tuple(shape) not in SHAPES and set(shape) not in map(set, SHAPES):
        wrong(at, _("Write a formula, if and then, option and requires, forbid, or at_most and of."))
        return And(())

    def formula(key: str) -> Formula:
        text = shape[key]
        try:
            if not isinstance(text, str):
                raise FormulaError(_("Write a formula."))
            return parse(text, known, numbers)
        except FormulaError as error:
            wrong(f"{at}.{key}", error.args[0])
            return And(())

    def ids(key: str) -> tuple[str, ...]:
        return _ids(shape[key], f"{at}.{key}", known, wrong)

    if "formula" in shape:
        return formula("formula")
    if "if" in shape:
        return Implies(formula("if"), formula("then"))
    if "requires" in shape:
        option = shape["option"]
        if not isinstance(option, str) or not known(option):
            wrong(f"{at}.option", _("There is no option “%(id)s”.", id=str(option)[:120]))
            return And(())
        needed = [shape["requires"]] if isinstance(shape["requires"], str) else shape["requires"]
        return Implies(Var(option), And(tuple(map(Var, _ids(needed, f"{at}.requires", known, wrong)))))
    if "forbid" in shape:
        return Not(And(tuple(map(Var, ids("forbid")))))
    most = shape["at_most"]
    if type(most) is not int or not 0 <= most <= MOST_NAMED:
        wrong(f"{at}.at_most", _("Write a whole number."))
        return And(())
    return AtMost(most, ids("of"))


def _ids(given: object, at: str, known: Callable[[str], bool], wrong: Wrong) -> tuple[str, ...]:
    if not isinstance(given, list | tuple) or not given or len(given) > MOST_NAMED:
        wrong(at, _("Write a list of options."))
        return ()
    found: dict[str, None] = {}
    for index, id in enumerate(given):
        if not isinstance(id, str) or not known(id):
            wrong(f"{at}.{index}", _("There is no option “%(id)s”.", id=str(id)[:120]))
        elif id in found:
            wrong(f"{at}.{index}", _("“%(id)s” is there twice.", id=id))
        else:
            found[id] = None
    return tuple(found)
