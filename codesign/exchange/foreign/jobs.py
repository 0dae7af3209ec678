"""An uploaded file of ideas: looked at, arranged, and brought in by the worker in short steps."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from codesign.exchange.foreign.formats import (
    IDEAS,
    Columns,
    Format,
    check_fields,
    format_named,
    guess_fields,
    guess_format,
    guess_mapping,
)
from codesign.exchange.foreign.planning import Plan, Wish, make_plan
from codesign.exchange.foreign.sheets import Flaw, Sheet, read_sheet
from codesign.exchange.foreign.storing import Result, bring_in, note_import, size_of
from codesign.exchange.models import IdeaImport
from codesign.ideas.imported import clean_source
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import offload, read, reading, session, verb
from codesign.kernel.errors import Conflict, Invalid, NotFound, Problem
from codesign.kernel.text import _
from codesign.kernel.words import one_line
from codesign.spaces.access import access
from codesign.spaces.facts import Access
from codesign.triage.fields import list_fields

DRAFT, RUNNING, DONE, FAILED = "draft", "running", "done", "failed"
#: One step of a running import, and how long the worker stays with it before it looks after other things.
STEP, TURN = 0.5, 3.0
#: A file names people, so it is kept no longer than its import is looked at.
KEPT = timedelta(days=7)
MOST_REFUSED = 1_000
#: A page takes so much, so that the server keeps its memory; the command line takes more.
MOST_BYTES, MOST_ROWS = 16 * 1024 * 1024, 20_000


@dataclass(frozen=True)
class Job:
    """A file that is looked at or comes in."""

    space_id: str
    made_by: str | None
    name: str
    wish: Wish
    state: str
    position: int
    total: int
    found: dict[str, int]
    refused: tuple[tuple[int, str], ...]
    changed_at: datetime


@reading
def find_job(found: Access) -> Job | None:
    """The file of a space, if there is one. The caller has passed the gate."""
    row = session().get(IdeaImport, found.space.id)
    return _job(row) if row else None


def _job(row: IdeaImport) -> Job:
    columns = {field: tuple(names) for field, names in row.columns.items()}
    wish = Wish(format_named(row.format), row.source, columns, dict(row.statuses))
    refused = tuple((int(line), str(reason)) for line, reason in row.refused)
    return Job(
        row.space_id, row.made_by, row.name, wish, row.state, row.position, row.total, dict(row.found), refused,
        row.changed_at,
    )  # fmt: skip


@reading
def sheet_of(job: Job) -> Sheet:
    """The table in the file."""
    content = session().scalar(select(IdeaImport.content).where(IdeaImport.space_id == job.space_id))
    return read_sheet(content or b"", MOST_BYTES, MOST_ROWS)


def keep_file(actor: Actor, reference: str, name: str, data: bytes) -> Job:
    """Look at a file; one that was looked at before gives way. Raises NotFound, Forbidden, Invalid, Conflict."""
    with read():
        fields = list_fields(access(actor, reference, "product").space.id)
    sheet: Sheet = offload(read_sheet, data, MOST_BYTES, MOST_ROWS)
    known = guess_format(sheet.header)
    columns = guess_mapping(known, sheet.header)
    columns = guess_fields(columns, sheet.header, fields) if known.kind == IDEAS else columns
    return _keep(actor, reference, one_line(name)[:200], data, known, columns)


@verb
def _keep(actor: Actor, reference: str, name: str, data: bytes, known: Format, columns: Columns) -> Job:
    space_id, work = access(actor, reference, "product").space.id, session()
    row = work.get(IdeaImport, space_id, with_for_update=True)
    if row is not None and row.state == RUNNING:
        raise Conflict(_("Another file is coming in. Wait until it is through, or stop it."))
    if row is not None:
        work.delete(row)
        work.flush()
    row = IdeaImport(
        space_id=space_id, made_by=actor.person_id, name=name, content=data, format=known.name, source=known.source,
        columns={field: list(names) for field, names in columns.items()}, statuses={}, state=DRAFT, position=0, total=0,
        found={}, refused=[], changed_at=clock.now(),
    )  # fmt: skip
    work.add(row)
    work.flush()
    return _job(row)


@verb
def arrange(actor: Actor, reference: str, source: str, columns: Columns, statuses: Mapping[str, str]) -> None:
    """Say which column says what, and which status a word becomes. Raises NotFound, Forbidden, Invalid, Conflict."""
    row = _locked(actor, reference, DRAFT)
    if not columns:
        raise Invalid.field("title", _("Say which column holds the title."), "required")
    check_fields(columns, list_fields(row.space_id))
    row.source = clean_source(source)
    row.columns = {field: list(names) for field, names in columns.items()}
    row.statuses, row.changed_at = dict(statuses), clock.now()


def plan_of(found: Access, job: Job) -> tuple[Plan, Sheet]:
    """What bringing the file in would do. Raises Invalid, Closed."""
    sheet = sheet_of(job)
    return make_plan(found, sheet, job.wish), sheet


def flaws_of(plan: Plan, job: Job) -> list[Flaw]:
    """What is wrong with which line: of the file itself, and what failed on the way."""
    late = [Flaw(line, reason) for line, reason in job.refused]
    return sorted([*plan.table.flaws, *late], key=lambda flaw: flaw.line)


def start(actor: Actor, reference: str) -> None:
    """Let the worker bring the file in. Raises NotFound, Forbidden, Invalid, Closed, Conflict."""
    _start(actor, reference, offload(_rows_of, actor, reference))


def _rows_of(actor: Actor, reference: str) -> int:
    with read():
        found = access(actor, reference, "product")
        job = find_job(found)
        if job is None:
            raise NotFound(_("There is no file to bring in."))
        return size_of(plan_of(found, job)[0])


@verb
def _start(actor: Actor, reference: str, total: int) -> None:
    row = _locked(actor, reference, DRAFT)
    row.state, row.position, row.total, row.found, row.refused = RUNNING, 0, total, {}, []
    row.made_by, row.changed_at = actor.person_id, clock.now()


@verb
def forget(actor: Actor, reference: str) -> None:
    """Forget the file; where it comes in just now, that stops, and what is here stays."""
    space_id = access(actor, reference, "product").space.id
    session().execute(delete(IdeaImport).where(IdeaImport.space_id == space_id))


def _locked(actor: Actor, reference: str, state: str) -> IdeaImport:
    space_id = access(actor, reference, "product").space.id
    row = session().get(IdeaImport, space_id, with_for_update=True)
    if row is None:
        raise NotFound(_("There is no file to bring in."))
    if row.state != state:
        raise Conflict(_("This file is coming in already, or is through."))
    return row


# --- The worker -------------------------------------------------------------------------------------------------------


def run_due() -> None:
    """Go on with every file that is coming in, for some seconds each."""
    with read() as work:
        running = list(work.scalars(select(IdeaImport).where(IdeaImport.state == RUNNING)))
        jobs = [_job(row) for row in running]
    for job in jobs:
        _go_on(job)


def _go_on(job: Job) -> None:
    actor = Actor(person_id=job.made_by)
    try:
        with read():
            plan, _sheet = plan_of(access(actor, job.space_id, "product"), job)
        position, until = job.position, time.monotonic() + TURN
        while position < job.total and time.monotonic() < until:
            position, result = bring_in(actor, plan, begin=position, seconds=STEP)
            if not _note(job.space_id, position, result):
                return
        if position >= job.total:
            _finish(actor, plan)
    except Problem as refusal:
        _fail(job.space_id, str(refusal.sentence))


@verb
def _note(space_id: str, position: int, result: Result) -> bool:
    """Note how far it came; False where somebody has stopped it."""
    row = session().get(IdeaImport, space_id, with_for_update=True)
    if row is None or row.state != RUNNING:
        return False
    row.position, row.changed_at = position, clock.now()
    row.found = {name: row.found.get(name, 0) + value for name, value in result.counts.items()}
    row.refused = [*row.refused, *([flaw.line, str(flaw.reason)] for flaw in result.flaws)][:MOST_REFUSED]
    return True


@verb
def _finish(actor: Actor, plan: Plan) -> None:
    row = session().get(IdeaImport, plan.access.space.id, with_for_update=True)
    if row is not None:
        row.state, row.changed_at = DONE, clock.now()
        note_import(actor, plan, row.found.get("ideas", 0), row.found.get("named", 0) + row.found.get("counted", 0))


@verb
def _fail(space_id: str, reason: str) -> None:
    row: Any = session().get(IdeaImport, space_id, with_for_update=True)
    if row is not None:
        row.state, row.changed_at = FAILED, clock.now()
        row.refused = [*row.refused, [0, reason]]


@verb
def forget_old() -> None:
    """Forget files that nobody needs any more."""
    old = IdeaImport.changed_at < clock.now() - KEPT
    session().execute(delete(IdeaImport).where(old, IdeaImport.state != RUNNING))
