"""What plugins answer, taken apart inside their call: what is wrong with it is their failure, in their budget, and what
comes out is plain and holds nothing of theirs that could still run (or break) on our side."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

from codesign.hooks.facts import Facet, Found, Hit
from codesign.kernel.contribution import ALLOW, HOLD, REFUSE, WARN, Verdict
from codesign.kernel.text import Sentence

#: How strict a verdict is: the strictest of several counts.
STRICTNESS = {ALLOW: 0, WARN: 1, HOLD: 2, REFUSE: 3}
#: More hits, ways to narrow, reasons and characters than these are cut off.
MOST_HITS, MOST_FACETS, MOST_REASONS, LONGEST_MEANT, LONGEST_SNIPPET = 500, 60, 50, 200, 300
FACET_FIELDS = ("status", "tag", "author")
_MOST_COUNTED = 10**9


class WrongAnswer(TypeError):
    """An answer that is not what the moment asks for."""


def verdict(value: Any) -> Verdict | None:
    """A verdict on a text, or nothing to say."""
    if value is None:
        return None
    if not isinstance(value, Verdict) or not isinstance(value.reasons, list | tuple):
        raise WrongAnswer(f"answered a {type(value).__name__}, which is no verdict")
    decision = _text(value.decision)
    if decision not in STRICTNESS:
        raise WrongAnswer(f"decided {decision!r}, which is no verdict")
    return Verdict(decision, tuple(_text(reason) for reason in value.reasons[:MOST_REASONS]))


def hits(value: Any) -> list[Hit] | None:
    """The hits in an answer, or nothing to say."""
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        raise WrongAnswer(f"answered a {type(value).__name__}, which is no list of hits")
    return [_hit(hit) for hit in value[:MOST_HITS]]


def found(value: Any) -> Found | None:
    """What a search has found: hits alone, or a whole answer."""
    if not isinstance(value, Found):
        plain = hits(value)
        return None if plain is None else Found(plain)
    if not isinstance(value.facets, list | tuple):
        raise WrongAnswer(f"answered a {type(value.facets).__name__}, which is no list of facets")
    facets = tuple(_facet(facet) for facet in value.facets[:MOST_FACETS] if _is_known(facet))
    return Found(hits(value.hits) or [], _text(value.did_you_mean)[:LONGEST_MEANT], facets)


def slot_data(value: Any) -> Mapping[str, Any] | None:
    """What a slot's template draws with; it is drawn inside the call as well."""
    if value is not None and not isinstance(value, Mapping):
        raise WrongAnswer(f"answered a {type(value).__name__}; a slot takes a mapping or None")
    return value


#: What is made of the answer to a moment; the other moments answer nothing.
SHAPES: dict[str, Callable[[Any], Any]] = {
    "review_contribution": verdict,
    "search_contributions": found,
    "find_similar": hits,
    "fill_slot": slot_data,
}


def _hit(hit: Any) -> Hit:
    if not isinstance(hit, Hit) or not isinstance(hit.marks, list | tuple):
        raise WrongAnswer(f"answered a {type(hit).__name__} among things that are no hits")
    weight = float(hit.weight)
    if not isfinite(weight):
        raise WrongAnswer(f"answered a hit with the weight {weight}")
    return Hit(
        _text(hit.kind), _text(hit.id), _text(hit.space_id), weight, _text(hit.snippet)[:LONGEST_SNIPPET],
        tuple(_pairs(hit.marks)),
    )  # fmt: skip


def _pairs(marks: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """The marks that can be drawn."""
    for mark in marks:
        if isinstance(mark, list | tuple) and [type(each) for each in mark] == [int, int]:
            yield mark[0], mark[1]


def _is_known(facet: Any) -> bool:
    """Whether the page can narrow by it: later versions may know more."""
    return isinstance(facet, Facet) and facet.field in FACET_FIELDS


def _facet(facet: Facet) -> Facet:
    count = min(operator.index(facet.count), _MOST_COUNTED)
    return Facet(_text(facet.field), _text(facet.value), _text(facet.label), count)


def _text(value: Any) -> str:
    """*value* as a plain text that can be stored and sent; sentences stay translatable."""
    if not isinstance(value, str):
        raise WrongAnswer(f"answered a {type(value).__name__} where a text belongs")
    if type(value) is Sentence:
        filled = {
            name: each if type(each) in (int, float) else _text(str(each)) for name, each in value.parameters.items()
        }
        plain: str = Sentence(_text(value.message), **filled)
    else:
        plain = str.__str__(value)
    plain.encode()  # raises for half of a pair of surrogates: it could not be sent
    if "\0" in plain:
        raise WrongAnswer("answered a text with a NUL in it")
    return plain


def refuse_unwritable(parts: Any) -> None:
    """Raise TypeError or ValueError for parts of scores that cannot be kept as JSON: a failure of their rule, not of
    whoever writes all of them down."""
    written = json.dumps(parts, ensure_ascii=False, allow_nan=False)
    written.encode()
    if "\\u0000" in written:
        raise WrongAnswer("a part of a score has a NUL in its words")
