"""How well and how fast the plugin ``search`` finds, on public texts: ``python -m tests.load search``.

The relevance part is also run as tests (``plugins/search/tests/test_relevance.py``). Times are compared with plain LIKE
over the same rows, and with Whoosh's own index.
"""

from __future__ import annotations

import json
import math
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.load.stage import percentile, row
from tests.support.skips import data_folder

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
STEP = 25
#: Texts of the part that is timed, and queries of each kind.
TEXTS, QUERIES = 10_000, 150


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
            sdk.verb(index._write)(self.space_id, entries[start : start + STEP], [])
        sdk.verb(index.trust)(self.space_id)
        return self

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
        found, _wider = search._find(Wish((corpus.space_id,), meaning.node, most=most), meaning)
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
    for text in texts[:: max(1, len(texts) // QUERIES)]:
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


def timed(ask: Callable[[str], Any], texts: Sequence[str]) -> list[float]:
    """Milliseconds of each query, the first five left out."""
    taken = []
    for text in texts:
        started = time.perf_counter()
        ask(text)
        taken.append((time.perf_counter() - started) * 1000)
    return taken[5:]


def speed(folder: Path) -> None:
    """Typing, searching and look-alikes among 10,000 texts, against LIKE and Whoosh's own index."""
    from codesign_plugins.search import engines, queries, search
    from codesign_plugins.search.engines.base import Wish
    from codesign_plugins.search.engines.whoosh_files import WhooshFiles
    from codesign_plugins.search.meaning import Reader
    from sqlalchemy import text as sql

    from codesign import sdk

    texts = [
        {"id": f"b{n}", "title": each["text"], "body": ""}
        for n, each in enumerate(lines(folder, "near_duplicates_banking77"))
    ]
    texts = [*lines(folder, "duplicates_se_english_docs"), *texts][:TEXTS]
    corpus, started = Corpus("speed".ljust(26, "0"), "en"), time.perf_counter()
    corpus.fill(texts)
    row("build", texts=len(texts), s=round(time.perf_counter() - started, 2))
    typed = [" ".join(each["title"].split()[1:4])[:-1] for each in texts[:: len(texts) // QUERIES]]

    def typing(words: str) -> Any:
        with sdk.read():
            meaning = Reader((corpus.space_id,), "en").read(queries.parse(words, typing=True))
            wish = Wish((corpus.space_id,), meaning.node)
            return search._find(wish, meaning), engines.engine().total(wish)

    def like(words: str) -> Any:
        where = " AND ".join(f"search_text LIKE :w{place}" for place in range(len(words.split())))
        values = {f"w{place}": f"%{word}%" for place, word in enumerate(words.lower().split())}
        with sdk.read() as session:
            return session.execute(sql(f"SELECT id FROM like_text WHERE {where or '1'} LIMIT 50"), values).all()

    row("known item in the top ten", exact=known_item(corpus, texts), one_slip=known_item(corpus, texts, one_slip))
    plain(texts)
    taken = timed(typing, typed)
    row("as you type, with the number of all", p50_ms=percentile(taken, 0.5), p95_ms=percentile(taken, 0.95))
    others = timed(like, typed)
    row("LIKE over the same rows", p50_ms=percentile(others, 0.5), p95_ms=percentile(others, 0.95))
    similar = timed(lambda title: alike(corpus, title, ""), [each["title"] for each in texts[:: len(texts) // QUERIES]])
    row("look-alikes", p50_ms=percentile(similar, 0.5), p95_ms=percentile(similar, 0.95))
    with tempfile.TemporaryDirectory() as place:
        engines.use(WhooshFiles(Path(place)))
        taken_there = timed(typing, typed)
        engines.use(None)
    row("the same on Whoosh's files", p50_ms=percentile(taken_there, 0.5), p95_ms=percentile(taken_there, 0.95))
    row("ratios", whoosh=round(mean(taken_there) / mean(taken), 1), like=round(mean(others) / mean(taken), 1))


def plain(texts: Sequence[dict[str, Any]]) -> None:
    """The same rows in a table without any index."""
    from sqlalchemy import text as sql

    from codesign import sdk

    @sdk.verb
    def put() -> None:
        session = sdk.session()
        session.execute(sql("CREATE TABLE like_text (id TEXT, search_text TEXT)"))
        rows = [{"id": each["id"], "words": f"{each['title']} {each['body']}".lower()} for each in texts]
        session.execute(sql("INSERT INTO like_text VALUES (:id, :words)"), rows)

    put()


def main() -> None:
    """Print all figures."""
    from codesign.app import create_app
    from codesign.testing import Database, build_tables, settings_for

    folder = data_folder()
    if not (folder / "text").is_dir():
        row("search: the public texts are not here", folder=str(folder))
        return
    with tempfile.TemporaryDirectory() as place:
        database = Database("sqlite", f"sqlite:///{place}/search.db")
        build_tables(database, Path(place))
        create_app(settings_for(database, Path(place)))
        speed(folder)
        sets = (("xquad_en", "en", 2), ("xquad_de", "de", 2), ("jsquad_ja", "ja", 12), ("cnil_fr", "fr", 1))
        for name, language, every in sets:
            row(name, ndcg_at_10=f"{relevance(folder, name, language, every):.3f}")
        for name, change in (("as they are", None), ("slips of the hand", slip), ("half a title", half)):
            recall, hit = duplicates(folder, change) if change else duplicates(folder)
            row(f"duplicates, {name}", recall_at_5=f"{recall:.3f}", hit_at_5=f"{hit:.3f}")
