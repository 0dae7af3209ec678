"""What our own UVL says beyond UVL, in attributes that other tools skip: written by `uvl_writing`, understood here.

Everything of ours stands in one attribute, ``codesign``: at the feature at the top the version, the declarations of attributes
and the rules' ids and messages; at a feature that stands for a group what the group is called. Texts of ours may hold what
UVL's strings cannot (a quotation mark, a new line): as ``\\u0027``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from codesign.kernel.text import _
from codesign.products.engine.feature_tree import Branch, Constraint, Feature, Tree, walk
from codesign.products.engine.reading import stepped_options

MARK = "codesign"
FORMAT = 1
"""Of what stands in our attribute; another number means another reader."""
SINGLE = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
KEYWORDS = frozenset(
    (
        "features",
        "constraints",
        "constraint",
        "mandatory",
        "optional",
        "or",
        "alternative",
        "namespace",
        "imports",
        "include",
    )
) | frozenset(
    (
        "as",
        "cardinality",
        "true",
        "false",
        "Boolean",
        "Integer",
        "Real",
        "String",
        "Arithmetic",
        "Type",
        "sum",
        "avg",
        "len",
    )
)
"""Words of UVL, which stand in quotes where they are names."""


def quoted(name: str) -> str:
    """*name* as it stands in a file: in quotes unless it is one plain word."""
    return name if SINGLE.match(name) and name not in KEYWORDS else f'"{name}"'


def escaped(text: str) -> str:
    """*text* as a string of UVL, which knows no quotation mark, no new line and no escapes of its own."""
    return "'" + re.sub(r"['\\\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]", _escape, text) + "'"


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def unescaped(value: Any) -> Any:
    """What `escaped` was given; also inside mappings."""
    if isinstance(value, Mapping):
        return {key: unescaped(below) for key, below in value.items()}
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), value) if isinstance(value, str) else value


def ours(tree: Tree) -> Tree:
    """*tree* with our own attributes understood, if the file is ours; else without attributes of that name."""
    mark = tree.root.attributes.pop(MARK, None)
    if not isinstance(mark, Mapping) or mark.get("format") != FORMAT:
        for feature in walk(tree.root):
            feature.attributes.pop(MARK, None)
            for key in ("replaces", "idea"):
                feature.attributes.pop(key, None)
        return tree
    mark = unescaped(mark)
    tree.product = mark.get("product", "")
    tree.version = _whole(mark.get("version"))
    tree.same = {}
    for feature in walk(tree.root):
        _restore(tree, feature)
    for feature in list(walk(tree.root)):
        feature.branches = [_unwrapped(tree, feature, branch) for branch in feature.branches]
    _restore_attributes(tree, mark.get("attributes"))
    _restore_rules(tree, mark.get("rules"))
    return tree


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, Decimal) and value == int(value) else None


def _restore(tree: Tree, feature: Feature) -> None:
    """Texts without their escapes, and the id where the name had to differ from it."""
    since = feature.attributes.pop("since", None)
    feature.attributes = {key: unescaped(value) for key, value in feature.attributes.items()}
    if isinstance(since, Decimal):
        feature.since = _whole(since)
    mark = feature.attributes.get(MARK)
    if isinstance(mark, Mapping) and "group" not in mark and isinstance(mark.get("id"), str):
        feature.id = mark["id"]
        tree.same[feature.name] = feature.id


def _unwrapped(tree: Tree, above: Feature, branch: Branch) -> Branch:
    """The group itself, where *branch* only holds the feature that stands for it."""
    while len(branch.features) == 1 and branch.least is None and len(branch.features[0].branches) == 1:
        wrapper = branch.features[0]
        mark = wrapper.attributes.get(MARK)
        if not isinstance(mark, Mapping) or not isinstance(mark.get("group"), str):
            break
        tree.same[wrapper.name] = None if above is tree.root else above.id or above.name
        branch = wrapper.branches[0]
        branch.made = {
            "id": mark["group"],
            "label": wrapper.attributes.get("label"),
            "description": wrapper.attributes.get("description"),
            "number": _number(mark["group"], mark.get("number"), branch),
        }
    return branch


def _number(group: str, given: Any, branch: Branch) -> dict[str, Any] | None:
    """The stepped number, if the features below are still its steps."""
    if not isinstance(given, Mapping):
        return None
    document = {key: _plain(value) for key, value in given.items()}
    start, to, step = (given.get(key) for key in ("from", "to", "step"))
    if not isinstance(start, Decimal) or not isinstance(to, Decimal) or not isinstance(step, Decimal) or step <= 0:
        return None
    if not 0 <= (to - start) / step < 1000:
        return None
    steps = [option.id for option in stepped_options(group, number_of(start, to, step))]
    return document if steps == [below.id or below.name for below in branch.features] else None


def number_of(start: Decimal, to: Decimal, step: Decimal) -> Any:
    """A bare stepped number."""
    from codesign.products.engine.model import Number

    return Number(start.normalize() + 0, to.normalize() + 0, step.normalize() + 0)


def _plain(value: Any) -> Any:
    """For a document: numbers as text."""
    if isinstance(value, Mapping):
        return {key: _plain(below) for key, below in value.items()}
    return f"{value:f}" if isinstance(value, Decimal) else value


def _restore_attributes(tree: Tree, given: Any) -> None:
    """The declarations: ``attributes {price {unit 'EUR', decimals 2}}``."""
    declared: dict[str, dict[str, Any]] = {}
    names: dict[Any, str] = {}
    for name, one in given.items() if isinstance(given, Mapping) else ():
        if isinstance(one, Mapping):
            kept = {key: _whole(value) if isinstance(value, Decimal) else value for key, value in one.items()}
            names[name] = str(kept.pop("id", name))
            declared[names[name]] = kept
    tree.attributes = declared
    for feature in walk(tree.root):
        feature.attributes = {names.get(key, key): value for key, value in feature.attributes.items() if key != MARK}
    for feature in walk(tree.root):
        for branch in feature.branches:
            if branch.made.get("number"):
                each = branch.made["number"].get("each") or {}
                branch.made["number"]["each"] = {names.get(key, key): value for key, value in each.items()}


def _restore_rules(tree: Tree, given: Any) -> None:
    """Ids and messages, in the order of the constraints."""
    rules = list(given.values()) if isinstance(given, Mapping) else []
    if len(rules) != len(tree.constraints) or not all(isinstance(one, Mapping) for one in rules):
        if rules or tree.constraints:
            tree.notes[_("There are more or fewer constraints than messages, so all messages were made anew.")] = None
        return
    tree.constraints = [
        Constraint(constraint.formula, constraint.line, one.get("id", ""), one.get("message", ""))
        for constraint, one in zip(tree.constraints, rules, strict=True)
    ]
