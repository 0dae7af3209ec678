"""Conversations as Polis exports them: small ones of our own, made ones of any size, and the truth of the published ones."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.skips import data_folder

COMMENTS = "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n"
VOTES = "timestamp,comment-id,voter-id,vote\n"
START = 1_500_000_000_000
LARGEST = "polis-vtaiwan-uberx"
#: Imported in every run; the others wait for test-full.
EACH_TIME = {"polis-15-per-hour-seattle", "polis-improving-polis"}
PUBLISHED = (
    "polis-15-per-hour-seattle",
    "polis-affordable-housing",
    "polis-improving-polis",
    "polis-london-youth-policing",
    "polis-ubi",
    LARGEST,
)

Tally = tuple[int, int, int]  # agree, disagree, pass
Vote = tuple[int, int, int, int]  # moment, statement, voter, value


@dataclass(frozen=True)
class Conversation:
    """An export in a folder and what must come out of it: the tally of each statement, and which are rejected."""

    folder: Path
    tallies: dict[str, Tally]
    rejected: set[str]
    votes: int

    @property
    def total(self) -> Tally:
        """All tallies together."""
        return total(self.tallies)


def total(tallies: dict[str, Tally]) -> Tally:
    """Several tallies added up."""
    agree, disagree, passed = (sum(column) for column in zip(*tallies.values(), strict=True)) if tallies else (0, 0, 0)
    return agree, disagree, passed


def write_export(folder: Path, statements: Iterable[tuple[int, str, int]], votes: Iterable[Vote]) -> Conversation:
    """Write an export of *statements* (number, text, moderated) and *votes* in this order of lines."""
    statements, votes = list(statements), list(votes)
    folder.mkdir(parents=True, exist_ok=True)
    rows = "".join(f'{START + number},x,{number},{number % 3},0,0,{mod},"{text}"\n' for number, text, mod in statements)
    (folder / "comments.csv").write_text(COMMENTS + rows, encoding="utf-8")
    (folder / "votes.csv").write_text(VOTES + "".join(f"{at},{one},{who},{v}\n" for at, one, who, v in votes))
    tallies = dict.fromkeys((f"polis:{number}" for number, _text, _moderated in statements), (0, 0, 0))
    rejected = {f"polis:{number}" for number, _text, moderated in statements if moderated == -1}
    return Conversation(folder, tallies | _last_votes(votes), rejected, len(votes))


def _last_votes(votes: list[Vote]) -> dict[str, Tally]:
    last: dict[tuple[int, int], int] = {}
    for _at, one, who, value in sorted(votes, key=lambda vote: vote[0]):  # stable: the order of lines decides on ties
        last[one, who] = value
    counts = Counter((one, value) for (one, _who), value in last.items())
    return {f"polis:{one}": (counts[one, 1], counts[one, -1], counts[one, 0]) for one, _who in last}


def small_export(folder: Path) -> Conversation:
    """Six statements and ten voters: agree, disagree, pass, second thoughts, ties, rejected statements with votes."""
    texts = ["Trams at night", "Ok", "A tunnel under the river " * 9, "Free bells", "Nobody votes on this", "Spam"]
    statements = [(number, text, -1 if number in (3, 5) else 1) for number, text in enumerate(texts)]
    votes = [(START + 1000 + 10 * who, one, who, (who + one) % 3 - 1) for who in range(10) for one in (0, 1, 2, 3, 5)]
    second = [
        (START + 9000, 0, 0, 1), (START + 9000, 0, 0, 0),  # the same millisecond: the later line counts
        (START + 9500, 1, 1, 0), (START + 9100, 1, 1, -1),  # the earlier line was cast later
        (START + 9600, 3, 2, 1), (START + 9700, 3, 2, 0),  # from agree to pass takes the agree back
    ]  # fmt: skip
    made = write_export(folder, statements, [*votes, *second])
    assert len(set(made.tallies.values())) > 3
    return made


def made_export(folder: Path, *, voters: int, statements: int, votes: int, seed: int = 7) -> Conversation:
    """A conversation of any size, the same for the same *seed*; about one vote in ten is a second thought."""
    chance = random.Random(seed)
    texts = [(number, f"Statement number {number}", -1 if number % 5 == 4 else 1) for number in range(statements)]
    pairs = [(one, who) for one in range(statements) for who in range(voters)]
    first = chance.sample(pairs, votes - votes // 10)
    chosen = [*first, *chance.choices(first, k=votes // 10)]
    rows = [(START + 1000 + chance.randrange(votes), one, who, chance.choice((1, 1, -1, 0))) for one, who in chosen]
    return write_export(folder, texts, rows)


# --- What is published ------------------------------------------------------------------------------------------------


def published() -> list[str]:
    """Every published conversation: the six we know of and any other that lies beside them."""
    return sorted({folder.name for folder in data_folder().glob("polis-*")} | set(PUBLISHED))


def published_marked() -> list[object]:
    """The same for ``parametrize``; one that is not there is left out and counted, all but two wait for test-full."""
    return [pytest.param(name, marks=_marks(name)) for name in published()]


def _marks(name: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.needs_data(name), *([] if name in EACH_TIME else [pytest.mark.full])]


def published_conversation(folder: Path) -> Conversation:
    """The truth of a published export: its matrix of participants, or its own counts where there is none."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    with open(folder / "comments.csv", encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    known = {f"polis:{row['comment-id']}": row for row in rows}
    rejected = {name for name, row in known.items() if row["moderated"] == "-1"}
    if (folder / "participants-votes.csv.gz").exists():
        tallies = dict.fromkeys(known, (0, 0, 0)) | _matrix(folder)
        totals = expected["totals_last_vote"]
        assert total(tallies) == (totals["agree"], totals["disagree"], totals["pass"])
        return Conversation(folder, tallies, rejected, expected["vote_events"])
    # Here nobody voted twice; what each row tells is how many agree and disagree, and the rest of its votes are passes.
    with open(folder / "votes.csv", encoding="utf-8-sig", newline="") as stream:
        voted = Counter(f"polis:{row['comment-id']}" for row in csv.DictReader(stream))
    told = {name: (int(row["agrees"]), int(row["disagrees"])) for name, row in known.items()}
    tallies = {name: (up, down, voted[name] - up - down) for name, (up, down) in told.items()}
    assert total(tallies) == (254, 92, 158)
    return Conversation(folder, tallies, rejected, expected["vote_rows"])


def _matrix(folder: Path) -> dict[str, Tally]:
    """How often 1, -1 and 0 stand in each column of the participants' matrix."""
    counts: Counter[tuple[str, str]] = Counter()
    with gzip.open(folder / "participants-votes.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        columns = [(place, name) for place, name in enumerate(next(rows)) if name.isdigit()]
        for row in rows:
            counts.update((name, row[place]) for place, name in columns)
    return {f"polis:{name}": (counts[name, "1"], counts[name, "-1"], counts[name, "0"]) for _place, name in columns}
