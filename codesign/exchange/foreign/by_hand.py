"""Bringing a file in at once, for the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from codesign.exchange.foreign.formats import IDEAS, format_named, guess_fields, guess_format, guess_mapping
from codesign.exchange.foreign.planning import Plan, Wish, make_plan
from codesign.exchange.foreign.sheets import Flaw, Sheet, read_sheet
from codesign.exchange.foreign.storing import bring_in, note_import
from codesign.kernel.actor import SYSTEM
from codesign.kernel.db import read
from codesign.spaces.access import access
from codesign.spaces.queries import list_statuses
from codesign.triage.fields import list_fields


def plan_file(
    file: Path, slug: str, name: str | None, source: str | None, columns: Mapping[str, str], statuses: Mapping[str, str]
) -> tuple[Plan, Sheet]:
    """What bringing *file* in would do. *columns* name fields, *statuses* words of the file; what they leave out is guessed."""
    sheet = read_sheet(file.read_bytes())
    known = format_named(name) if name else guess_format(sheet.header)
    mapping = guess_mapping(known, sheet.header)
    with read():
        fields = list_fields(access(SYSTEM, slug, "product").space.id)
    mapping = guess_fields(mapping, sheet.header, fields) if known.kind == IDEAS else mapping
    mapping |= {field: tuple(column.strip() for column in said.split(",")) for field, said in columns.items()}
    with read():
        found = access(SYSTEM, slug, "product")
        names = {str(status.name).casefold(): status.id for status in list_statuses(found.space.id)}
        meant = {word: names.get(said.casefold(), said) for word, said in statuses.items()}
        return make_plan(found, sheet, Wish(known, source or known.source, mapping, meant)), sheet


def run(plan: Plan, advance: Callable[[int, int], None] | None) -> tuple[dict[str, int], list[Flaw]]:
    """Do it (or, without *advance*, only say what would happen): counts and what is wrong with which line."""
    if advance is None:
        return asdict(plan.outlook), plan.table.flaws
    _done, result = bring_in(SYSTEM, plan, advance)
    note_import(SYSTEM, plan, result.ideas, result.named + result.counted)
    flaws = sorted([*plan.table.flaws, *result.flaws], key=lambda flaw: flaw.line)
    return {
        **result.counts,
        "already_here": plan.outlook.known,
        "unchanged": plan.outlook.known - plan.outlook.touched,
        "skipped": plan.table.skipped + len(result.flaws),
    }, flaws
