"""The rule by formula: arithmetic that a team writes over what is known of an idea. Nothing of it is ever run as a program.

``read`` checks a formula piece by piece and refuses, in words, whatever is no number, known name, operator or function.
What is left is worked out by *simpleeval*, told to know nothing else; all numbers are floats, so that powers overflow at once
instead of growing.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from simpleeval import InvalidExpression, SimpleEval

from codesign.sdk import IdeaStatistics, Part, Score, ValidationError, _

from .planned import counted, needs, plain

MOST_LETTERS, MOST_PIECES = 300, 120
DAY = timedelta(days=1)
#: What is known of every idea, by the name a formula calls it.
KNOWN: dict[str, Callable[[IdeaStatistics], float]] = {
    "up": lambda s: s.up,
    "down": lambda s: s.down,
    "passed": lambda s: s.passed,
    "voters": lambda s: s.voters,
    "comments": lambda s: s.comments,
    "votes_24h": lambda s: s.votes_24h,
    "votes_7d": lambda s: s.votes_7d,
    "age_days": lambda s: max(0.0, (s.at - s.first_at) / DAY),
    "reach": lambda s: s.fields.get("reach", float(counted(s))),
}


def _round(number: float) -> float:
    """A float stays one: whole numbers would grow without end in a power."""
    return float(round(number))


FUNCTIONS: dict[str, Callable[..., float]] = {
    "abs": abs, "log": math.log, "log10": math.log10, "max": max, "min": min, "round": _round, "sqrt": math.sqrt,
}  # fmt: skip
_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_PIECES = (ast.BinOp, ast.UnaryOp, ast.Constant, ast.Name, ast.Call)
_here = threading.local()
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True)
class Term:
    """What stands between the plus and minus signs of a formula."""

    text: str
    sign: int
    node: ast.expr
    names: tuple[str, ...]


@dataclass(frozen=True)
class Formula:
    """A formula that was read; ``names`` are those it counts with."""

    text: str
    terms: tuple[Term, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for term in self.terms for name in term.names))

    def work_out(self, names: Mapping[str, float]) -> list[float] | None:
        """What each term gives; None where that is no number: a division by zero, say."""
        reckoner = _reckoner()
        reckoner.names = dict(names)
        try:
            found = [term.sign * reckoner.eval(term.text, previously_parsed=term.node) for term in self.terms]
        except (ArithmeticError, ValueError, TypeError, InvalidExpression):
            return None
        good = all(isinstance(each, float | int) and math.isfinite(each) for each in found)
        return found if good and math.isfinite(sum(found)) else None


def _reckoner() -> Any:
    """One for each thread: making one costs more than a formula."""
    if not hasattr(_here, "reckoner"):
        reckoner = SimpleEval(operators=_OPERATORS, functions=FUNCTIONS, names={})
        reckoner.nodes = {kind: reckoner.nodes[kind] for kind in _PIECES}
        _here.reckoner = reckoner
    return _here.reckoner


def formula(statistics: IdeaStatistics, formula: str = "") -> Score | None:
    """What the team's own formula gives, with one part for each of its terms; no score where a field is missing or
    the formula gives no number.

    Source: the team. Worked out by simpleeval, https://github.com/danthedeckie/simpleeval.
    """
    if not formula:
        return None
    wanted = read(formula)
    fields = statistics.fields
    if any(name not in KNOWN and name not in fields for name in wanted.names):
        return None
    names = {name: float(KNOWN[name](statistics)) if name in KNOWN else fields[name] for name in wanted.names}
    found = wanted.work_out(names)
    if found is None:
        return None
    parts = tuple(
        Part(_label(term), ", ".join(f"{name} {plain(names[name])}" for name in term.names) or "–", float(points))
        for term, points in zip(wanted.terms, found, strict=True)
    )
    return Score(float(sum(found)), parts)


def _label(term: Term) -> str:
    return f"− {term.text}" if term.sign < 0 else term.text


def needs_of(formula: str = "") -> tuple[str, ...]:
    """What a formula needs: the fields it names. None at all is a need that no space meets."""
    if not formula:
        return ("a formula",)
    return needs(*(name for name in read(formula).names if name not in KNOWN))


# --- Reading ----------------------------------------------------------------------------------------------------------


def is_formula(text: str) -> None:
    """A validator: nothing, or a formula."""
    if text:
        read(text)


@lru_cache(maxsize=256)
def read(text: str) -> Formula:
    """Read a formula; raises ValidationError, saying what is wrong and where."""
    if len(text) > MOST_LETTERS:
        raise ValidationError(_("A formula has at most %(most)s characters.", most=MOST_LETTERS))
    try:
        whole = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValidationError(_not_from(text, error.offset or len(text) + 1)) from None
    except (ValueError, MemoryError, RecursionError):
        raise ValidationError(_("This is no formula.")) from None
    pieces = [each for each in ast.walk(whole) if isinstance(each, ast.expr)]
    if len(pieces) > MOST_PIECES:
        raise ValidationError(_("A formula has at most %(most)s numbers, names and operations.", most=MOST_PIECES))
    for piece in pieces:
        _check(piece, text.strip())
    called = {id(piece.func) for piece in pieces if isinstance(piece, ast.Call)}
    for piece in pieces:
        if isinstance(piece, ast.Name) and piece.id in FUNCTIONS and id(piece) not in called:
            raise _wrong_numbers(piece)
    return Formula(text.strip(), tuple(_terms(whole, 1, text.strip(), called)))


def _not_from(text: str, place: int) -> str:
    rest = text.strip()[place - 1 :][:20]
    if not rest:
        return _("This formula stops too early: something is missing at its end.")
    return _("From “%(rest)s” on (character %(place)s) this is no formula.", rest=rest, place=place)


def _check(piece: ast.expr, text: str) -> None:
    said = (ast.get_source_segment(text, piece) or "")[:40]
    place = piece.col_offset + 1
    if isinstance(piece, ast.Constant):
        _make_float(piece, said, place)
    elif isinstance(piece, ast.Call):
        _check_call(piece, said, place)
    elif isinstance(piece, ast.Name):
        if not _NAME.fullmatch(piece.id):
            raise ValidationError(
                _("There is nothing called “%(name)s” (character %(place)s).", name=said, place=place)
            )
    elif not isinstance(piece, ast.BinOp | ast.UnaryOp) or type(piece.op) not in _OPERATORS:
        raise ValidationError(
            _(
                "Formulas have numbers, names, + - * / **, brackets and functions; “%(part)s” (character %(place)s) is none"
                " of that.", part=said, place=place,
            )
        )  # fmt: skip


def _make_float(piece: ast.Constant, said: str, place: int) -> None:
    """Whole numbers grow without end, floats do not."""
    try:
        number = float(piece.value) if type(piece.value) in {int, float} else math.nan  # type: ignore[arg-type]
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValidationError(_("“%(part)s” (character %(place)s) is no number here.", part=said, place=place))
    piece.value = number


def _check_call(piece: ast.Call, said: str, place: int) -> None:
    name = piece.func.id if isinstance(piece.func, ast.Name) else ""
    if name not in FUNCTIONS:
        known = ", ".join(sorted(FUNCTIONS))
        raise ValidationError(
            _(
                "“%(part)s” (character %(place)s) is no function; there are %(known)s.",
                part=said,
                place=place,
                known=known,
            )
        )
    several = name in {"max", "min"}
    if piece.keywords or not piece.args or (len(piece.args) > 1) != several:
        raise _wrong_numbers(piece)


def _wrong_numbers(piece: ast.expr) -> ValidationError:
    place = piece.col_offset + 1
    return ValidationError(
        _("Functions take one number in brackets, min and max take several (character %(place)s).", place=place)
    )


def _terms(node: ast.expr, sign: int, text: str, called: set[int]) -> Iterator[Term]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield from _terms(node.left, sign, text, called)
        yield from _terms(node.right, -sign if isinstance(node.op, ast.Sub) else sign, text, called)
        return
    inside: list[Any] = [each for each in ast.walk(node) if isinstance(each, ast.Name) and id(each) not in called]
    inside.sort(key=lambda each: each.col_offset)
    names = tuple(dict.fromkeys(each.id for each in inside))
    yield Term(ast.get_source_segment(text, node) or text, sign, node, names)
