"""From what was typed to what engines look for: stems in every language of the spaces, beginnings, slips of the hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import queries, vocabulary, words
from .engines.base import Row, Term, stems_in
from .queries import All, Not, Some

#: A pair of scripts without spaces must follow its neighbour up to this many; longer texts must have all their pairs.
_LONGEST_ROW = 6
#: From this many words that tell something on a text is a sentence, and what has most of its words will do.
SENTENCE = 4
#: A word that is used so many times as often as one a slip away is probably what was meant by it.
OFTEN = 20


@dataclass(frozen=True)
class Meaning:
    """What to look for: all of it (``node``), else most of it (``loose``; None where that would not be meant).

    ``meant`` is the query as it was probably meant, empty where nothing looks like a slip; ``slips`` are the words that do.
    ``stems`` are to be marked, ``typed`` are the words as they stand there.
    """

    node: Any
    loose: Any = None
    meant: str = ""
    slips: tuple[str, ...] = ()
    stems: frozenset[str] = frozenset()
    typed: frozenset[str] = frozenset()


@dataclass
class Reader:
    """Reads the words of one query for some spaces."""

    spaces: Sequence[str]
    otherwise: str = "en"
    corrected: dict[str, str] = field(default_factory=dict)
    #: In how many texts stems stand that were asked for so far.
    known: dict[str, int] = field(default_factory=dict)
    #: A word in no more texts than this may be a slip, also of those who wrote it.
    rare: int = 0

    def __post_init__(self) -> None:
        self.index = vocabulary.indexed(self.spaces)
        self.languages = self.index.languages or (self.otherwise,)

    def read(self, query: queries.Query) -> Meaning:
        """The meaning of a query; inside a read block."""
        self.rare = max(2, self.index.documents // 1000)
        stops = self._stop_words(query.plain_words())
        parts = [(part, self._node(part, stops)) for part in query.parts]
        node = _tidy(All(tuple(each for _part, each in parts if each is not None)))
        loose = _loosened(parts) if query.is_plain else None
        said = [term for part, each in parts if not isinstance(part, queries.Phrase) for term in _terms(each)]
        whole = _some_of(node) if query.is_plain else None
        if whole is not None and (len(said) >= SENTENCE or query.text.endswith(("?", "？"))):
            node, loose = loose or node, whole if whole != loose else None
        typed = frozenset(map(words.plain, query.plain_words()))
        return Meaning(node, loose, self._meant(query.text), tuple(self.corrected), frozenset(stems_in(node)), typed)

    def read_text(self, text: str) -> Meaning:
        """The meaning of a text that is no query: what has most of its words."""
        typed = [run[0] for run in words.RUN.finditer(text[: queries.MOST_LETTERS])]
        query = queries.Query(text, All(tuple(queries.Word(word) for word in typed)))
        node = _tidy(self._node(query.words, self._stop_words(typed)))
        loose = _some_of(node) or node
        return Meaning(loose, stems=frozenset(stems_in(loose)), typed=frozenset(map(words.plain, typed)))

    def _stop_words(self, typed: Sequence[str]) -> frozenset[str]:
        """Words that tell nothing in the language of the query, unless it has no others."""
        language = words.language_of(" ".join(typed), self.languages[0], self.languages)
        self._used(stem for word in typed for stem in self._stems(words.plain(word)))  # all of them at once
        common = words.stop_words(language)
        return common if any(words.plain(word) not in common for word in typed) else frozenset()

    def _node(self, node: Any, stops: frozenset[str]) -> Any:
        if isinstance(node, queries.Word):
            return self._word(node, stops)
        if isinstance(node, queries.Phrase):
            return self._phrase(node)
        if isinstance(node, Not):
            inner = self._node(node.part, frozenset())
            return None if inner is None else Not(inner)
        if isinstance(node, All | Some):
            return type(node)(
                tuple(part for part in (self._node(part, stops) for part in node.parts) if part is not None)
            )
        return None

    def _word(self, word: queries.Word, stops: frozenset[str]) -> Any:
        where = word.where
        plain = words.plain(word.text)
        tokens = list(words.tokens(word.text, words.PLAIN))
        if len(tokens) != 1:
            pairs = tuple(token.stem for token in tokens)
            if len(pairs) <= _LONGEST_ROW:
                return Row((pairs,), where) if pairs else None
            return All(tuple(Term((pair,), where) for pair in pairs))
        stems = [] if plain in stops else self._stems(plain)
        begun = word.prefix or words.is_paired(plain)
        longer = vocabulary.beginning(self.spaces, plain, stops) if begun else []
        used = self._used(stems)
        if plain not in stops and not longer and used <= self.rare:
            near = vocabulary.alike(self.spaces, plain, max(1, used * OFTEN))
            if not near or near[0][0] not in stops:
                stems += self._slip(word.text, near)
            elif not used:  # a slip, or another form, of a word that tells nothing
                return None
        stems += longer
        return Term(tuple(dict.fromkeys(stems)), where) if stems else None

    def _used(self, stems: Iterable[str]) -> int:
        """In how many texts these stems stand, nearly."""
        wanted = set(stems)
        if new := wanted - self.known.keys():
            counted = vocabulary.frequencies(self.spaces, new)
            self.known |= {stem: counted.get(stem, 0) for stem in new}
        return sum(self.known[stem] for stem in wanted)

    def _slip(self, typed: str, near: Sequence[tuple[str, list[str]]]) -> list[str]:
        """The stems of the words *near* one that nobody, or hardly anybody, has used."""
        if near:
            self.corrected[typed] = near[0][0]
        return [stem for _word, stems in near for stem in stems]

    def _stems(self, plain: str) -> list[str]:
        return list(dict.fromkeys(words.stem(plain, language) for language in self.languages))

    def _phrase(self, phrase: queries.Phrase) -> Any:
        where = phrase.where
        spellings = (tuple(words.stems(phrase.text, language)) for language in self.languages)
        found = tuple(dict.fromkeys(spelling for spelling in spellings if spelling))
        return Row(found, where) if found else None

    def _meant(self, text: str) -> str:
        if not self.corrected:
            return ""
        return words.RUN.sub(lambda run: self.corrected.get(run[0], run[0]), text)


def _tidy(node: Any, top: bool = True) -> Any:
    """A tree without empty branches; *not* stays where there is something beside it that is asked for."""
    if isinstance(node, Not):
        inner = _tidy(node.part, False)
        return Not(inner) if inner is not None else None
    if not isinstance(node, All | Some):
        return node
    parts = [part for part in (_tidy(part, False) for part in node.parts) if part is not None]
    asked = [part for part in parts if not isinstance(part, Not)]
    if isinstance(node, Some) or (not asked and not top):
        parts = asked
    if isinstance(node, All):
        parts = [one for part in parts for one in (part.parts if isinstance(part, All) else (part,))]
    if len(parts) < 2:
        return parts[0] if parts else None
    return type(node)(tuple(parts))


def _loosened(parts: Sequence[tuple[Any, Any]]) -> Any:
    """At least one of the words instead of all; phrases stay, they were put in quotes on purpose."""
    rows = [node for part, node in parts if isinstance(part, queries.Phrase) and node is not None]
    rest = [node for part, node in parts if not isinstance(part, queries.Phrase) and node is not None]
    some = _some_of(_tidy(All(tuple(rest))))
    return All((*rows, some)) if rows and some is not None else some


def _some_of(node: Any) -> Any:
    """The same with at least one of its words instead of all; None where there is one word only."""
    found = tuple(dict.fromkeys(_terms(node)))
    return Some(found) if len(found) > 1 else None


def _terms(node: Any) -> Iterator[Term]:
    if isinstance(node, Term):
        yield node
    elif isinstance(node, Row):
        yield from (Term((stem,), node.where) for stem in node.spellings[0])
    elif isinstance(node, All):
        for part in node.parts:
            yield from _terms(part)
