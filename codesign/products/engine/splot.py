"""Reads the texts inside a file of S.P.L.O.T. (SXFM): a tree by tabs, and clauses.

``:r`` begins the feature at the top, ``:m`` a mandatory and ``:o`` an optional one, ``:g [1,*]`` a group whose features begin
with ``:``. A feature may have an id in parentheses, which the clauses use; those without are told apart by their place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from codesign.kernel.text import _
from codesign.products.engine.feature_tree import Branch, Constraint, Feature, Tree, refuse
from codesign.products.engine.formula import Formula, Not, Or, Var
from codesign.products.engine.model import MOST_DEPTH
from codesign.products.engine.reading import ID

LINE = re.compile(r"(?P<indent>[ \t]*):(?P<kind>[rmog]?)(?=[ \t]|$)[ \t]*(?P<rest>.*?)\s*\Z")
NAMED = re.compile(r"(?P<label>.*?)\s*\((?P<id>[^()]*)\)\Z")
SPAN = re.compile(r"(?:\([^()]*\)\s*)?\[\s*(\d{1,6})\s*,\s*(\d{1,6}|\*)\s*\]\Z")
CLAUSE = re.compile(r"(?P<id>[^:\s]+)\s*:\s*(?P<clause>.*?)\s*\Z")
OR = re.compile(r"\s+or\s+", re.IGNORECASE)
LITERAL = re.compile(r"(?P<not>~\s*)?(?P<name>[^\s~&|()<>=!]+)\Z")

Text = tuple[str, int]
"""A text, and the line of the file in which it begins."""


def splot_tree(features: Text, constraints: Text) -> Tree:
    """The tree and the constraints of a file."""
    root = _features(features)
    return Tree(root, [_constraint(text, line) for text, line in _lines(constraints)])


def _lines(given: Text) -> Iterator[Text]:
    text, first = given
    for number, line in enumerate(text.split("\n"), first):
        if line.strip():
            yield line.rstrip(), number


def _features(given: Text) -> Feature:
    root: Feature | None = None
    stack: list[tuple[int, Feature | Branch]] = []
    unnamed: Counter[str] = Counter()
    for text, line in _lines(given):
        match = LINE.match(text)
        if not match:
            raise refuse(line, _("A feature begins with :r, :m, :o, :g or a colon alone."))
        indent = len(match["indent"].expandtabs(4))
        while stack and stack[-1][0] >= indent:
            stack.pop()
        above = stack[-1][1] if stack else None
        if (above is None) != (match["kind"] == "r") or (above is None and root is not None):
            raise refuse(line, _("There is one feature at the top, and it begins with :r."))
        if len(stack) > 2 * MOST_DEPTH + 4:
            raise refuse(line, _("Features lie too deep in one another."), "too_large")
        if match["kind"] == "g":
            if not isinstance(above, Feature):
                raise refuse(line, _("A group lies below a feature."))
            group = _group(match["rest"], line)
            above.branches.append(group)
            stack.append((indent, group))
        else:
            feature = _feature(match["rest"], line, unnamed)
            _put(above, feature, match["kind"])
            root = root or feature
            stack.append((indent, feature))
    if root is None:
        raise refuse(max(given[1], 1), _("There are no features in this file."))
    return root


def _group(rest: str, line: int) -> Branch:
    span = SPAN.match(rest)
    if not span:
        raise refuse(line, _("Write how many of a group: [1,1], [1,*] or two other numbers."))
    return Branch(int(span[1]), None if span[2] == "*" else int(span[2]), line)


def _feature(rest: str, line: int, unnamed: Counter[str]) -> Feature:
    named = NAMED.match(rest)
    label, id = (named["label"], named["id"].strip()) if named else (rest, "")
    if not label and not id:
        raise refuse(line, _("A feature needs a name."))
    made = Feature(label or id, line, id=id)
    if not id:
        # Labels repeat in these files. No clause can speak of a feature without an id: a name that none can write will do.
        unnamed[label] += 1
        made.id = f"\0{label}" + (f"\0{unnamed[label]}" if unnamed[label] > 1 else "")
    return made


def _put(above: Feature | Branch | None, made: Feature, kind: str) -> None:
    """Below a feature, neighbours of one kind make a group; in a group, the letter says nothing."""
    if isinstance(above, Branch):
        above.features.append(made)
    elif isinstance(above, Feature):
        least = None if kind == "m" else 0
        last = above.branches[-1] if above.branches else None
        if last is None or last.least != least or not last.made_of_neighbours:
            above.branches.append(Branch(least, None, made.line, made_of_neighbours=True))
        above.branches[-1].features.append(made)


def _constraint(text: str, line: int) -> Constraint:
    match = CLAUSE.match(text.strip())
    if not match:
        raise refuse(line, _("A constraint has a name, a colon and a clause."))
    parts = tuple(_literal(part, line) for part in OR.split(match["clause"]))
    id = match["id"] if ID.match(match["id"]) else ""
    return Constraint(parts[0] if len(parts) == 1 else Or(parts), line, id)


def _literal(text: str, line: int) -> Formula:
    match = LITERAL.match(text.strip())
    if not match:
        raise refuse(line, _("Only clauses are supported: names with “~” before them, and “or” between them."))
    return Not(Var(match["name"])) if match["not"] else Var(match["name"])
