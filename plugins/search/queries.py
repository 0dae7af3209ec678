"""What people type, understood. Whoosh's parser reads it; nothing anybody can type is an error.

Words and "phrases" must all occur, ``OR`` between them asks for one of them, ``-`` leaves out, ``exp*`` stands for
every word that begins so. ``title:`` looks at titles alone; ``tag: status: author: is: after: before: date:`` narrow
what is found.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from .words import RUN

ANY, TITLE = "any", "title"
#: What narrows; values with spaces stand in quotes.
NARROWING = ("tag", "status", "author", "is", "after", "before", "date")
MOST_LETTERS = 500
#: Brackets in brackets that still mean something; databases stumble over many more.
DEEPEST = 12
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))


@dataclass(frozen=True)
class Word:
    """One word as it was typed; *prefix* stands for every word that begins so."""

    text: str
    where: str = ANY
    prefix: bool = False


@dataclass(frozen=True)
class Phrase:
    """Words that must follow one another."""

    text: str
    where: str = ANY


@dataclass(frozen=True)
class All:
    """Every one of the parts."""

    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Some:
    """At least one of the parts."""

    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Not:
    """Not this."""

    part: Any


@dataclass(frozen=True)
class Narrow:
    """One thing that narrows: *field* has one of *values* (or, ``negated``, none of them)."""

    field: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class Query:
    """A query: the words that are looked for (None: everything), what narrows, and the text it came from."""

    text: str
    words: Any = None
    narrow: tuple[Narrow, ...] = ()

    def plain_words(self) -> list[str]:
        """Its words, phrases taken apart, without what is left out."""
        return [word for leaf in leaves(self.words) for word in leaf.text.split()]

    @property
    def is_plain(self) -> bool:
        """Whether these are words and phrases, nothing else: then a text that has most of the words will do where none
        has all."""
        return all(isinstance(part, Word | Phrase) for part in self.parts)

    @property
    def parts(self) -> tuple[Any, ...]:
        """What is asked for, one by one."""
        return self.words.parts if isinstance(self.words, All) else () if self.words is None else (self.words,)


def leaves(node: Any) -> Iterator[Word | Phrase]:
    """The words and phrases that are looked for."""
    if isinstance(node, Word | Phrase):
        yield node
    elif isinstance(node, All | Some):
        for part in node.parts:
            yield from leaves(part)


def parse(text: str, typing: bool = False) -> Query:
    """The query in *text*; while somebody is still ``typing``, the last word may be the beginning of one."""
    text = " ".join(text.replace("\x00", " ")[:MOST_LETTERS].translate(_QUOTES).split())
    try:
        found = _shape(_parser().parse(text, normalize=False))
    except Exception:  # a parser that stumbles must not keep anybody from searching
        found = None
    if found is None or _depth(found) > DEEPEST:
        found = _together(All, [Word(word) for word in _words_of(text)])
    words, narrow = _split(found)
    if typing and words is not None and text[-1:].isalnum():
        words = _open_end(words)
    return Query(text, words, tuple(narrow))


@cache
def _parser() -> Any:
    with warnings.catch_warnings():  # Whoosh's sources are older than Python's care for backslashes
        warnings.simplefilter("ignore", SyntaxWarning)
        from whoosh import qparser as typed  # a third of a second that no start should wait for
        from whoosh.analysis import IDTokenizer, LowercaseFilter
        from whoosh.fields import ID, TEXT, Schema
    whole = IDTokenizer() | LowercaseFilter()
    schema = Schema(**{name: TEXT(analyzer=whole) for name in (ANY, TITLE)}, **{name: ID() for name in NARROWING})
    prefixes, signs = (
        typed.PrefixPlugin(),
        typed.PlusMinusPlugin(plusexpr=r"(?<![^\s(])\+(?=\S)", minusexpr=r"(?<![^\s(])-(?=[^\s-])"),
    )
    prefixes.expr = re.compile(r'(?P<text>[^\s*:"()]+)[*](?=\s|$|\))')
    words = typed.OperatorsPlugin(
        And=r"(?<=\s)AND(?=\s)",
        Or=r"(?<=\s)OR(?=\s)",
        Not=r"(?<!\S)NOT(?=\s)",
        AndNot=None,
        AndMaybe=None,
        Require=None,
    )
    fields = typed.FieldsPlugin(r"(?P<text>\w+):(?=[^\s:])")
    plugins = [typed.WhitespacePlugin(), prefixes, typed.PhrasePlugin(), fields, typed.GroupPlugin(), words, signs]
    return typed.QueryParser(ANY, schema, plugins=plugins)


def _depth(node: Any) -> int:
    if isinstance(node, All | Some):
        return 1 + max(map(_depth, node.parts))
    return 1 + _depth(node.part) if isinstance(node, Not) else 0


def _shape(node: Any) -> Any:
    """Whoosh's tree as ours; None for what says nothing."""
    from whoosh import query as parsed

    if isinstance(node, parsed.AndNot):
        return _together(All, [_shape(node.a), _without(node.b)])
    if isinstance(node, parsed.Not):
        return _without(node.query)
    if isinstance(node, parsed.Or):
        return _together(Some, map(_shape, node.subqueries))
    if isinstance(node, parsed.And):
        return _together(All, map(_shape, node.subqueries))
    if isinstance(node, parsed.BinaryQuery):
        return _together(All, [_shape(node.a), _shape(node.b)])
    if isinstance(node, parsed.Prefix):
        return _leaf(node.fieldname, node.text, prefix=True)
    if isinstance(node, parsed.Phrase):
        return _leaf(node.fieldname, " ".join(node.words), phrase=True)
    return _leaf(node.fieldname, str(node.text)) if isinstance(node, parsed.Term) else None


def _leaf(where: str, text: str, *, prefix: bool = False, phrase: bool = False) -> Any:
    if where in NARROWING:
        return Narrow(where, (text.strip(),)) if text.strip() else None
    bare = _words_of(text)
    if not bare:
        return None
    if phrase and len(bare) > 1:
        return Phrase(" ".join(bare), where)
    return _together(All, [*(Word(word, where) for word in bare[:-1]), Word(bare[-1], where, prefix)])


def _words_of(text: str) -> list[str]:
    return [run[0] for run in RUN.finditer(text)]


def _together(kind: type[All] | type[Some], parts: Iterable[Any]) -> Any:
    """The parts under one roof, roofs of the same kind opened; what narrows one field by ``OR`` becomes one."""
    kept: list[Any] = []
    for part in parts:
        if part is not None:
            kept.extend(part.parts if isinstance(part, kind) else (part,))
    if len(kept) < 2:
        return kept[0] if kept else None
    alike = all(isinstance(part, Narrow) and not part.negated and part.field == kept[0].field for part in kept)
    if kind is Some and isinstance(kept[0], Narrow) and alike:
        return Narrow(kept[0].field, tuple(value for part in kept for value in part.values))
    return kind(tuple(kept))


def _without(node: Any) -> Any:
    """Not this: several things that are left out are left out one by one."""
    inner = _shape(node)
    if isinstance(inner, Some):
        return _together(All, [_negated(part) for part in inner.parts])
    return None if inner is None else _negated(inner)


def _negated(part: Any) -> Any:
    if isinstance(part, Narrow):
        return replace(part, negated=not part.negated)
    return part.part if isinstance(part, Not) else Not(part)


def _split(node: Any) -> tuple[Any, list[Narrow]]:
    """The words of a query, and what narrows it. Deeper inside, something that narrows is a word like any other."""
    parts = node.parts if isinstance(node, All) else () if node is None else (node,)
    narrow = [part for part in parts if isinstance(part, Narrow)]
    words = _together(All, [_as_words(part) for part in parts if not isinstance(part, Narrow)])
    return words, narrow


def _as_words(node: Any) -> Any:
    if isinstance(node, Narrow):
        found = [_leaf(ANY, value, phrase=True) for value in node.values]
        words = _together(Some, found)
        return Not(words) if node.negated and words is not None else words
    if isinstance(node, Not):
        inner = _as_words(node.part)
        return None if inner is None else Not(inner)
    if isinstance(node, All | Some):
        return _together(type(node), [_as_words(part) for part in node.parts])
    return node


def _open_end(node: Any) -> Any:
    """The same, its last word as the beginning of one. A single letter after other words says nothing yet."""
    if isinstance(node, Word):
        return replace(node, prefix=True)
    if not isinstance(node, All) or not isinstance(node.parts[-1], Word):
        return node
    *before, last = node.parts
    if len(last.text) > 1 or not last.text.isascii():
        return All((*before, replace(last, prefix=True)))
    return _together(All, before)
