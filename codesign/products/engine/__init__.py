"""The configuration engine: what a product model allows, and why. Pure: no database, no web, no state but a cache.

Words: a *model* has *groups* of *options* and *rules*; *decisions* are what a person chose, on or off; a *configuration* is a
decision about every option. docs/products-engine.md tells how it works.
"""

from codesign.products.engine import counting, feature_ide, formula, uvl
from codesign.products.engine.answers import (
    Analysis,
    Explanation,
    Finding,
    Migration,
    Propagation,
    Reason,
    Repair,
    State,
    Totals,
)
from codesign.products.engine.compiled import Compiled, compile, compiled
from codesign.products.engine.model import Attribute, Group, Model, Number, Option, Rule, Text, say
from codesign.products.engine.reading import read
from codesign.products.engine.rules import rule
from codesign.products.engine.source import parse, show
from codesign.products.engine.versions import breaks, followed
from codesign.products.engine.writing import content_hash, write

__all__ = [
    "Analysis",
    "Attribute",
    "Compiled",
    "Explanation",
    "Finding",
    "Group",
    "Migration",
    "Model",
    "Number",
    "Option",
    "Propagation",
    "Reason",
    "Repair",
    "Rule",
    "State",
    "Text",
    "Totals",
    "breaks",
    "compile",
    "compiled",
    "content_hash",
    "counting",
    "feature_ide",
    "followed",
    "formula",
    "parse",
    "read",
    "rule",
    "say",
    "show",
    "uvl",
    "write",
]
