"""How fast the plugin ``search`` is among many ideas: its index, what a server answers to somebody who types, look-alikes;
against LIKE over the same rows and Whoosh's own index. CPU time of this process: other work on the machine counts less.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

from codesign.cli.progress import bar
from tests.load.beside import waits
from tests.load.big import put, ulid
from tests.load.search import MOMENT, QUERIES, Corpus, alike, known_item, lines, mean, one_slip
from tests.load.stage import percentile, row

#: From here on known items are not asked for (texts are put together of others, so no words are their own), and Whoosh is
#: beyond what its index is meant for.
WHOOSH_LIMIT = 20_000
#: How long votes are cast with nothing else going on, in seconds.
ALONE = 10
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
    from codesign.kernel.actor import SYSTEM
    from codesign.spaces.service import create_space

    space = create_space(SYSTEM, "ideas", name="Speed", slug="speed")
    Plugins(app).enable("search", space)
    ids = [ulid(int(MOMENT.timestamp() * 1000) - place, place) for place in range(len(texts))]
    put("idea", ideas(space.id, ids, texts), len(texts), "ideas")
    for name in ("build of the index", "the same over what is there"):
        before, started, used = _megabytes(), time.perf_counter(), time.process_time()
        with bar(f"  {name}") as advance:
            made = rebuilding.rebuild(space.id, "en", advance)
        taken = {"s": round(time.perf_counter() - started, 1), "cpu_s": round(time.process_time() - used, 1)}
        row(name, texts=made, **taken, mb=round(_megabytes() - before))
    return space, Corpus(space.id, "en", {text["id"]: own for text, own in zip(texts, ids, strict=True)})


def votes_beside(url: str, space: Any, corpus: Corpus) -> None:
    """How long a vote in another process takes, by itself and while the index is made anew."""
    from codesign_plugins.search import rebuilding

    from codesign.accounts.service import create_person
    from codesign.kernel.actor import SYSTEM

    voter = create_person(SYSTEM, name="Ann", email="ann@example.org")
    idea_id = next(iter(corpus.numbers.values()))
    works: dict[str, Callable[[], object]] = {
        "a vote by itself": lambda: time.sleep(ALONE),
        "a vote beside a build of the index": lambda: rebuilding.rebuild(space.id, "en"),
    }
    for name, work in works.items():
        taken = waits(url, idea_id, voter.id, work)
        shares = {f"p{round(share * 100)}_ms": percentile(taken, share) for share in (0.5, 0.95, 0.99)}
        row(name, votes=len(taken), **shares, most_ms=max(taken))


def ideas(space_id: str, ids: Sequence[str], texts: Sequence[Text]) -> Iterator[dict[str, Any]]:
    """Rows of ideas straight for their table, in the state the verbs would have left."""
    from codesign.ideas.texts import search_text, slug_of

    for place, (own, each) in enumerate(zip(ids, texts, strict=True)):
        at = MOMENT - timedelta(minutes=place)
        yield {
            "id": own, "space_id": space_id, "external_id": each["id"], "title": each["title"],
            "slug": slug_of(each["title"]), "body": each["body"], "state": "published", "version": 1,
            "created_at": at, "published_at": at, "up": 0, "down": 0, "pass": 0, "imported_up": 0, "imported_down": 0,
            "tally_seq": 0, "comment_count": 0, "search_text": search_text(each["title"], each["body"]),
            "shuffle_key": place * 48_271 % 2_147_483_647,
        }  # fmt: skip


def _megabytes() -> float:
    """The size of the database."""
    from sqlalchemy import text

    from codesign import sdk

    with sdk.read() as session:
        if session.get_bind().dialect.name == "postgresql":
            return float(session.execute(text("SELECT pg_database_size(current_database())")).scalar_one()) / 1e6
        pages, size = (session.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("page_count", "page_size"))
    return float(pages) * size / 1e6


def timed(name: str, ask: Callable[[str], Any], asked: Sequence[str]) -> float:
    """Print the CPU milliseconds of the queries, the first five left out; returns their mean."""
    taken = []
    for text in asked:
        started = time.process_time()
        ask(text)
        taken.append((time.process_time() - started) * 1000)
    row(name, p50_ms=percentile(taken[5:], 0.5), p95_ms=percentile(taken[5:], 0.95))
    return mean(taken[5:])


def speed(folder: Path, wanted: int, kind: str = "sqlite") -> None:
    """Print all figures among *wanted* texts, on SQLite or on a PostgreSQL (which does not wait for the disk)."""
    from codesign.app import create_app
    from codesign.testing import Database, build_tables, settings_for
    from tests.support.postgres import Cluster

    texts = texts_of(folder, wanted)
    with tempfile.TemporaryDirectory() as place, ExitStack() as rest:
        url = f"sqlite:///{place}/speed.db"
        if kind == "postgresql":
            cluster = Cluster()
            rest.callback(cluster.remove)
            url = cluster.create("speed")
        database = Database(kind, url)
        build_tables(database, Path(place))
        app = create_app(settings_for(database, Path(place)))
        space, corpus = fill(app, texts)
        votes_beside(url, space, corpus)
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
    statement = text(f"SELECT id FROM idea WHERE space_id = :space AND {where or '1 = 1'} LIMIT 50")
    with sdk.read() as session:
        return session.execute(statement, {"space": space_id, **values}).all()
