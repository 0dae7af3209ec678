"""Formulas over options: ``!``, ``&``, ``|``, ``=>``, ``<=>`` and parentheses, and comparisons with stepped numbers.

``!`` binds closest, then ``&``, ``|``, ``=>`` (to the right) and ``<=>``. A comparison (``length >= 60``) stands for "one of
the options that meet it", so it is false where the number is not asked for.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from codesign.kernel.text import _

MOST_DEPTH = 100
MOST_CHARACTERS = 200_000

TOKEN = re.compile(r"\s*(?:(?P<op><=>|=>|<=|>=|==|!=|<|>|=|[!&|()])|(?P<word>-?[A-Za-z0-9_][A-Za-z0-9_.\-]*))")
COMPARE: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
    "==": operator.eq, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
BINDS = {"<=>": 1, "=>": 2, "|": 3, "&": 4}


@dataclass(frozen=True)
class Var:
    """True where this option is chosen."""

    id: str


@dataclass(frozen=True)
class Not:
    """True where the part is false."""

    part: Formula


@dataclass(frozen=True)
class And:
    """True where every part is; of no parts: true."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Or:
    """True where some part is; of no parts: false."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Implies:
    """False only where *left* is true and *right* is not."""

    left: Formula
    right: Formula


@dataclass(frozen=True)
class Iff:
    """True where both are true, or both false."""

    left: Formula
    right: Formula


@dataclass(frozen=True)
class AtMost:
    """True where at most *number* of the options are chosen. Only stands alone, as a whole rule."""

    number: int
    ids: tuple[str, ...]


Formula = Var | Not | And | Or | Implies | Iff | AtMost


class FormulaError(ValueError):
    """What is wrong, in a sentence."""


Numbers = Mapping[str, Mapping[Decimal, str]]
"""Stepped groups: the id of the option for each value."""


def parse(text: str, known: Callable[[str], bool], numbers: Numbers) -> Formula:
    """The formula that *text* says; *known* tells which options there are.

    Raises FormulaError.
    """
    if len(text) > MOST_CHARACTERS:
        raise FormulaError(_("This formula is too long."))
    reader = _Reader(_tokens(text), known, numbers)
    formula = reader.expression(1, 0)
    if reader.next():
        raise FormulaError(_("“%(token)s” is not expected here.", token=reader.next()))
    return formula


def _tokens(text: str) -> list[str]:
    tokens, position, end = [], 0, len(text.rstrip())
    while position < end:
        match = TOKEN.match(text, position)
        if not match:
            raise FormulaError(_("“%(token)s” means nothing in a formula.", token=text[position:].strip()[:20]))
        tokens.append(match["op"] or match["word"])
        position = match.end()
    if not tokens:
        raise FormulaError(_("Write a formula."))
    return tokens


class _Reader:
    """Reads by precedence; counts how deep it is, so that a hostile text cannot exhaust the stack."""

    def __init__(self, tokens: list[str], known: Callable[[str], bool], numbers: Numbers) -> None:
        self.tokens, self.known, self.numbers, self.at = tokens, known, numbers, 0

    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.next()
        self.at += 1
        return token

    def expression(self, binds: int, depth: int) -> Formula:
        if depth > MOST_DEPTH:
            raise FormulaError(_("This formula is nested too deeply."))
        left = self.unary(depth)
        while BINDS.get(self.next(), 0) >= binds:
            sign = self.take()
            if sign in "&|":
                parts = [left, self.expression(BINDS[sign] + 1, depth + 1)]
                while self.next() == sign:
                    self.take()
                    parts.append(self.expression(BINDS[sign] + 1, depth + 1))
                left = And(tuple(parts)) if sign == "&" else Or(tuple(parts))
            elif sign == "=>":
                left = Implies(left, self.expression(2, depth + 1))
            else:
                left = Iff(left, self.expression(1, depth + 1))
        return left

    def unary(self, depth: int) -> Formula:
        turned = False
        while self.next() == "!":
            self.take()
            turned = not turned
        formula = self.atom(depth)
        if not turned:
            return formula
        return formula.part if isinstance(formula, Not) else Not(formula)

    def atom(self, depth: int) -> Formula:
        token = self.take()
        if token == "(":  # noqa: S105
            formula = self.expression(1, depth + 1)
            if self.take() != ")":
                raise FormulaError(_("A parenthesis is not closed."))
            return formula
        if not token:
            raise FormulaError(_("The formula ends too early."))
        if token in COMPARE or token in BINDS or token == ")":  # noqa: S105
            raise FormulaError(_("“%(token)s” is not expected here.", token=token))
        if self.next() in COMPARE:
            return self.comparison(token)
        if not self.known(token):
            raise FormulaError(_("There is no option “%(id)s”.", id=token))
        return Var(token)

    def comparison(self, group: str) -> Formula:
        sign, token = self.take(), self.take()
        if group not in self.numbers:
            raise FormulaError(_("“%(id)s” is not a number that can be compared.", id=group))
        try:
            wanted = Decimal(token)
            met = [Var(id) for value, id in self.numbers[group].items() if COMPARE[sign](value, wanted)]
        except InvalidOperation:
            raise FormulaError(_("“%(token)s” is not a number.", token=token)) from None
        return Or(tuple(met))


def variables(formula: Formula) -> Iterable[str]:
    """The ids of the options *formula* speaks of, with repeats."""
    waiting: list[Formula] = [formula]
    while waiting:
        match waiting.pop():
            case Var(id):
                yield id
            case Not(part):
                waiting.append(part)
            case And(parts) | Or(parts):
                waiting.extend(parts)
            case Implies(left, right) | Iff(left, right):
                waiting += [left, right]
            case AtMost(_number, ids):
                yield from ids


def holds(formula: Formula, chosen: Callable[[str], bool]) -> bool:
    """Whether *formula* is true of a whole configuration."""
    match formula:
        case Var(id):
            return chosen(id)
        case Not(part):
            return not holds(part, chosen)
        case And(parts):
            return all(holds(part, chosen) for part in parts)
        case Or(parts):
            return any(holds(part, chosen) for part in parts)
        case Implies(left, right):
            return holds(right, chosen) or not holds(left, chosen)
        case Iff(left, right):
            return holds(left, chosen) == holds(right, chosen)
        case AtMost(number, ids):
            return sum(map(chosen, ids)) <= number


def show(formula: Formula, binds: int = 0) -> str:
    """*formula* as text that `parse` reads back."""
    match formula:
        case Var(id):
            return id
        case Not(part):
            return "!" + show(part, 5)
        case And(()) | Or(()) | AtMost():
            raise FormulaError(_("This cannot be written as a formula."))
        case And(parts):
            text, own = " & ".join(show(part, 5) for part in parts), 4
        case Or(parts):
            text, own = " | ".join(show(part, 4) for part in parts), 3
        case Implies(left, right):
            text, own = f"{show(left, 3)} => {show(right, 2)}", 2
        case Iff(left, right):
            text, own = f"{show(left, 2)} <=> {show(right, 1)}", 1
    return f"({text})" if own < binds else text
