"""Settings → Import: a file is looked at, arranged, brought in by the worker; only product people may."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pytest
from werkzeug.test import TestResponse

from codesign.exchange.foreign import jobs
from codesign.exchange.models import IdeaImport
from codesign.ideas.facts import IdeaFact
from codesign.ideas.lists import list_ideas
from codesign.kernel import db
from codesign.kernel.errors import Conflict
from codesign.spaces.queries import list_statuses
from codesign.spaces.service import change_member
from codesign.testing import Clock
from tests.support.visitor import Visitor
from tests.support.world import World

TABLE = "number;name;text;wanted;state\n" + "".join(f"{n};Lamp number {n};Light;{n};Odd\n" for n in range(1, 8))


def address(world: World, *parts: str) -> str:
    return "/".join([f"/spaces/{world.space.slug}/settings/import", *parts])


def send_file(visitor: Visitor, world: World, data: str | bytes, name: str = "ideas.csv") -> TestResponse:
    content = data.encode() if isinstance(data, str) else data
    return visitor.send(address(world), file=(io.BytesIO(content), name))


def ideas_of(world: World) -> int:
    return len(list_all(world))


def list_all(world: World) -> list[IdeaFact]:
    return list(list_ideas(world.access(world.owner), "new", limit=100).items)


@pytest.mark.doors
def test_a_file_is_looked_at_arranged_and_brought_in(world: World, enter: Any) -> None:
    olga = enter(world.owner)
    assert "A file" in olga.words(address(world))
    assert send_file(olga, world, TABLE).status_code == 303
    page = olga.words(address(world))
    assert "What would happen" in page
    assert "New ideas 7" in page
    shipped = next(status for status in list_statuses(world.space.id) if status.kind == "shipped")
    arranged = {"source": "lamps", "column.title": "name", "column.key": "number", "column.body": "text",
                "column.votes": "wanted", "column.status": "state", "column.tags": ["", "", ""], "word.0": "Odd",
                "status.0": shipped.id}  # fmt: skip
    assert olga.send(address(world, "arrange"), **arranged).status_code == 303
    page = olga.words(address(world))
    assert "Votes that were only counted 28" in page
    assert olga.send(address(world, "start")).status_code == 303
    assert "0 of 7 rows" in olga.words(address(world))
    jobs.run_due()
    assert "All of it is here" in olga.words(address(world))
    found = list_all(world)
    assert {idea.status.name for idea in found} == {"Shipped"}
    assert sorted(idea.tally.imported_up for idea in found) == list(range(1, 8))
    assert "ideas.imported" in world.names()
    assert olga.send(address(world, "forget")).status_code == 303
    assert "A file" in olga.words(address(world))
    assert len(list_all(world)) == 7


@pytest.mark.doors
def test_what_cannot_be_used_is_said_and_nothing_is_kept(world: World, enter: Any) -> None:
    olga = enter(world.owner)
    for data, said in (("", "empty"), ("[1, 2", "cannot be read"), (b"\x1f\x8bbroken", "damaged")):
        answer = send_file(olga, world, data)
        assert answer.status_code == 422
        assert said in answer.get_data(as_text=True)
    assert olga.send(address(world)).status_code == 422
    send_file(olga, world, "a,b\n1,2\n")
    assert "Say which column holds the title." in olga.words(address(world))
    assert olga.send(address(world, "start")).status_code == 422
    for wrong in ({"source": "Ü", "column.title": "a"}, {"source": "x"}, {"source": "x", "column.colour": "a"}):
        assert olga.send(address(world, "arrange"), **wrong).status_code == 422, wrong
    bad = {"source": "x", "column.title": "b", "word.0": "x", "status.0": "nothing"}
    assert olga.send(address(world, "arrange"), **bad).status_code == 303
    assert "This space has no status" in olga.words(address(world))
    assert ideas_of(world) == 0


@pytest.mark.doors
def test_rows_that_are_wrong_can_be_downloaded(world: World, enter: Any) -> None:
    olga = enter(world.owner)
    assert olga.get(address(world, "rows.csv")).status_code == 404
    send_file(olga, world, gzip.compress(b'title,votes\n"=cmd()|x",many\nFine one,3\n'), "ideas.csv.gz")
    answer = olga.get(address(world, "rows.csv"))
    assert answer.get_data(as_text=True).splitlines() == [
        "title,votes,import_line,import_left_out,import_reason,import_raw",
        "'=cmd()|x,many,2,yes,“many” is no number of votes.,",
    ]
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.doors
def test_product_people_may_and_nobody_else(world: World, enter: Any) -> None:
    send_file(enter(world.owner), world, TABLE)
    product = enter(world.member("product"))
    assert product.get(address(world)).status_code == 200
    assert product.get(address(world, "rows.csv")).status_code == 200
    for who, refused in ((world.moderator, 403), (world.ann, 403), (world.stranger, 403), (None, 401)):
        visitor = enter(who)
        for path in (address(world), address(world, "rows.csv")):
            assert visitor.get(path).status_code in {refused, 302, 303}, (who, path)
        for name, form in (("start", {}), ("forget", {}), ("arrange", {"source": "x", "column.title": "name"})):
            assert visitor.send(address(world, name), **form).status_code in {refused, 302, 303}, (who, name)
        assert send_file(visitor, world, TABLE).status_code in {refused, 302, 303}
    assert "What would happen" in product.words(address(world))
    assert product.send(address(world, "forget")).status_code == 303


@pytest.mark.usefixtures("app")
def test_one_file_at_a_time(world: World) -> None:
    jobs.keep_file(world.owner, world.space.id, "one.csv", TABLE.encode())
    jobs.keep_file(world.owner, world.space.id, "two.csv", b"title\nA first one\n")
    jobs.start(world.owner, world.space.id)
    for refused in (
        lambda: jobs.keep_file(world.owner, world.space.id, "three.csv", TABLE.encode()),
        lambda: jobs.start(world.owner, world.space.id),
        lambda: jobs.arrange(world.owner, world.space.id, "x", {"title": ("title",)}, {}),
    ):
        with pytest.raises(Conflict):
            refused()
    jobs.run_due()
    assert ideas_of(world) == 1
    jobs.keep_file(world.owner, world.space.id, "three.csv", TABLE.encode())


@pytest.mark.usefixtures("app")
def test_a_worker_that_ended_goes_on_where_it_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    many = "title,votes\n" + "".join(f"Lamp number {n},1\n" for n in range(50))
    jobs.keep_file(world.owner, world.space.id, "many.csv", many.encode())
    jobs.start(world.owner, world.space.id)
    monkeypatch.setattr(jobs, "STEP", 0)
    monkeypatch.setattr(jobs, "TURN", 0.01)
    rounds = 0
    while (job := find(world)).state == jobs.RUNNING and rounds < 60:
        jobs.run_due()
        rounds += 1
    assert rounds > 1
    assert (job.state, job.position, job.found["ideas"], job.found["counted"]) == (jobs.DONE, 50, 50, 50)
    assert ideas_of(world) == 50


@pytest.mark.usefixtures("app")
def test_who_lost_the_right_brings_nothing_more_in(world: World) -> None:
    actor = world.member("product")
    jobs.keep_file(actor, world.space.id, "one.csv", TABLE.encode())
    jobs.start(actor, world.space.id)
    change_member(world.owner, world.space.id, str(actor.person_id), role="contributor")
    jobs.run_due()
    assert (find(world).state, ideas_of(world)) == (jobs.FAILED, 0)


@pytest.mark.usefixtures("app")
def test_files_are_forgotten_after_a_week(world: World, clock: Clock) -> None:
    jobs.keep_file(world.owner, world.space.id, "one.csv", TABLE.encode())
    clock.advance(days=6)
    jobs.forget_old()
    assert find(world)
    clock.advance(days=2)
    jobs.forget_old()
    with db.read() as work:
        assert work.get(IdeaImport, world.space.id) is None


def find(world: World) -> jobs.Job:
    with db.read():
        job = jobs.find_job(world.access(world.owner))
    assert job is not None
    return job


@pytest.mark.doors
def test_the_page_asks_as_often_for_many_rows_as_for_few(world: World, enter: Any, count_queries: Any) -> None:
    olga, asked = enter(world.owner), []
    for number in (2, 300):
        rows = "".join(f"{n},Lamp number {n},Ann {n}\n" for n in range(number))
        send_file(olga, world, f"id,title,author\n{rows}")
        olga.get(address(world))
        with count_queries() as queries:
            assert olga.get(address(world)).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]
