"""A sentence for a rule that came without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from codesign.products.engine.formula import And, Formula, Implies, Not, Or, Var, show

MOST = 2000
MANY = 12
"""Names in one list; what is longer is told by its number."""

Labels = Mapping[str, str]


def describe(formula: Formula, labels: Labels) -> str:
    """What *formula* asks for, in English: people's names for the options where its form is common, else the formula."""
    return (_common(formula, labels) or f"This must hold: {show(formula)}")[:MOST]


def _common(formula: Formula, labels: Labels) -> str:
    """A sentence for one of the usual forms, else nothing."""
    match formula:
        case Implies(left, right):
            return _implication(left, right, labels)
        case Or(parts):
            return _clause(parts, labels)
        case Not(And(parts)) if together := _names(parts, "and", labels):
            return f"{together} cannot be combined."
        case Not(Var(id)):
            return f"{labels.get(id, id)} cannot be chosen."
        case Var(id):
            return f"{labels.get(id, id)} is always needed."
    return ""


def _implication(left: Formula, right: Formula, labels: Labels) -> str:
    when = _list(left, labels)
    match right:
        case Not(Or(parts)):
            without: Sequence[Formula] = parts
        case And(parts) if all(isinstance(part, Not) for part in parts):
            without = [part.part for part in parts if isinstance(part, Not)]
        case Not(part):
            without = [part]
        case _:
            without = []
    if without:
        names = _names(without, "or", labels)
        return f"{when} cannot be combined with {names}." if when and names else ""
    then = _list(right, labels)
    return f"{when} needs {then}." if when and then else ""


def _clause(parts: Sequence[Formula], labels: Labels) -> str:
    """Of ``!a | !b | c | d``: who has a and b needs c or d."""
    without = [part.part for part in parts if isinstance(part, Not)]
    then = [part for part in parts if not isinstance(part, Not)]
    first, second = _names(without, "and", labels), _names(then, "or", labels)
    if (without and not first) or (then and not second):
        return ""
    if not without:
        return f"{second} is needed."
    return f"{first} needs {second}." if then else f"{first} cannot be {'combined' if len(without) > 1 else 'chosen'}."


def _list(formula: Formula, labels: Labels) -> str:
    match formula:
        case Var():
            return _names([formula], "and", labels)
        case And(parts):
            return _names(parts, "and", labels)
        case Or(parts):
            return _names(parts, "or", labels)
    return ""


def _names(parts: Sequence[Formula], word: str, labels: Labels) -> str:
    """``A, B or C``; nothing where a part is more than a name."""
    names = [labels.get(part.id, part.id) for part in parts if isinstance(part, Var)]
    if len(names) < len(parts) or not names:
        return ""
    if len(names) > MANY:
        names = [*names[: MANY - 1], f"{len(names) - MANY + 1} others"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"
