"""What the reader makes of Polis exports: small and broken ones of our own, and the published ones."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codesign.exchange.polis_export import (
    LONGEST_TEXT,
    NO_TEXT,
    PolisExport,
    PolisExportError,
    Tallies,
    TimedVote,
    final_tallies,
    person_external_id,
    read_export,
    total_of,
)
from tests.support.polis import COMMENTS, PUBLISHED, VOTES
from tests.support.skips import data_folder


def write(folder: Path, comments: str | bytes, votes: str | bytes) -> PolisExport:
    """Write an export of these rows (below the usual headers when they are text) and read it."""
    if isinstance(comments, str):
        comments = (COMMENTS + comments).encode()
    if isinstance(votes, str):
        votes = (VOTES + votes).encode()
    (folder / "comments.csv").write_bytes(comments)
    (folder / "votes.csv").write_bytes(votes)
    return read_export(folder)


def reasons(export: PolisExport) -> list[tuple[str, int, str]]:
    """File, line and the first words of every problem."""
    return [(problem.file, problem.line, problem.reason[:24]) for problem in export.problems]


def test_statements_and_votes_are_read_in_the_order_of_time(tmp_path: Path) -> None:
    export = write(
        tmp_path,
        '2000,x,7,1,1,0,-1,"Two\nlines, one statement"\n1000,x,3,,0,1,1,Short\n',
        "5000,7,2,1\n4000,3,2,-1\n4500,3,4,0\n",
    )
    assert [(one.comment_id, one.text, one.author_id, one.moderated, one.line) for one in export.statements] == [
        (3, "Short", None, 1, 4),
        (7, "Two\nlines, one statement", 1, -1, 2),
    ]
    assert export.statements[1].rejected
    assert export.statements[1].external_id == "polis:7"
    assert export.statements[0].created_at == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert list(export.votes()) == [
        TimedVote(2, 3, -1, datetime(1970, 1, 1, 0, 0, 4, tzinfo=UTC), 3),
        TimedVote(4, 3, 0, datetime(1970, 1, 1, 0, 0, 4, 500_000, tzinfo=UTC), 4),
        TimedVote(2, 7, 1, datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC), 2),
    ]
    assert list(export.votes(start=2)) == list(export.votes())[2:]
    assert export.people == (1, 2, 4)
    assert person_external_id(4) == "polis:4"
    assert not export.problems


def test_the_last_vote_counts_and_the_files_order_decides_on_ties(tmp_path: Path) -> None:
    export = write(
        tmp_path,
        "1,x,0,0,0,0,1,A\n1,x,1,0,0,0,1,B\n",
        # Voter 5 agrees late but stands first in the file; voter 6 votes three times in one millisecond.
        "900,0,5,1\n100,0,5,-1\n300,0,6,1\n300,0,6,-1\n300,0,6,0\n400,1,6,-1\n",
    )
    tallies = final_tallies(export.votes())
    assert tallies == {0: Tallies(agree=1, passed=1), 1: Tallies(disagree=1)}
    assert total_of(tallies.values()) == Tallies(1, 1, 1)
    assert total_of(tallies.values()).total == 3
    assert export.counts.votes == 6


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("x,0,1,1", "The column timestamp can"),
        ("-1,0,1,1", "The column timestamp can"),
        ("999999999999999,0,1,1", "The column timestamp can"),
        ("1_000,0,1,1", "The column timestamp can"),
        ("1000,,1,1", "The column comment-id ca"),
        ("1000,0,,1", "The column voter-id cann"),
        ("1000,0,1\0,1", "The column voter-id cann"),
        ("1000,0,1,2", '"2" is no vote: it must '),
        ("1000,0,1,0.5", '"0.5" is no vote: it mus'),
        ("1000,0,1,", '"" is no vote: it must b'),
        ("1000,99,1,1", "The vote is about statem"),
        ("1000,0,1", "The row has 3 cells, the"),
        ("1000,0,1,1,1", "The row has 5 cells, the"),
        ('"1000,0,1,1', "The row cannot be read: "),
    ],
)
def test_a_bad_vote_is_told_by_line_and_spoils_no_other(tmp_path: Path, row: str, why: str) -> None:
    export = write(tmp_path, "1,x,0,0,0,0,1,A\n", f"1000,0,1,1\n{row}\n\n2000,0,2,-1\n")
    assert reasons(export) == [("votes.csv", 3, why)]
    assert export.counts.rows_skipped == 1
    assert [(vote.voter_id, vote.value) for vote in export.votes()] == [(1, 1), (2, -1)]


def test_bad_statements_are_told_and_the_rest_is_read(tmp_path: Path) -> None:
    rows = [
        "1,x,0,0,0,0,1,Fine",
        "1,x,zero,0,0,0,1,No number",
        "1,x,0,0,0,0,1,A second number 0",
        '1,x,2,0,0,0,1,"A quote that never closes',
        '1,x,3,0,0,0,1,"Fine, with a comma"',
        "1,x,4,0,0,0,1",
        "later,x,5,nobody,a,b,maybe,Repaired three times",
        "1,x,6,0,0,0,1,",
        f"1,x,7,0,0,0,1,{'a' * (LONGEST_TEXT + 5)}",
        "1,x,8,0,0,0,1,N\0UL",
    ]
    export = write(tmp_path, "\n".join(rows) + "\n", "7000,5,1,1\n5000,2,1,1\n")
    texts = {statement.comment_id: statement.text for statement in export.statements}
    assert texts == {
        0: "Fine",
        3: "Fine, with a comma",
        5: "Repaired three times",
        6: NO_TEXT,
        7: "a" * LONGEST_TEXT,
        8: "NUL",
    }
    told = [(problem.line, problem.skipped) for problem in export.problems if problem.file == "comments.csv"]
    assert told == [
        (3, True), (4, True), (5, True), (7, True), (8, False), (8, False), (8, False), (9, False), (10, False),
        (11, False),
    ]  # fmt: skip
    assert reasons(export)[-1] == ("votes.csv", 3, "The vote is about statem")
    repaired = next(statement for statement in export.statements if statement.comment_id == 5)
    assert repaired.created_at == datetime(1970, 1, 1, 0, 0, 7, tzinfo=UTC), "it takes the time of its first vote"
    assert (repaired.author_id, repaired.moderated, repaired.agrees) == (None, 0, None)


def test_a_cell_without_end_is_skipped(tmp_path: Path) -> None:
    huge = "b" * 2_500_000
    export = write(
        tmp_path,
        f'1,x,0,0,0,0,1,"{"a" * 200_000}"\n1,x,1,0,0,0,1,{huge}\n1,x,2,0,0,0,1,Fine\n',
        f"1000,2,1,{huge}\n1000,2,2,1\n",
    )
    assert [statement.comment_id for statement in export.statements] == [2]
    assert [(file, line) for file, line, _reason in reasons(export)] == [
        ("comments.csv", 3), ("comments.csv", 2), ("votes.csv", 2),
    ]  # fmt: skip
    assert final_tallies(export.votes()) == {2: Tallies(agree=1)}


def test_headers_of_other_years_are_understood(tmp_path: Path) -> None:
    comments = "\ufeffComment_ID,Timestamp,author_id,body,is-seed,importance\r\n12.0,1000,3,Hello,1,9\r\n"
    votes = "datetime,vote,participant,tid,created\r\nmonday,-1,4,12,2000.0\r\n"
    export = write(tmp_path, comments.encode(), votes.encode())
    (statement,) = export.statements
    assert (statement.comment_id, statement.text, statement.author_id, statement.seed) == (12, "Hello", 3, True)
    assert (statement.moderated, statement.agrees, statement.meta) == (0, None, False)
    assert final_tallies(export.votes()) == {12: Tallies(disagree=1)}
    assert not export.problems


def test_bytes_that_are_no_utf8_are_mended_and_told(tmp_path: Path) -> None:
    export = write(tmp_path, COMMENTS.encode() + b"1,x,0,0,0,0,1,caf\xe9\n", "1000,0,1,1\n")
    assert export.statements[0].text == "caf\ufffd"
    assert reasons(export) == [("comments.csv", 2, "Bytes that are no UTF-8 ")]


def test_lines_may_end_with_a_carriage_return_alone(tmp_path: Path) -> None:
    comments = COMMENTS + '1000,x,3,1,1,0,1,"Two\nlines"\n2000,x,4,1,1,0,1,Short\n'
    export = write(
        tmp_path, comments.replace("\n", "\r").encode(), (VOTES + "1,3,2,-1\n2,4,2,1\n").replace("\n", "\r").encode()
    )
    assert [(one.comment_id, one.text, one.line) for one in export.statements] == [
        (3, "Two\nlines", 2),
        (4, "Short", 4),
    ]
    assert [vote.value for vote in export.votes()] == [-1, 1] and not export.problems


def test_a_stray_carriage_return_spoils_its_own_row_only(tmp_path: Path) -> None:
    export = write(tmp_path, "1,x,0,0,0,0,1,A\rB\n2,x,1,0,0,0,1,C\n", "1,0,5,1\n2,\r1,5,1\n3,1,6,-1\n")
    assert [one.text for one in export.statements] == ["A", "C"]
    assert [(vote.comment_id, vote.value) for vote in export.votes()] == [(0, 1), (1, -1)]
    assert [(problem.file, problem.line) for problem in export.problems] == [
        ("comments.csv", 3),
        ("votes.csv", 3),
        ("votes.csv", 4),
    ]


def test_packed_and_plain_files_are_the_same_input(tmp_path: Path) -> None:
    plain = write(tmp_path, "1,x,0,0,0,0,1,A\n", "1000,0,1,1\n")
    with gzip.open(tmp_path / "votes.csv.gz", "wb") as packed:
        packed.write((tmp_path / "votes.csv").read_bytes())
    (tmp_path / "votes.csv").unlink()
    packed_export = read_export(tmp_path)
    assert packed_export.digest == plain.digest
    assert list(packed_export.votes()) == list(plain.votes())
    assert write(tmp_path, "1,x,0,0,0,0,1,A\n", "1000,0,1,-1\n").digest != plain.digest


def test_half_a_packed_file_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "1,x,0,0,0,0,1,A\n", "".join(f"{1000 + n},0,{n},1\n" for n in range(5000)))
    packed = gzip.compress((tmp_path / "votes.csv").read_bytes())
    (tmp_path / "votes.csv").unlink()
    (tmp_path / "votes.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(PolisExportError, match=r"votes.csv.gz is damaged"):
        read_export(tmp_path)
    (tmp_path / "votes.csv.gz").write_bytes(b"not packed at all")
    with pytest.raises(PolisExportError, match=r"votes.csv.gz is damaged"):
        read_export(tmp_path)


def test_what_is_no_export_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PolisExportError, match="is not a folder"):
        read_export(tmp_path / "nowhere")
    with pytest.raises(PolisExportError, match=r"neither comments.csv nor comments.csv.gz"):
        read_export(tmp_path)
    with pytest.raises(PolisExportError, match=r"votes.csv has no column voter-id, vote"):
        write(tmp_path, "1,x,0,0,0,0,1,A\n", b"timestamp,comment-id\n1,0\n")
    with pytest.raises(PolisExportError, match=r"comments.csv has no column"):
        write(tmp_path, b"", "1000,0,1,1\n")


def test_an_export_without_votes_is_fine(tmp_path: Path) -> None:
    export = write(tmp_path, "1000,x,0,0,0,0,1,A\n", "")
    assert (export.counts.statements, export.counts.votes, list(export.votes())) == (1, 0, [])


def test_turned_signs_are_told_and_not_turned_back(tmp_path: Path) -> None:
    votes = "".join(f"{1000 + n},0,{n},{1 if n < 3 else -1}\n" for n in range(10))
    assert not write(tmp_path, "1000,x,0,0,3,7,1,A\n", votes).warnings
    export = write(tmp_path, "1000,x,0,0,7,3,1,A\n", votes)
    assert len(export.warnings) == 1
    assert final_tallies(export.votes()) == {0: Tallies(agree=3, disagree=7)}


def test_a_thousand_problems_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    export = write(tmp_path, "1000,x,0,0,0,0,1,A\n", "1000,0,1,7\n" * 1500 + "1000,0,1,1\n")
    assert len(export.problems) == 1000
    assert export.counts.rows_skipped == 1500
    assert export.counts.votes == 1


def test_the_summary_names_the_conversation(tmp_path: Path) -> None:
    (tmp_path / "summary.csv").write_text('topic,Bikes\nconversation-description,"Two\nlines"\n', encoding="utf-8")
    export = write(tmp_path, "1000,x,0,0,0,0,1,A\n", "")
    assert (export.topic, export.description) == ("Bikes", "Two\nlines")


def published() -> list[object]:
    """Every published conversation, the six we know of and any other that lies beside them."""
    found = {folder.name for folder in data_folder().glob("polis-*")}
    return [pytest.param(name, marks=pytest.mark.needs_data(name)) for name in sorted(found | set(PUBLISHED))]


def published_tallies(folder: Path) -> dict[int, Tallies]:
    """How often 1, -1 and 0 stand in each column of the participants' matrix."""
    with gzip.open(folder / "participants-votes.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    columns = [name for name in rows[0] if name.isdigit()]
    tallies: dict[int, Tallies] = {}
    for column in columns:
        counts = Counter(int(row[column]) for row in rows if row[column])
        if counts:
            tallies[int(column)] = Tallies(counts[1], counts[-1], counts[0])
    return tallies


@pytest.mark.parametrize("name", published())
def test_published_tallies_are_met_exactly(name: str, data: Path) -> None:
    folder = data / name
    export = read_export(folder)
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    ours = final_tallies(export.votes())
    assert (export.problems, export.warnings) == ((), ())
    assert export.counts.statements == expected["comments"]
    assert len({vote.voter_id for vote in export.votes()}) == expected["voters"]
    if name == "polis-improving-polis":
        theirs = {one.comment_id: (one.agrees, one.disagrees) for one in export.statements}
        assert {key: (tally.agree, tally.disagree) for key, tally in ours.items()} == theirs
        assert total_of(ours.values()) == Tallies(254, 92, 158)
        return
    assert ours == published_tallies(folder)
    assert set(ours) <= {statement.comment_id for statement in export.statements}
    totals = expected["totals_last_vote"]
    assert total_of(ours.values()) == Tallies(totals["agree"], totals["disagree"], totals["pass"])
    assert export.counts.votes == expected["vote_events"]
    moderated = Counter(str(statement.moderated) for statement in export.statements)
    assert moderated == expected["moderated"]
