"""Files to import by hand: nothing is sent, the page offers what there would be as CSV (RFC 4180).

Cells that a spreadsheet would take for a formula begin with an apostrophe, so they stay text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from codesign.sdk import _, as_cell

from ..connector import KINDS, Call, Connector, Line, Operation, Outcome, RemoteField
from ..records import FIELDS

#: The columns each CRM's import knows, by our fields.
PRESETS: dict[str, dict[str, dict[str, str]]] = {
    "HubSpot": {
        "organization": {"name": "Company name", "segment": "Industry", "revenue": "Annual Revenue"},
        "person": {"name": "First Name", "email": "Email", "organization": "Company name", "wanted": "Message"},
        "idea": {"title": "Deal Name", "body": "Deal Description", "url": "Deal Link"},
        "activity": {"subject": "Note body"},
    },
    "Salesforce": {
        "organization": {"name": "Account Name", "segment": "Industry", "revenue": "Annual Revenue"},
        "person": {"name": "Last Name", "email": "Email", "organization": "Account Name", "wanted": "Description"},
        "idea": {"title": "Opportunity Name", "body": "Description", "url": "Next Step"},
        "activity": {"subject": "Subject", "url": "Description"},
    },
    "Zoho CRM": {
        "organization": {"name": "Account Name", "segment": "Industry", "revenue": "Annual Revenue"},
        "person": {"name": "Last Name", "email": "Email", "organization": "Account Name", "wanted": "Description"},
        "idea": {"title": "Deal Name", "body": "Description"},
        "activity": {"subject": "Note Title", "url": "Note Content"},
    },
    "Odoo": {
        "organization": {"name": "Name", "segment": "Tags"},
        "person": {"name": "Name", "email": "Email", "organization": "Related Company", "wanted": "Notes"},
        "idea": {"title": "Opportunity", "body": "Notes"},
        "activity": {"subject": "Summary"},
    },
    "Dynamics 365": {
        "organization": {"name": "Account Name", "segment": "Industry", "revenue": "Annual Revenue"},
        "person": {"name": "Last Name", "email": "Email", "organization": "Company Name", "wanted": "Description"},
        "idea": {"title": "Topic", "body": "Description"},
        "activity": {"subject": "Subject", "url": "Description"},
    },
}
ID = {"HubSpot": "codesign_id", "Salesforce": "Codesign_Id__c", "Odoo": "External ID"}


def cell(value: Any) -> str:
    """A value as it stands in the file: numbers as they are, texts never as a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return repr(value)
    return as_cell(str(value))


def render(preset: str, columns: Sequence[str], rows: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """A CSV file: our external id first, then *columns*; lines end in CRLF, quotes are doubled."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([ID.get(preset, "id"), *columns])
    for external_id, values in rows:
        writer.writerow([external_id, *(cell(values.get(column)) for column in columns)])
    return file.getvalue()


def _describe(line: Line) -> list[RemoteField]:
    names = PRESETS.get(line.preset) or {kind: {key: key for key in FIELDS[kind]} for kind in KINDS}
    return [RemoteField(kind, name, FIELDS[kind][key][1]) for kind in KINDS for key, name in names[kind].items()]


def _plan(line: Line, operations: Sequence[Operation]) -> list[Call]:
    return []


def _push(line: Line, operations: Sequence[Operation]) -> list[Outcome]:
    return [Outcome(True, remote_id=operation.external_id) for operation in operations]


CSV = Connector(
    name="csv",
    title=_("CSV files"),
    description=_("Files to download and import by hand, with the columns your CRM knows."),
    describe=_describe,
    plan=_plan,
    push=_push,
    presets=PRESETS,
    batch=200,
    per_second=1000.0,
)
