"""Texts become tokens on our side, so that every engine indexes the same ones: words of a text in its language.

Words lose their endings (Whoosh's Snowball stemmers), Latin letters their accents. Scripts written without spaces
between words (Chinese, Japanese, Thai …) and Korean become pairs of letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from itertools import chain
from types import SimpleNamespace
from typing import NamedTuple

from whoosh.lang import languages as _known
from whoosh.lang import stemmer_for_language
from whoosh.lang.isri import ISRIStemmer
from whoosh.lang.stopwords import stoplists

#: Languages with a stemmer. Texts in others are found by their words as they stand.
LANGUAGES = tuple(code for code in _known if code != "tr")
#: Texts that are none of these, or in pairs of letters.
PLAIN = "und"

_PAIRED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u0dff"
RUN = re.compile(rf"(?P<paired>[{_PAIRED}]+)|(?:[^\W_{_PAIRED}]+|[{_MARKS}])+")
_ASCII_RUN = re.compile("[a-z0-9]+")  # RUN in ASCII without capitals
_HAMZA = re.compile("^[\u0622\u0623\u0625]")
_LONGEST = 64
#: How much of a text tells its language.
_SAMPLE = 2_000
#: Words of questions that the lists leave out; they tell nothing of what is asked.
_ASKING = {
    "fr": "les quel quelle quels quelles comment combien pourquoi quoi quand où si être avoir fait faire peut peux peuvent "
    "puis puisse doit dois doivent faut ils elles cela ceci ça cette cet celui celle ceux celles lors dont comme donc",
    "de": "wer wem wen wann warum wieso wurde wurden gab gibt",
}
_ROMANIAN = frozenset("și să nu la pe de cu un o în din care mai este sunt ce pentru că au fi ar ca".split())  # noqa: SIM905


class Token(NamedTuple):
    """One token and where it stands in the text; *word* as people write it, *stem* as engines keep it."""

    start: int
    end: int
    word: str
    stem: str


def tokens(text: str, language: str) -> Iterator[Token]:
    """The tokens of a text that is written in *language*, in order."""
    for run in RUN.finditer(text):
        if run.lastgroup != "paired":
            word = plain(run[0])
            yield Token(run.start(), run.end(), word, stem(word, language))
            continue
        last = max(run.start() + 1, run.end() - 1)
        for place in range(run.start(), last):
            pair = plain(text[place : min(place + 2, run.end())])
            yield Token(place, min(place + 2, run.end()), pair, pair)


def is_paired(word: str) -> bool:
    """Whether a word is of a script that is cut into pairs of letters."""
    found = RUN.match(word)
    return found is not None and found.lastgroup == "paired"


def spoken(text: str, language: str) -> tuple[list[str], list[str]]:
    """The words of a text as people write them, and their stems: what ``tokens`` finds, without the places.

    An index reads many texts, and most are in ASCII.
    """
    if text.isascii():
        plain_words = [word[:_LONGEST] for word in _ASCII_RUN.findall(text.lower())]
        return plain_words, [stem(word, language) for word in plain_words]
    found = list(tokens(text, language))
    return [token.word for token in found], [token.stem for token in found]


def stems(text: str, language: str) -> list[str]:
    """What engines keep of a text."""
    return [token.stem for token in tokens(text, language)]


def plain(word: str) -> str:
    """A word without its case, width and other looks."""
    if word.isascii():
        return word[:_LONGEST].lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold())[:_LONGEST]


@lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """A plain word without its ending (as *language* forms them) and without accents on Latin letters."""
    cut = _stemmer(language)
    short = cut(word) if cut and word.isalpha() and len(word) > 2 else word
    return _bare(short or word)


def _bare(word: str) -> str:
    if word.isascii() or any(ord(letter) > 0x36F for letter in word):
        return word
    return "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))


def _arabic(word: str) -> str:
    """Whoosh's stemmer: a new one for each word, which it keeps in itself, and with a replacement that Python takes."""
    stemmer = ISRIStemmer()
    stemmer.re_intial_hamza = SimpleNamespace(sub=lambda _sign, text: _HAMZA.sub("\u0627", text))
    found: str = stemmer.stem(word)
    return found


@cache
def _stemmer(language: str) -> Callable[[str], str] | None:
    if language == "ar":
        return _arabic
    return stemmer_for_language(language) if language in LANGUAGES else None


@cache
def stop_words(language: str) -> frozenset[str]:
    """Words so common in a language that they tell nothing."""
    if language == "ro":
        return _ROMANIAN
    return frozenset(stoplists.get(language, ())) | frozenset(_ASKING.get(language, "").split())


@cache
def _speakers() -> dict[str, tuple[str, ...]]:
    """For each stop word the languages that have it."""
    found: dict[str, list[str]] = {}
    for language in LANGUAGES:
        for word in stop_words(language):
            found.setdefault(word, []).append(language)
    return {word: tuple(speakers) for word, speakers in found.items()}


def language_of(text: str, otherwise: str = "en", allowed: Iterable[str] = ()) -> str:
    """The language of a text by its script and its common words; *otherwise* where it has too few of them."""
    sample = text[:_SAMPLE]
    if sample.isascii():
        found = _ASCII_RUN.findall(sample.lower())
    else:
        script, found = _by_script(sample)
        if script is not None:
            return script
    speakers, wanted = _speakers(), set(allowed)
    counted = Counter(chain.from_iterable(speakers[word] for word in found if word in speakers))
    best = [pair for pair in counted.most_common() if not wanted or pair[0] in wanted][:1]
    if not best or best[0][1] < 2 or counted[otherwise] == best[0][1]:
        return otherwise
    return best[0][0]


def _by_script(sample: str) -> tuple[str | None, list[str]]:
    """The language that a script tells, and the words of the others."""
    runs = list(RUN.finditer(sample))
    paired = sum(len(run[0]) for run in runs if run.lastgroup == "paired")
    if paired * 2 > sum(len(run[0]) for run in runs):
        return PLAIN, []
    beginning = sample[:400]
    letters = sum(map(str.isalpha, beginning))
    for language, first, last in (("ru", "\u0400", "\u04ff"), ("ar", "\u0600", "\u06ff")):
        if sum(letter.isalpha() for letter in beginning if first <= letter <= last) * 2 > letters:
            return language, []
    return None, [plain(run[0]) for run in runs if run.lastgroup != "paired"]
