"""Word lists: one file per language, and the space's own words. Looked up word by word, so no text and no list is slow."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français"}
HURTFUL, ADVERTISING = "hurtful", "advertising"
#: So many words of a text are looked at, so many letters of each.
MOST_WORDS, LONGEST_WORD = 2_500, 40

_LETTERS_FOR = str.maketrans("0134@5$7", "oieaasst")


def plain(text: str) -> str:
    """*text* with small letters and no accents."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def words_of(text: str) -> list[str]:
    """The words of a text, letters for look-alike digits put back (``sh1t``)."""
    found = re.findall(r"[\w@$]+", plain(text))[:MOST_WORDS]
    return [word if word.isdigit() else word[:LONGEST_WORD].translate(_LETTERS_FOR) for word in found]


@dataclass(frozen=True)
class WordList:
    """Words to look for. ``beginnings`` also take longer words, ``phrases`` are kept by their first word."""

    single: frozenset[str]
    beginnings: frozenset[str]
    phrases: Mapping[str, tuple[tuple[str, ...], ...]]
    longest: int

    def hits(self, words: Sequence[str]) -> list[str]:
        """The words and phrases of a text that stand in the list, each once, in their order."""
        found = (self._at(words, place) for place in range(len(words)))
        return list(dict.fromkeys(hit for hit in found if hit))

    def _at(self, words: Sequence[str], place: int) -> str:
        word = words[place]
        if word in self.single:
            return word
        for phrase in self.phrases.get(word, ()):
            if tuple(words[place : place + len(phrase)]) == phrase:
                return " ".join(phrase)
        cuts = range(3, min(len(word), self.longest) + 1) if self.beginnings else ()
        return word if any(word[:cut] in self.beginnings for cut in cuts) else ""


def word_list(lines: Iterable[str]) -> WordList:
    """A list out of lines: one word or phrase each, ``*`` at the end of a word takes longer words too."""
    single, beginnings, phrases = set(), set(), dict[str, tuple[tuple[str, ...], ...]]()
    for line in lines:
        words = tuple(words_of(line))
        if len(words) == 1:
            single.add(words[0])
            if line.rstrip().endswith("*") and len(words[0]) > 2:
                beginnings.add(words[0])
        elif words:
            phrases[words[0]] = (*phrases.get(words[0], ()), words)
    return WordList(
        frozenset(single), frozenset(beginnings), phrases, max((len(word) for word in beginnings), default=0)
    )


@lru_cache(maxsize=64)
def of_languages(languages: tuple[str, ...], section: str) -> WordList:
    """What the files of these languages hold in a section."""
    return word_list(line for language in languages for line in _section(language, section))


@lru_cache(maxsize=64)
def of_space(own: tuple[str, ...]) -> WordList:
    """The space's own words."""
    return word_list(own)


def _section(language: str, section: str) -> Iterator[str]:
    inside = ""
    for line in (Path(__file__).parent / "words" / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            inside = line.strip("[]")
        elif inside == section and line and not line.startswith("#"):
            yield line
