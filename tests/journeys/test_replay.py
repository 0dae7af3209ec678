"""Recorded conversations played into a real server, which is killed meanwhile: the tallies come out exactly all the same."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from codesign.app import create_app
from codesign.kernel import db
from codesign.testing import Database, settings_for
from tests.support.books import check_books
from tests.support.follower import Follower
from tests.support.polis import LARGEST, Conversation, made_export, published_conversation, small_export
from tests.support.programs import Admin
from tests.support.server import COMMAND, Server, clean_environment, run_codesign

LIMITS = {"token_votes_per_second": "5000"}

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Admin]:
    """The administrator of a running server."""
    server = Server(tmp_path_factory.mktemp("replay") / "instance", LIMITS).start()
    try:
        yield Admin(server)
    finally:
        server.stop()


def replay(admin: Admin, made: Conversation, slug: str, *options: str) -> dict[str, Any]:
    """Run ``codesign replay polis`` to its end; what it reports."""
    command = ("replay", "polis", str(made.folder), "--space", slug, "--server", admin.server.url, "--json", *options)
    ended = run_codesign(*command, "--token", admin.token, instance=admin.server.instance, timeout=900)
    assert ended.returncode == 0, ended.stderr
    report: dict[str, Any] = json.loads(ended.stdout)
    return report


@contextmanager
def running_replay(admin: Admin, made: Conversation, slug: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """``codesign replay polis`` in its own process."""
    command = ["replay", "polis", str(made.folder), "--space", slug, "--server", admin.server.url, "--json", *options]
    process = subprocess.Popen(
        [*COMMAND, *command],
        env={**clean_environment(), "REPLAY_TOKEN": admin.token},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=admin.server.instance.parent,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def tallies(admin: Admin, slug: str) -> dict[str, tuple[int, int, int]]:
    """What the API tells of every statement, hidden ones too."""
    found = {}
    for state in ("published", "hidden"):
        query: dict[str, Any] = {"state": state, "sort": "new", "limit": 100}
        while query.get("cursor") != "":
            page = admin.ask("GET", f"/spaces/{slug}/ideas", params=query)
            for idea in page["items"]:
                tally = idea["tally"]
                found[idea["external_id"]] = (tally["up"], tally["down"], tally["pass"])
            query["cursor"] = page["next"] or ""
    return found


def hidden(admin: Admin, slug: str) -> set[str]:
    page = admin.ask("GET", f"/spaces/{slug}/ideas", params={"state": "hidden", "limit": 100})
    return {idea["external_id"] for idea in page["items"]}


def check_rows(admin: Admin, slug: str, votes: int) -> None:
    """Hold the books of the server's database against each other, beside the running server."""
    file = admin.server.instance / "codesign.db"
    create_app(settings_for(Database("sqlite", f"sqlite:///{file}"), admin.server.instance))
    try:
        assert check_books(slug) == votes
    finally:
        db.current().dispose()
        db.use(None)


def kill_when(admin: Admin, slug: str, seq: int, patience: float = 300) -> tuple[float, float]:
    """SIGKILL server and worker once the log of the space has come so far, start them again; when that was."""
    until = time.monotonic() + patience
    while admin.ask("GET", f"/spaces/{slug}")["seq"] < seq:
        assert time.monotonic() < until, "the votes do not come in"
        time.sleep(0.05)
    killed = time.monotonic()
    admin.server.kill()
    admin.server.start()
    return killed, time.monotonic()


def test_a_replay_gives_every_statement_exactly_its_tally(admin: Admin, tmp_path: Path) -> None:
    made = small_export(tmp_path / "small")
    admin.make_space("trams", ballot={"kind": "updown"})
    with Follower(admin, "trams") as screen:
        report = replay(admin, made, "trams")
        assert (report["acknowledged"], report["refused"]) == (made.votes, [])
        assert tallies(admin, "trams") == made.tallies
        screen.wait(made.tallies)
    assert hidden(admin, "trams") == made.rejected
    again = replay(admin, made, "trams", "--rate", "500/s")
    assert (again["acknowledged"], again["refused"]) == (made.votes, [])
    assert tallies(admin, "trams") == made.tallies
    check_rows(admin, "trams", sum(made.total))


@pytest.mark.full
def test_a_replay_keeps_its_exact_tallies_over_two_kills(admin: Admin, tmp_path: Path) -> None:
    made = made_export(tmp_path / "made", voters=40, statements=25, votes=1000)
    admin.make_space("kills", ballot={"kind": "updown"})
    with (
        Follower(admin, "kills") as screen,
        running_replay(admin, made, "kills", "--rate", "200/s") as process,
    ):
        phases = [kill_when(admin, "kills", seq) for seq in (300, 700)]
        out, complaints = process.communicate(timeout=90)
        assert process.returncode == 0, complaints
        report = json.loads(out)
        assert (report["acknowledged"], report["refused"]) == (made.votes, [])
        assert report["reconnected"] >= 3
        assert tallies(admin, "kills") == made.tallies
        screen.wait(made.tallies)
        assert screen.moved_between(phases[0][1], phases[1][0]), "nothing moved between the two kills"
        assert screen.moved_between(phases[1][1], time.monotonic()), "nothing moved after the second kill"
    check_rows(admin, "kills", sum(made.total))


@pytest.mark.full
def test_what_cannot_be_replayed_is_said_in_a_sentence(admin: Admin, tmp_path: Path) -> None:
    made = small_export(tmp_path / "small")
    admin.make_space("onlyup", ballot={"kind": "upvote"})
    command = ("replay", "polis", str(made.folder), "--server", admin.server.url)
    for slug, token, words in (
        ("onlyup", admin.token, "updown"),
        ("nowhere", admin.token, "no such space"),
        ("onlyup", "wrong", ""),
    ):
        ended = run_codesign(*command, "--space", slug, "--token", token, instance=admin.server.instance)
        assert (ended.returncode, words in ended.stderr) == (1, True), ended.stderr
        assert "Traceback" not in ended.stderr
    assert admin.ask("GET", "/spaces/onlyup/ideas")["items"] == []


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.needs_data(LARGEST)
@pytest.mark.parametrize("pace", [("--speed", "max"), ("--rate", "500/s")], ids=["max", "500"])
def test_the_largest_conversation_over_two_kills(pace: tuple[str, str], admin: Admin, data: Path, page: Any) -> None:
    """49,997 votes while the server is killed twice and a page stays open: exact, and the page moves to the end."""
    made, slug = published_conversation(data / LARGEST), f"uberx-{pace[1].removesuffix('/s')}"
    admin.make_space(slug, ballot={"kind": "updown"})
    with running_replay(admin, made, slug, *pace) as process:
        most = max(made.tallies, key=lambda name: made.tallies[name][0])
        while not (found := admin.ask("GET", f"/spaces/{slug}/ideas", params={"external_id": most})["items"]):
            time.sleep(0.1)
        idea = found[0]
        page.goto(f"{admin.server.url}{idea['url'].removeprefix(admin.server.url)}")
        count = page.locator("#head cs-vote-button .vote .count").first
        seen = []
        for part in (0.25, 0.6):
            kill_when(admin, slug, int(made.votes * part), patience=900)
            seen.append(count.inner_text())
        out, complaints = process.communicate(timeout=1200)
        assert process.returncode == 0, complaints
        report = json.loads(out)
    print(f"{report['acknowledged'] / report['seconds']:.0f} votes/s, two restarts included")
    assert (report["acknowledged"], report["refused"]) == (made.votes, [])
    assert tallies(admin, slug) == made.tallies
    assert hidden(admin, slug) == made.rejected
    page.wait_for_function(
        "wanted => document.querySelector('#head cs-vote-button').getAttribute('up') === wanted",
        arg=str(made.tallies[most][0]),
    )
    assert len({*seen, count.inner_text()}) == 3, "the page did not move"
    check_rows(admin, slug, sum(made.total))
