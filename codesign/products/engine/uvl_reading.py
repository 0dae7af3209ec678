"""Reads UVL (Universal Variability Language) at its Boolean level, as tolerantly as the files in the world need.

A line becomes tokens; brackets may run over several lines. Quirks that are taken: names in quotes with anything in them, names
that are keywords of UVL elsewhere, attribute strings in single or double quotes, ``{abstract}`` and ``{abstract true}``,
tabs or spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from codesign.kernel.text import _
from codesign.products.engine.feature_tree import (
    MOST_CHARACTERS,
    Branch,
    Constraint,
    Feature,
    Tree,
    Value,
    refuse,
    to_model,
)
from codesign.products.engine.formula import MOST_DEPTH, And, Formula, Iff, Implies, Not, Or, Var
from codesign.products.engine.model import MOST_DEPTH as MOST_LEVELS
from codesign.products.engine.model import Model
from codesign.products.engine.uvl_words import MARK, ours, unescaped

TOKEN = re.compile(
    r"""(?P<space>[ \t\r\f\v]+) | (?P<end>\n) | (?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))
    | "(?P<name>[^"\n]*)" | '(?P<string>[^'\n]*)'
    | (?P<sign><=>|=>|<=|>=|==|!=|[!&|(){}\[\],<>=+*/])
    | (?P<word>[^\s{}\[\](),&|!<>=+*/"'][^\s{}\[\](),&|!<>=+*/"]*)""",
    re.VERBOSE | re.DOTALL,
)
NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?\Z")
SPAN = re.compile(r"\[(\d{1,6})(?:\.\.(\d{1,6}|\*))?\]\Z")
SECTIONS = ("namespace", "include", "imports", "features", "constraints")
GROUPS: Mapping[str, tuple[int | None, int | None]] = {
    "mandatory": (None, None), "optional": (0, None), "or": (1, None), "alternative": (1, 1),
}  # fmt: skip
TYPES = ("Boolean", "Integer", "Real", "String")
ARITHMETIC = frozenset(("<=", ">=", "==", "!=", "<", ">", "=", "+", "*", "/"))
BINDS = {"<=>": 1, "=>": 2, "|": 3, "&": 4}
LONGEST = {"label": 200, "description": 5_000, "image": 500, "replaces": 120, "idea": 40}
"""Texts of a feature that a model keeps, and how long they may be."""
SILENT = frozenset(("abstract", "hidden"))
"""These say how other tools show a feature, and change nothing of what can be configured."""


@dataclass(frozen=True)
class Token:
    """*kind* is name, string, sign or word."""

    kind: str
    text: str
    line: int


@dataclass(frozen=True)
class Line:
    """A line of the file, or several that brackets join."""

    indent: int
    number: int
    tokens: list[Token]


def read(text: str) -> Model:
    """The model that a UVL file describes.

    Raises Invalid with line and reason where the file asks for something a model cannot say.
    """
    return read_with_notes(text)[0]


def read_with_notes(text: str) -> tuple[Model, tuple[str, ...]]:
    """The model, and sentences about what was left out because it changes no configuration (texts of other tools)."""
    if len(text) > MOST_CHARACTERS:
        raise refuse(1, _("A file has at most %(most)s characters.", most=MOST_CHARACTERS), "too_large")
    tree = _Reader(text).tree()
    return to_model(tree), tuple(tree.notes)


def lines(text: str) -> Iterator[Line]:
    """The lines that say something."""
    found: list[Token] = []
    indent, start, depth, number, position, begun = 0, 1, 0, 1, 0, False
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            raise refuse(number, _("A quotation mark is not closed."))
        kind = str(match.lastgroup)
        if match[0].startswith("/*") and not match[0].endswith("*/"):
            raise refuse(number, _("A comment is not closed."))
        if kind == "end" and depth == 0:
            if found:
                yield Line(indent, start, found)
            found, begun = [], False
        elif kind == "space" and not begun:
            indent = len(match[0].expandtabs(4))
            begun = True
        elif kind not in ("end", "space", "comment"):
            if not found:
                start = number
                indent = indent if begun else 0
            begun = True
            found.append(Token(kind, match[kind], number))
            depth += (match[0] in ("(", "[", "{")) - (match[0] in (")", "]", "}"))
            if depth < 0:
                raise refuse(number, _("A bracket is closed that was not opened."))
        number += match[0].count("\n")
        position = match.end()
    if depth:
        raise refuse(start, _("A bracket is not closed."))
    if found:
        yield Line(indent, start, found)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text.removeprefix("\ufeff")
        self.root: Feature | None = None
        self.constraints: list[Constraint] = []
        self.stack: list[tuple[int, Feature | Branch]] = []
        self.notes: dict[str, None] = {}

    def tree(self) -> Tree:
        section = ""
        for line in lines(self.text):
            first = line.tokens[0]
            if line.indent == 0 and first.kind == "word" and first.text in SECTIONS:
                section = self.section(line, first.text)
            elif section == "features":
                self.feature_line(line)
            elif section == "constraints":
                self.constraints.append(Constraint(Formulas(line.tokens, line.number).whole(), line.number))
            elif section == "imports":
                raise refuse(line.number, _("Imports of other files are not supported; put everything in one file."))
            elif section != "include":
                raise refuse(line.number, _("A file begins with “features”."))
        if self.root is None:
            raise refuse(1, _("There are no features in this file."))
        return ours(Tree(self.root, self.constraints, notes=self.notes))

    def section(self, line: Line, word: str) -> str:
        if len(line.tokens) > 1 and word not in ("namespace", "include"):
            raise refuse(line.number, _("“%(token)s” is not expected here.", token=line.tokens[1].text[:40]))
        return word

    # ---- features -------------------------------------------------------------------------------------------------

    def feature_line(self, line: Line) -> None:
        while self.stack and self.stack[-1][0] >= line.indent:
            self.stack.pop()
        if len(self.stack) > 2 * MOST_LEVELS + 4:
            raise refuse(line.number, _("Features lie too deep in one another."), "too_large")
        above = self.stack[-1][1] if self.stack else None
        made: Feature | Branch
        if isinstance(above, Feature):
            made = self.branch(line)
            above.branches.append(made)
        else:
            made = self.feature(line)
            if above is not None:
                above.features.append(made)
            elif self.root is not None:
                raise refuse(line.number, _("There is one feature at the top; put this one in a group."))
            else:
                self.root = made
        self.stack.append((line.indent, made))

    def branch(self, line: Line) -> Branch:
        tokens = line.tokens
        if len(tokens) == 1 and tokens[0].text in GROUPS and tokens[0].kind == "word":
            return Branch(*GROUPS[tokens[0].text], line.number)
        if tokens[0].kind == "sign" and (span := SPAN.match("".join(token.text for token in tokens))):
            least, most = int(span[1]), span[2]
            return Branch(least, least if most is None else None if most == "*" else int(most), line.number)
        raise refuse(
            line.number, _("Write mandatory, optional, or, alternative, or [n..m] between feature and features.")
        )

    def feature(self, line: Line) -> Feature:
        tokens = list(line.tokens)
        typed = tokens[0].kind == "word" and tokens[0].text in TYPES
        if typed and len(tokens) > 1 and tokens[1].kind in ("word", "name"):
            kind = tokens.pop(0).text
            if kind != "Boolean":
                raise refuse(line.number, _("Features of the type %(kind)s are not supported.", kind=kind))
        first = tokens.pop(0)
        if first.kind not in ("word", "name") or not first.text.strip():
            raise refuse(line.number, _("Write the name of a feature here."))
        feature = Feature(first.text, line.number)
        if tokens and tokens[0].text == "cardinality" and tokens[0].kind == "word":
            if [one.text for one in tokens[1:4]] not in (["[", "1", "]"], ["[", "1..1", "]"]):
                raise refuse(line.number, _("Features that can be taken several times are not supported."))
            tokens = tokens[4:]
        if tokens and tokens[0].text == "{" and tokens[0].kind == "sign":
            attributes = Attributes(tokens, line.number)
            feature.attributes = dict(attributes.braces(0))
            self.constraints += attributes.constraints
            tokens = tokens[attributes.at :]
            self.leave_out(feature)
        if tokens:
            raise refuse(line.number, _("“%(token)s” is not expected here.", token=tokens[0].text[:40]))
        return feature

    def leave_out(self, feature: Feature) -> None:
        """What a model has no place for goes, and is told."""
        other = feature.attributes.pop("featureDescription__", None)
        feature.attributes.setdefault("description", other if isinstance(other, str) else "")
        for name, value in list(feature.attributes.items()):
            if isinstance(value, Decimal) or name == MARK:
                continue
            texts = (value,) if isinstance(value, str) else value.values() if isinstance(value, Mapping) else (None,)
            if name not in LONGEST or not all(isinstance(text, str) for text in texts):
                del feature.attributes[name]
                if name not in SILENT:
                    self.notes[_("The attribute “%(name)s” is no number and was left out.", name=name[:80])] = None
            elif any(len(unescaped(text)) > LONGEST[name] for text in texts):
                reason = _("“%(name)s” has at most %(most)s characters.", name=name, most=LONGEST[name])
                raise refuse(feature.line, reason, "too_large")


class Attributes:
    """Reads ``{price 20, label 'S', size {width 3}}``."""

    def __init__(self, tokens: list[Token], line: int) -> None:
        self.tokens, self.line, self.at = tokens, line, 0
        self.constraints: list[Constraint] = []

    def next(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else Token("sign", "", self.line)

    def take(self) -> Token:
        token = self.next()
        self.at += 1
        self.line = token.line
        return token

    def is_sign(self, *signs: str) -> bool:
        return self.next().kind == "sign" and self.next().text in signs

    def braces(self, depth: int) -> dict[str, Value]:
        """What stands between braces."""
        if depth > 10:
            raise refuse(self.line, _("Attributes lie too deep in one another."))
        self.take()
        found: dict[str, Value] = {}
        while not self.is_sign("}"):
            key = self.take()
            if key.kind not in ("word", "name") or key.text in found:
                raise refuse(key.line, _("“%(token)s” is not expected here.", token=key.text[:40]))
            if key.text in ("constraint", "constraints") and key.kind == "word":
                self.constraint()
            else:
                found[key.text] = self.value(depth)
            if self.is_sign(","):
                self.take()
            elif not self.is_sign("}"):
                raise refuse(self.line, _("Put a comma between attributes."))
        self.take()
        return found

    def value(self, depth: int) -> Value:
        if self.is_sign(",", "}"):
            return True
        if self.is_sign("{"):
            return self.braces(depth + 1)
        if self.is_sign("["):
            while not self.is_sign("]", ""):
                self.take()
            self.take()
            return None
        token = self.take()
        if token.kind in ("string", "name"):
            return token.text
        if token.text in ("true", "false"):
            return token.text == "true"
        if NUMBER.match(token.text):
            return Decimal(token.text)
        raise refuse(token.line, _("“%(token)s” is no value of an attribute.", token=token.text[:40]))

    def constraint(self) -> None:
        """Constraints that stand at a feature hold like all others."""
        listed = self.is_sign("[")
        if listed:
            self.take()
        while not self.is_sign("]" if listed else "}", ""):
            formulas = Formulas(self.tokens, self.line, self.at)
            self.constraints.append(Constraint(formulas.expression(1, 0), self.line))
            self.at = formulas.at
            if not self.is_sign(","):
                break
            if not listed:
                return
            self.take()
        if listed:
            self.take()


class Formulas:
    """Reads ``a & !b => c`` over names. ``=>`` binds to the left, as the grammar of UVL says."""

    def __init__(self, tokens: list[Token], line: int, at: int = 0) -> None:
        self.tokens, self.line, self.at = tokens, line, at

    def next(self) -> str:
        """The next sign, or nothing."""
        token = self.tokens[self.at] if self.at < len(self.tokens) else None
        return token.text if token and token.kind == "sign" else ""

    def whole(self) -> Formula:
        """The formula that all tokens make."""
        formula = self.expression(1, 0)
        if self.at < len(self.tokens):
            raise self.unexpected(self.tokens[self.at])
        return formula

    def expression(self, binds: int, depth: int) -> Formula:
        if depth > MOST_DEPTH:
            raise refuse(self.line, _("This formula is nested too deeply."), "too_large")
        left = self.unary(depth)
        while BINDS.get(self.next(), 0) >= binds:
            sign = self.next()
            parts = [left]
            while self.next() == sign and (len(parts) == 1 or sign in "&|"):
                self.at += 1
                parts.append(self.expression(BINDS[sign] + 1, depth + 1))
            if sign in "&|":
                left = And(tuple(parts)) if sign == "&" else Or(tuple(parts))
            else:
                left = Implies(*parts) if sign == "=>" else Iff(*parts)
        return left

    def unary(self, depth: int) -> Formula:
        turned = False
        while self.next() == "!":
            self.at += 1
            turned = not turned
        formula = self.atom(depth)
        return Not(formula) if turned else formula

    def atom(self, depth: int) -> Formula:
        if self.at >= len(self.tokens):
            raise refuse(self.line, _("The formula ends too early."))
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "sign" and token.text == "(":
            formula = self.expression(1, depth + 1)
            if self.next() != ")":
                raise self.unexpected(self.tokens[self.at] if self.at < len(self.tokens) else token)
            self.at += 1
            return formula
        number = token.kind == "word" and NUMBER.match(token.text)
        if token.kind not in ("word", "name") or number or self.next() == "(":
            raise self.unexpected(token)
        return Var(token.text)

    def unexpected(self, token: Token) -> Exception:
        arithmetic = (
            token.kind == "string" or token.text in ARITHMETIC or NUMBER.match(token.text) or self.next() == "("
        )
        if arithmetic:
            return refuse(token.line, _("Sums, comparisons and functions in constraints are not supported."))
        return refuse(token.line, _("“%(token)s” is not expected here.", token=token.text[:40]))
