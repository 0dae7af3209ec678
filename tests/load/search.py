"""How well and how fast the plugin ``search`` finds, on public texts: ``python -m tests.load search``.

The relevance part is also run as tests (``plugins/search/tests/test_relevance.py``). Times (``search_speed.py``) are compared
with plain LIKE over the same rows, and with Whoosh's own index; ``python -m tests.load.search 100000`` prints them for more, with
``postgresql`` behind it on PostgreSQL.
"""

from __future__ import annotations

import json
import math
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.load.stage import row
from tests.support.skips import data_folder

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
STEP = 25
#: Texts of the part that is timed, queries of each kind, and texts that are looked for by their own words.
TEXTS, QUERIES, KNOWN = 10_000, 150, 600


@dataclass
class Corpus:
    """Texts with ids of our own shape in a space that is nothing but an id."""

    space_id: str
    language: str
    numbers: dict[str, str] = field(default_factory=dict)

    def fill(self, texts: Iterable[dict[str, Any]]) -> Corpus:
        """Put *texts* (``id``, ``title``, ``body``) into the index."""
        from codesign_plugins.search import index

        from codesign import sdk

        entries = []
        for text in texts:
            own = self.numbers.setdefault(text["id"], f"{self.space_id[:9]}{len(self.numbers):017d}")
            idea = sdk.IdeaText(own, text["title"], text["body"], (), None, None, MOMENT)
            entries.append(index.entry_of_idea(idea, self.language))
        for start in range(0, len(entries), STEP):
            self._put(entries[start : start + STEP])
        sdk.verb(index.trust)(self.space_id)
        return self

    def _put(self, entries: Sequence[Any]) -> None:
        """Write some entries; in halves, where a busy machine takes too long for all of them."""
        from codesign_plugins.search import index

        from codesign import sdk

        try:
            sdk.verb(index.write)(self.space_id, entries, [])
        except sdk.Unavailable:
            if len(entries) < 2:
                raise
            self._put(entries[: len(entries) // 2])
            self._put(entries[len(entries) // 2 :])

    def ids(self, matches: Sequence[Any]) -> list[str]:
        """What was found, in the ids of the data."""
        theirs = {own: given for given, own in self.numbers.items()}
        return [theirs[match.id] for match in matches]


def searched(corpus: Corpus, text: str, most: int = 10) -> list[str]:
    """What somebody finds who types *text*."""
    from codesign_plugins.search import queries, search
    from codesign_plugins.search.engines.base import Wish
    from codesign_plugins.search.meaning import Reader

    from codesign import sdk

    with sdk.read():
        meaning = Reader((corpus.space_id,), corpus.language).read(queries.parse(text))
        wish = Wish((corpus.space_id,), meaning.node, most=most, typed=meaning.typed)
        found, _wider = search._find(wish, meaning)
    return corpus.ids(found)


def alike(corpus: Corpus, title: str, skip: str, most: int = 5) -> list[str]:
    """The look-alikes of a title, without the one it belongs to."""
    from codesign_plugins.search import search

    place: Any = type("Place", (), {"id": corpus.space_id})
    found = search.look_alikes(place, title, corpus.language, most + 1) or []
    return [given for given in corpus.ids(found) if given != skip][:most]


def ndcg(found: Sequence[str], relevant: Sequence[str], most: int = 10) -> float:
    """Normalized discounted cumulative gain of the first ten: 1.0 has all that is relevant first."""
    gain = sum(1 / math.log2(place + 2) for place, each in enumerate(found[:most]) if each in relevant)
    return gain / sum(1 / math.log2(place + 2) for place in range(min(most, len(relevant))))


def mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / max(1, len(listed))


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows of one file of the data."""
    with (folder / "text" / f"{name}.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def relevance(folder: Path, name: str, language: str, every: int = 1) -> float:
    """nDCG@10 of a set of questions and the paragraphs that answer them; ``every`` third, fourth … question only."""
    corpus = Corpus(name.ljust(26, "0")[:26], language).fill(lines(folder, f"search_{name}_docs"))
    asked = lines(folder, f"search_{name}_queries")[::every]
    return mean(ndcg(searched(corpus, each["text"]), each["relevant"]) for each in asked)


def duplicates(folder: Path, change: Callable[[str], str] = lambda title: title) -> tuple[float, float]:
    """R@5 and hit@5 of closed questions among the look-alikes of a title (``change`` spoils the title)."""
    corpus = Corpus("duplicates".ljust(26, "0"), "en")
    corpus.fill(lines(folder, "duplicates_se_english_docs"))
    recalls, hits = [], []
    for each in lines(folder, "duplicates_se_english_queries"):
        found = alike(corpus, change(each["text"]), each["qid"])
        right = len(set(found) & set(each["relevant"]))
        recalls.append(right / len(each["relevant"]))
        hits.append(float(right > 0))
    return mean(recalls), mean(hits)


def slip(title: str) -> str:
    """Every third long word with two letters the wrong way round."""
    words = title.split()
    for place, word in enumerate(words):
        if place % 3 == 1 and len(word) > 4 and word.isalpha():
            words[place] = word[:2] + word[3] + word[2] + word[4:]
    return " ".join(words)


def one_slip(words: str) -> str:
    """The longest word of some with two letters the wrong way round."""
    longest = max(words.split(), key=len)
    middle = len(longest) // 2
    spoilt = longest[: middle - 1] + longest[middle] + longest[middle - 1] + longest[middle + 1 :]
    return words.replace(longest, spoilt, 1)


def known_item(
    corpus: Corpus, texts: Sequence[dict[str, Any]], change: Callable[[str], str] = lambda words: words
) -> float:
    """How often a text is among the first ten for its own three or four rarest words (``change`` spoils them)."""
    spread: Counter[str] = Counter()
    for text in texts:
        spread.update(set(long_words(text)))
    hits = []
    for text in texts[:: max(1, len(texts) // KNOWN)]:
        rare = sorted(set(long_words(text)), key=lambda word: (spread[word], word))[:4]
        if len(rare) >= 3:
            hits.append(float(text["id"] in searched(corpus, change(" ".join(rare)))))
    return mean(hits)


def long_words(text: dict[str, Any]) -> list[str]:
    """The words of a text somebody may remember, small letters."""
    return [word for word in re.findall(r"[a-z]+", f"{text['title']} {text['body']}".lower()) if len(word) > 4]


def half(title: str) -> str:
    """The first half of a title that is still being typed."""
    return title[: max(8, len(title) // 2)]


def main(texts: int = 0, kind: str = "sqlite") -> None:
    """Print all figures; with a number of *texts* only how fast it is among so many, on SQLite or PostgreSQL."""
    from codesign.app import create_app
    from codesign.testing import Database, build_tables, settings_for
    from tests.load.search_speed import speed

    folder = data_folder()
    if not (folder / "text").is_dir():
        row("search: the public texts are not here", folder=str(folder))
        return
    print(f"search: {texts or TEXTS:,} ideas, CPU time, in one process without a network, {kind}")
    speed(folder, texts or TEXTS, kind)
    if texts:
        return
    with tempfile.TemporaryDirectory() as place:
        database = Database("sqlite", f"sqlite:///{place}/search.db")
        build_tables(database, Path(place))
        create_app(settings_for(database, Path(place)))
        sets = (("xquad_en", "en", 2), ("xquad_de", "de", 2), ("jsquad_ja", "ja", 12), ("cnil_fr", "fr", 1))
        for name, language, every in sets:
            row(name, ndcg_at_10=f"{relevance(folder, name, language, every):.3f}")
        for name, change in (("as they are", None), ("slips of the hand", slip), ("half a title", half)):
            recall, hit = duplicates(folder, change) if change else duplicates(folder)
            row(f"duplicates, {name}", recall_at_5=f"{recall:.3f}", hit_at_5=f"{hit:.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0, *sys.argv[2:3])
