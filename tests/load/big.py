"""An instance with the crowd in it, on either database.

The space, its owner and the people are made by the verbs. Ideas, votes, comments and the log are written straight into their
tables, in the state the verbs would have left: counters, numbers of the log on tallies, voters of the ballot, whole chain of
hashes. Left out: nobody follows an idea or has a notice, plugins are told nothing of the past (their bookmarks stand at its
end), and the facts carry the crowd's times though the space itself is new.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from codesign.cli.progress import bar
from tests.load.crowd import Crowd, Proposal

AT_ONCE = 5_000
SLUG = "big"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Big:
    """A filled app: its space, and who works at the desk."""

    app: Any
    space: Any
    owner: Any
    crowd: Crowd
    idea_ids: list[str]
    statuses: Mapping[str, str]

    @property
    def slug(self) -> str:
        return str(self.space.slug)


def ulid(at: int, number: int) -> str:
    """An id of that moment, always the same one."""
    value = (at << 80) | number
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


def moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)


def put(table: str, rows: Iterable[dict[str, Any]], total: int, title: str) -> None:
    """Write rows into a table, so many in one transaction."""
    from sqlalchemy import insert

    from codesign.kernel import db

    into = db.Base.metadata.tables[table]

    @db.verb
    def write(some: list[dict[str, Any]]) -> None:
        db.session().connection().execute(insert(into), some)

    source, done = iter(rows), 0
    with bar(f"  {title}") as advance:
        while some := list(islice(source, AT_ONCE)):
            write(some)
            done += len(some)
            advance(done, total)


def fill(folder: Path, crowd: Crowd, url: str = "", *, scores: bool = True) -> Big:
    """An app on *url* (SQLite in *folder*) with the crowd in one space."""
    from codesign.accounts.service import create_person, find_or_create_externals
    from codesign.app import create_app
    from codesign.kernel import config, db, schema
    from codesign.kernel.actor import SYSTEM
    from codesign.spaces.queries import list_statuses
    from codesign.spaces.service import create_space
    from codesign.testing import actor_of

    app = create_app(config.load({}, instance=str(folder), **({"database_url": url} if url else {})))
    schema.ensure(db.current())
    owner = create_person(SYSTEM, name="Mira", email="mira@example.org", is_admin=True)
    space = create_space(SYSTEM, "ideas", name="Big", slug=SLUG, owner_id=owner.id)
    people: list[str] = []
    for start in range(0, crowd.people, 1_000):
        wanted = [(f"p:{n}", f"Person {n}") for n in range(start, min(start + 1_000, crowd.people))]
        people += find_or_create_externals(wanted).values()
    with db.read():
        statuses = {status.kind: status.id for status in list_statuses(space.id)}
    ids = [ulid(proposal.at, proposal.number) for proposal in crowd.proposals]
    big = Big(app, space, actor_of(owner), crowd, ids, statuses)
    _Filling(big, people).run()
    if scores:
        _score(big)
    _tidy()
    return big


class _Filling:
    """Writing the crowd into the tables."""

    def __init__(self, big: Big, people: list[str]) -> None:
        self.big, self.people, self.crowd = big, people, big.crowd
        self.space_id, self.ballot_id = big.space.id, big.space.ballot.id
        self.votes = self.crowd.votes()
        self.comments = list(self.crowd.comments())
        self.tally_seq: dict[str, int] = {}

    def run(self) -> None:
        count, votes, comments = len(self.crowd.proposals), len(self.votes), len(self.comments)
        put("event", self._events(), votes + count + comments, "log")
        self._seal()
        put("idea", self._ideas(), count, "ideas")
        put("idea_title_word", self._title_words(), 5 * count, "words of titles")
        put("idea_tag", self._tags(), 2 * count, "tags")
        put("triage_mark", self._marks(), count, "read marks")
        put("comment", self._comments(), comments, "comments")
        put("vote", self._votes(), votes, "votes")
        standing = Counter(person for _at, _idea, person in self.votes)
        rows = ({"ballot_id": self.ballot_id, "person_id": self.people[n], "standing": k} for n, k in standing.items())
        put("ballot_voter", rows, len(standing), "voters")
        self._count_voters(len(standing))

    # --- The log ---

    def _facts(self) -> Iterator[tuple[int, Any, str | None]]:
        """What happened, in order: when, the fact, who did it."""
        streams = [self._published(), self._decided(), self._voted(), self._said()]
        return ((at, fact, by) for at, _tie, fact, by in heapq.merge(*streams, key=lambda each: each[:2]))

    def _published(self) -> Iterator[tuple[int, int, Any, str | None]]:
        from codesign.ideas.events import IdeaPublished

        for each in self.crowd.proposals:
            author = self.people[each.author]
            yield each.at, 0, IdeaPublished(self.space_id, self.big.idea_ids[each.number], author), author

    def _decided(self) -> Iterator[tuple[int, int, Any, str | None]]:
        from codesign.ideas.events import IdeaAnswered, StatusChanged

        by, statuses = self.big.owner.person_id, self.big.statuses
        moved = [each for each in self.crowd.proposals if each.kind != "open"]
        for each in sorted(moved, key=lambda each: each.moved_at):
            idea_id = self.big.idea_ids[each.number]
            yield each.moved_at, 1, StatusChanged(self.space_id, idea_id, statuses["open"], statuses[each.kind]), by
            if each.answer:
                yield each.moved_at, 1, IdeaAnswered(self.space_id, idea_id), by

    def _voted(self) -> Iterator[tuple[int, int, Any, str | None]]:
        from codesign.voting.events import VoteCast

        for at, idea, person in self.votes:
            who = self.people[person]
            yield at, 2, VoteCast(self.space_id, self.ballot_id, self.big.idea_ids[idea], who, 1), who

    def _said(self) -> Iterator[tuple[int, int, Any, str | None]]:
        from codesign.comments.events import CommentAdded

        for at, idea, person, _words in sorted(self.comments):
            who, idea_id = self.people[person], self.big.idea_ids[idea]
            yield at, 3, CommentAdded(self.space_id, ulid(at, idea), idea_id, None, who), who

    def _events(self) -> Iterator[dict[str, Any]]:
        """The rows of the log behind what the verbs wrote, chained as the log chains them."""
        from codesign.events.log import GENESIS, canonical, chain
        from codesign.kernel import db

        heads = db.Base.metadata.tables["log_head"]
        with db.read() as session:
            head = session.execute(heads.select().where(heads.c.space_id == self.space_id)).first()
        seq, last = (head.seq, head.hash) if head else (0, GENESIS)
        for at, fact, by in self._facts():
            seq += 1
            row = {
                "space_id": self.space_id, "seq": seq, "name": fact.name, "version": type(fact).version,
                "payload": canonical(fact.payload()), "actor_id": by, "caused_by": None, "depth": 0,
                "occurred_at": moment(at),
            }  # fmt: skip
            last = row["hash"] = chain(last, row)
            if fact.name == "vote.cast":
                self.tally_seq[fact.idea_id] = seq
            yield row
        self.head = seq, last

    def _seal(self) -> None:
        """The end of the log, and everybody who follows it at that end."""
        from codesign.events.log import move_bookmark
        from codesign.kernel import db

        heads = db.Base.metadata.tables["log_head"]

        @db.verb
        def seal() -> None:
            seq, last = self.head
            db.session().execute(heads.update().where(heads.c.space_id == self.space_id).values(seq=seq, hash=last))
            for reader in ("notifications", "scores"):
                move_bookmark(reader, self.space_id, seq)

        seal()

    # --- Rows ---

    def _ideas(self) -> Iterator[dict[str, Any]]:
        from codesign.ideas.texts import search_text, slug_of

        ups = Counter(idea for _at, idea, _person in self.votes)
        talked = Counter(idea for _at, idea, _person, _words in self.comments)
        for each in self.crowd.proposals:
            idea_id = self.big.idea_ids[each.number]
            yield {
                "id": idea_id, "space_id": self.space_id, "external_id": f"x:{each.number}", "title": each.title,
                "slug": slug_of(each.title), "body": each.body, "status_id": self.big.statuses[each.kind],
                "author_id": self.people[each.author], "state": "published", "version": 1,
                "created_at": moment(each.at), "published_at": moment(each.at), "up": ups[each.number], "down": 0,
                "pass": 0, "imported_up": 0, "imported_down": 0, "tally_seq": self.tally_seq.get(idea_id, 0),
                "comment_count": talked[each.number], "search_text": search_text(each.title, each.body),
                "shuffle_key": each.number * 48_271 % 2_147_483_647, **self._answer(each),
            }  # fmt: skip

    def _title_words(self) -> Iterator[dict[str, Any]]:
        from codesign.ideas.texts import comparable
        from codesign.ideas.titles import beginnings

        for each in self.crowd.proposals:
            for word in beginnings(re.findall(r"\w{3,}", comparable(each.title))):
                yield {"space_id": self.space_id, "word": word, "idea_id": self.big.idea_ids[each.number]}

    def _answer(self, each: Proposal) -> dict[str, Any]:
        if not each.answer:
            return {"answer_body": None, "answer_by": None, "answer_at": None}
        return {
            "answer_body": each.answer,
            "answer_by": self.big.owner.person_id,
            "answer_at": moment(each.moved_at),
        }

    def _tags(self) -> Iterator[dict[str, Any]]:
        for each in self.crowd.proposals:
            for place, tag in enumerate(each.tags):
                idea_id = self.big.idea_ids[each.number]
                yield {"idea_id": idea_id, "tag": tag, "space_id": self.space_id, "position": place}

    def _marks(self) -> Iterator[dict[str, Any]]:
        for each in self.crowd.proposals:
            if each.read:
                owner = self.big.owner.person_id if each.number % 50 == 0 else None
                yield {
                    "idea_id": self.big.idea_ids[each.number], "space_id": self.space_id, "owner_id": owner,
                    "read_at": moment(each.moved_at),
                }  # fmt: skip

    def _comments(self) -> Iterator[dict[str, Any]]:
        for at, idea, person, words in self.comments:
            yield {
                "id": ulid(at, idea), "space_id": self.space_id, "idea_id": self.big.idea_ids[idea],
                "author_id": self.people[person], "state": "published", "body": words, "version": 1,
                "internal": False, "created_at": moment(at), "published_at": moment(at),
            }  # fmt: skip

    def _votes(self) -> Iterator[dict[str, Any]]:
        for at, idea, person in self.votes:
            yield {
                "idea_id": self.big.idea_ids[idea], "person_id": self.people[person], "ballot_id": self.ballot_id,
                "value": 1, "cast_at": moment(at), "merge_id": None,
            }  # fmt: skip

    def _count_voters(self, count: int) -> None:
        from codesign.kernel import db
        from codesign.spaces.ballots import add_to_voters

        db.verb(lambda: add_to_voters(db.session(), {self.ballot_id: count}))()


def _score(big: Big) -> None:
    """The scores of the plugin that comes along, as the worker works them out."""
    from codesign.hooks.delivery import tell_switches
    from codesign.hooks.host import host_of
    from codesign.ideas.rescoring import Rescorer
    from codesign.kernel import db
    from codesign.testing import Plugins

    Plugins(big.app).enable("scoring", big.space)
    host = host_of(big.app)
    tell_switches(host)
    rescorer, count = Rescorer(host), len(big.idea_ids)
    with bar("  scores") as advance:
        while big.space.id in db.reading(rescorer.behind)():
            rescorer.rescore(big.space.id)
            rescorer.forget_pauses()
            advance(rescorer.progress(big.space.id) or 0, count)


def _tidy() -> None:
    """What PostgreSQL does by itself after a while: look at how the rows are spread."""
    from codesign.kernel import db

    if db.current().is_sqlite:
        return
    with db.current().writer.connect().execution_options(isolation_level="AUTOCOMMIT") as line:
        line.exec_driver_sql("VACUUM ANALYZE")
