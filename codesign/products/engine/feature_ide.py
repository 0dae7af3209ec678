"""Reads feature models in XML: FeatureIDE's (``featureModel``, ``extendedFeatureModel``) and S.P.L.O.T.'s (``feature_model``).

The parser is defusedxml's: no document types, no entities, nothing fetched. Size, depth and number of elements are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml import sax
from defusedxml.common import DefusedXmlException

from codesign.kernel.text import _
from codesign.products.engine.feature_tree import MOST_CHARACTERS, Branch, Constraint, Feature, Tree, refuse, to_model
from codesign.products.engine.formula import And, Formula, Iff, Implies, Not, Or, Var
from codesign.products.engine.model import Model
from codesign.products.engine.splot import splot_tree

MOST_ELEMENTS = 1_000_000
MOST_NESTED = 300
"""Elements in elements: a formula of FeatureIDE is written that way, a long chain of “or” is deep."""
MOST_DESCRIPTION = 5_000
FEATURES = ("feature", "and", "or", "alt")
BESIDES = frozenset(("graphics", "tags", "properties", "property"))
NUMBERS = frozenset(("long", "double", "int", "integer", "float"))


@dataclass
class Element:
    """One element. *line* is where it begins, *text_line* where its text does."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    text_line: int = 0

    @property
    def text(self) -> str:
        """What stands in it beside its children."""
        return "".join(self.texts)

    def child(self, *tags: str) -> Element | None:
        """The first child of one of these names."""
        return next((one for one in self.children if one.tag in tags), None)


def read(data: bytes) -> Model:
    """The model that an XML file of FeatureIDE or S.P.L.O.T. describes.

    Raises Invalid with line and reason where the file asks for something a model cannot say.
    """
    return read_with_notes(data)[0]


def read_with_notes(data: bytes) -> tuple[Model, tuple[str, ...]]:
    """The model, and sentences about what was left out because it changes no configuration."""
    top = elements(data)
    if top.tag == "feature_model":
        tree = _splot(top)
    elif top.tag in ("featureModel", "extendedFeatureModel"):
        tree = _FeatureIde(top).tree()
    else:
        raise refuse(top.line, _("This is no feature model of FeatureIDE or S.P.L.O.T."))
    return to_model(tree), tuple(tree.notes)


def elements(data: bytes) -> Element:
    """The elements of *data*."""
    if len(data) > MOST_CHARACTERS:
        raise refuse(1, _("A file has at most %(most)s characters.", most=MOST_CHARACTERS), "too_large")
    handler = _Handler()
    try:
        sax.parseString(data, handler, forbid_dtd=True)
    except DefusedXmlException:
        raise refuse(1, _("Document types and entities are not read.")) from None
    except SAXParseException as error:
        raise refuse(
            error.getLineNumber() or 1, _("This is not well-formed XML: %(why)s", why=error.getMessage())
        ) from None
    except (UnicodeError, LookupError, ValueError):
        raise refuse(1, _("The characters of this file cannot be read.")) from None
    assert handler.top is not None
    return handler.top


class _Handler(ContentHandler):
    """Builds elements that know their line."""

    def __init__(self) -> None:
        super().__init__()
        self.top: Element | None = None
        self.open: list[Element] = []
        self.count = 0
        self.locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:
        self.locator = locator

    @property
    def line(self) -> int:
        return (self.locator.getLineNumber() if self.locator else 1) or 1

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self.count += 1
        if self.count > MOST_ELEMENTS or len(self.open) > MOST_NESTED:
            raise refuse(self.line, _("There are too many elements, or they lie too deep in one another."), "too_large")
        element = Element(name, dict(attrs.items()), self.line)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.top = element
        self.open.append(element)

    def characters(self, content: str) -> None:
        element = self.open[-1]
        element.text_line = element.text_line or self.line
        element.texts.append(content)

    def endElement(self, name: str) -> None:
        self.open.pop()


def _splot(top: Element) -> Tree:
    features, constraints = top.child("feature_tree"), top.child("constraints")
    if features is None:
        raise refuse(top.line, _("There are no features in this file."))
    return splot_tree(
        (features.text, features.text_line), (constraints.text, constraints.text_line) if constraints else ("", 0)
    )


class _FeatureIde:
    """Reads ``struct`` and ``constraints``; whatever else FeatureIDE keeps in its files is about its own editor."""

    def __init__(self, top: Element) -> None:
        self.top = top
        self.notes: dict[str, None] = {}

    def tree(self) -> Tree:
        struct = self.top.child("struct")
        tops = [one for one in struct.children if one.tag in FEATURES] if struct else []
        if len(tops) != 1:
            raise refuse((struct or self.top).line, _("There is one feature at the top, in “struct”."))
        root = self.feature(tops[0])
        constraints = self.top.child("constraints")
        rules = [self.rule(one) for one in constraints.children if one.tag == "rule"] if constraints else []
        return Tree(root, rules, notes=self.notes)

    def feature(self, top: Element) -> Feature:
        """The feature with all below it (without recursion: files are deep)."""
        made = self.one(top)
        waiting = [(top, made)]
        while waiting:
            element, feature = waiting.pop()
            below = [(child, self.one(child)) for child in element.children if child.tag in FEATURES]
            feature.branches = list(branches(element, below))
            waiting += below
        return made

    def one(self, element: Element) -> Feature:
        name = element.attributes.get("name", "")
        if not name.strip():
            raise refuse(element.line, _("A feature needs a name."))
        feature = Feature(name, element.line)
        for child in element.children:
            if child.tag == "attribute":
                self.attribute(feature, child)
            elif child.tag == "description":
                self.description(feature, child)
            elif child.tag not in FEATURES and child.tag not in BESIDES:
                raise refuse(child.line, _("“%(tag)s” is not supported here.", tag=child.tag[:40]))
        return feature

    def description(self, feature: Feature, element: Element) -> None:
        text = "\n".join(line.strip() for line in element.text.strip().splitlines())
        if len(text) > MOST_DESCRIPTION:
            reason = _("“%(name)s” has at most %(most)s characters.", name="description", most=MOST_DESCRIPTION)
            raise refuse(element.line, reason, "too_large")
        feature.attributes["description"] = text

    def attribute(self, feature: Feature, element: Element) -> None:
        """Numbers are taken; an attribute without a value says only that others have one."""
        name, value = element.attributes.get("name", ""), element.attributes.get("value")
        if value is None or not name:
            return
        if element.attributes.get("type", "").lower() not in NUMBERS:
            self.notes[_("The attribute “%(name)s” is no number and was left out.", name=name[:80])] = None
            return
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or len(value) > 40:
            raise refuse(element.line, _("“%(value)s” is not a number.", value=value[:40]))
        feature.attributes[name + NUMERIC if name in TEXTS else name] = number
        feature.units[name + NUMERIC if name in TEXTS else name] = element.attributes.get("unit", "")

    def rule(self, element: Element) -> Constraint:
        formulas = [one for one in element.children if one.tag in FORMULAS]
        described = element.child("description")
        if len(formulas) != 1:
            raise refuse(element.line, _("A rule holds one formula."))
        message = " ".join(described.text.split()) if described else ""
        return Constraint(formula(formulas[0]), element.line, "", message[:2000])


NUMERIC = " (number)"
TEXTS = frozenset(("label", "description", "image", "replaces", "idea"))
"""Names of texts in a model; a number of that name gets another."""


def branches(element: Element, below: list[tuple[Element, Feature]]) -> Iterator[Branch]:
    """Groups of the features below one. In “and”, those that must be come before those that may be."""
    if element.tag in ("or", "alt"):
        if below:
            yield Branch(1, None if element.tag == "or" else 1, element.line, [feature for _element, feature in below])
        return
    for least, wanted in ((None, True), (0, False)):
        found = [feature for child, feature in below if (child.attributes.get("mandatory") == "true") is wanted]
        if found:
            yield Branch(least, None, element.line, found)


def _at_most_one(parts: list[Formula]) -> Formula:
    pairs = [(left, right) for index, left in enumerate(parts) for right in parts[index + 1 :]]
    return And(tuple(Or((Not(left), Not(right))) for left, right in pairs))


FORMULAS: dict[str, Callable[[list[Formula]], Formula] | None] = {
    "var": None,
    "not": lambda parts: Not(parts[0]),
    "conj": lambda parts: And(tuple(parts)),
    "disj": lambda parts: Or(tuple(parts)),
    "imp": lambda parts: Implies(*parts),
    "eq": lambda parts: Iff(*parts),
    "atmost1": _at_most_one,
}
COUNTS = {"not": (1, 1), "imp": (2, 2), "eq": (2, 2), "atmost1": (1, 100)}


def formula(element: Element) -> Formula:
    """The formula that an element says; “or” in “or” in “or” becomes one list."""
    if element.tag not in FORMULAS:
        raise refuse(element.line, _("“%(tag)s” in a formula is not supported.", tag=element.tag[:40]))
    make = FORMULAS[element.tag]
    if make is None:
        return Var(element.text.strip())
    parts = [formula(child) for child in element.children if child.tag not in ("description", "tags")]
    least, most = COUNTS.get(element.tag, (1, 1_000_000))
    if not least <= len(parts) <= most:
        raise refuse(element.line, _("“%(tag)s” holds the wrong number of parts.", tag=element.tag))
    made = make(parts)
    if isinstance(made, And | Or) and element.tag in ("conj", "disj"):
        kind = type(made)
        flat = [below for part in parts for below in (part.parts if isinstance(part, kind) else (part,))]
        return kind(tuple(flat)) if len(flat) > 1 else flat[0]
    return made
