"""How fast the plugin ``search`` is among many ideas: its index, what a server answers to somebody who types, look-alikes;
against LIKE over the same rows and Whoosh's own index. CPU time of this process: other work on the machine counts less.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

from tests.load.search import MOMENT, QUERIES, Corpus, alike, known_item, lines, mean, one_slip
from tests.load.stage import percentile, row

#: From here on known items are not asked for (texts are put together of others, so no words are their own), and Whoosh is
#: beyond what its index is meant for.
WHOOSH_LIMIT = 20_000
Text = dict[str, Any]


def texts_of(folder: Path, wanted: int) -> list[Text]:
    """Public questions and requests; where there are not enough, each with the words of another one below it."""
    own = [{"title": each["title"][:140], "body": each["body"]} for each in lines(folder, "duplicates_se_english_docs")]
    short = ("near_duplicates_banking77", "near_duplicates_clinc150", "moderation_polis", "spam_sms")
    names = short[:1] if wanted <= len(own) + 9_000 else short
    own += [{"title": each["text"][:140], "body": ""} for name in names for each in lines(folder, name)]
    further = (
        {"title": own[number % len(own)]["title"], "body": own[number * 7919 % len(own)]["title"]}
        for number in count(1)
    )
    found = own[:wanted] + list(islice(further, max(0, wanted - len(own))))
    return [{"id": f"t:{number}", **text} for number, text in enumerate(found)]


def fill(app: Any, texts: Sequence[Text]) -> tuple[Any, Corpus]:
    """A public space with these ideas, the plugin on, and its index made as the command makes it."""
    from codesign_plugins.search import rebuilding

    from codesign.conformance.work import Plugins
    from codesign.ideas.imports import ForeignIdea, ids_of_externals, store_imported
    from codesign.kernel.actor import SYSTEM
    from codesign.spaces.service import create_space

    space = create_space(SYSTEM, "ideas", name="Speed", slug="speed")
    Plugins(app).enable("search", space)
    for start in range(0, len(texts), 500):
        store_imported(space.id, [
            ForeignIdea(each["id"], each["title"], each["body"], None, MOMENT - timedelta(minutes=start + place))
            for place, each in enumerate(texts[start : start + 500])
        ])  # fmt: skip
    before, started, used = _megabytes(), time.perf_counter(), time.process_time()
    made = rebuilding.rebuild(space.id, "en", _advance)
    taken = {"s": round(time.perf_counter() - started, 1), "cpu_s": round(time.process_time() - used, 1)}
    row("build of the index", texts=made, **taken, mb=round(_megabytes() - before))
    numbers = {
        given: own
        for start in range(0, len(texts), 500)
        for given, own in ids_of_externals(space.id, [each["id"] for each in texts[start : start + 500]]).items()
    }
    return space, Corpus(space.id, "en", numbers)


def _megabytes() -> float:
    """The size of the database (SQLite)."""
    from sqlalchemy import text

    from codesign import sdk

    with sdk.read() as session:
        pages, size = (session.execute(text(f"PRAGMA {name}")).scalar() for name in ("page_count", "page_size"))
    return float(pages * size / 1e6)


def _advance(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done:,} of {total:,}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def timed(name: str, ask: Callable[[str], Any], asked: Sequence[str]) -> float:
    """Print the CPU milliseconds of the queries, the first five left out; returns their mean."""
    taken = []
    for text in asked:
        started = time.process_time()
        ask(text)
        taken.append((time.process_time() - started) * 1000)
    row(name, p50_ms=percentile(taken[5:], 0.5), p95_ms=percentile(taken[5:], 0.95))
    return mean(taken[5:])


def speed(folder: Path, wanted: int) -> None:
    """Print all figures among *wanted* texts."""
    from codesign.app import create_app
    from codesign.testing import Database, build_tables, settings_for

    texts = texts_of(folder, wanted)
    with tempfile.TemporaryDirectory() as place:
        database = Database("sqlite", f"sqlite:///{place}/speed.db")
        build_tables(database, Path(place))
        app = create_app(settings_for(database, Path(place)))
        space, corpus = fill(app, texts)
        if wanted < WHOOSH_LIMIT:
            exact, slipped = known_item(corpus, texts), known_item(corpus, texts, one_slip)
            row("known item in the top ten", exact=f"{exact:.3f}", one_slip=f"{slipped:.3f}")
        titles = [each["title"] for each in texts[:: max(1, len(texts) // QUERIES)]]
        typed = [" ".join(title.split()[1:4])[:-1] for title in titles]
        requests(app.test_client(), typed)
        timed("look-alikes", lambda title: alike(corpus, title, ""), titles)
        compared(space, typed, Path(place) / "files" if wanted <= WHOOSH_LIMIT else None)


def requests(client: Any, typed: Sequence[str]) -> None:
    """What a server does for the words of somebody who types, and then presses Enter."""
    page = "/spaces/speed/-/search/"
    timed("request as you type, page and all", lambda q: client.get(page, query_string={"q": q, "typing": 1}), typed)
    timed("request of the whole page", lambda q: client.get(page, query_string={"q": q}), typed)


def compared(space: Any, typed: Sequence[str], files: Path | None) -> None:
    """The search without the page, plain LIKE for the same words, and Whoosh's own index in the folder *files*."""
    from codesign_plugins.search import engines, search
    from codesign_plugins.search.engines.whoosh_files import WhooshFiles

    from codesign import sdk

    def typing(words: str) -> Any:
        return search.search([space], sdk.Actor(), words, typing=True)

    ours = timed("search as you type, without the page", typing, typed)
    plain = timed("LIKE over the same rows", lambda words: like(space.id, words), typed)
    row("LIKE to our search", ratio=round(plain / ours, 2))
    if files is not None:
        engines.use(WhooshFiles(files))
        whoosh = timed("the same search in Whoosh's files", typing, typed)
        engines.use(None)
        row("Whoosh to our search", ratio=round(whoosh / ours, 1))


def like(space_id: str, words: str) -> Any:
    """Fifty ideas that hold all these words, letter by letter, in no order."""
    from sqlalchemy import text

    from codesign import sdk

    where = " AND ".join(f"search_text LIKE :w{number}" for number in range(len(words.split())))
    values = {f"w{number}": f"%{word}%" for number, word in enumerate(words.lower().split())}
    statement = text(f"SELECT id FROM idea WHERE space_id = :space AND {where or '1'} LIMIT 50")
    with sdk.read() as session:
        return session.execute(statement, {"space": space_id, **values}).all()
