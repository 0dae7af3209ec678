"""The columns of the table: what a space offers, which are chosen, and how each orders the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from codesign.ideas.ports import ports
from codesign.ideas.sifting import NEW, SCORE, TALKED, TOP
from codesign.kernel.text import _
from codesign.triage.facts import FieldFact
from codesign.triage.filters import FIELD
from codesign.triage.pages.wishes import DeskWish

#: Columns that tell who wants ideas: groups of people, never of fewer than five.
WANTS = "wants"


#: Fields of the open idea that change what a column shows, by its kind.
CHANGED_AT = {"status": "p-status", "owner": "p-owner", "tags": "p-tags"}


@dataclass(frozen=True)
class Column:
    """One column. ``kind`` picks how its cells are drawn, ``key`` names the rule or field they tell of.

    ``needs`` are the fields without which an idea has no such score.
    """

    name: str
    title: str
    kind: str
    key: str = ""
    sort: str = ""
    field: FieldFact | None = None
    needs: tuple[FieldFact, ...] = ()

    @property
    def at(self) -> str:
        """Where beside the table its cells are changed; empty for what is counted."""
        return f"field-{self.key}" if self.kind == "field" else CHANGED_AT.get(self.kind, "")

    @property
    def is_number(self) -> bool:
        """Whether its cells stand at the right."""
        return (
            self.kind in {"votes", "trend", "comments", "age"}
            or self.key in {"companies", "revenue"}
            or (self.field is not None and self.field.kind in {"number", "date"})
        )


def offered(space: Any, fields: Sequence[FieldFact], with_worth: bool = False) -> list[Column]:
    """All columns of a space: core's, one for each score rule, one for each field. *with_worth*: revenue is for the viewer."""
    columns = [
        Column("votes", _("Votes"), "votes", sort=TOP),
        Column("trend", _("This week"), "trend", sort="rising"),
    ]
    columns += [
        Column(
            f"{SCORE}{rule.name}", rule.title or rule.name, "score", rule.name, f"{SCORE}{rule.name}",
            needs=tuple(field for field in fields if field.key in rule.fields),
        )
        for rule in ports.rules(space).values()
        if rule.compute is not None
    ]  # fmt: skip
    columns += [
        Column("segments", _("Segments"), WANTS, "segments"),
        Column("types", _("Stakeholder types"), WANTS, "types"),
        Column("companies", _("Organizations"), WANTS, "companies"),
    ]
    if with_worth:
        columns.append(Column("revenue", _("Revenue"), WANTS, "revenue"))
    columns += [
        Column("comments", _("Comments"), "comments", sort=TALKED),
        Column("status", _("Status"), "status"),
        Column("owner", _("Owner"), "owner"),
        Column("tags", _("Tags"), "tags"),
    ]
    columns += [Column(f"{FIELD}{f.key}", f.title, "field", f.key, f"{FIELD}{f.key}", f) for f in fields]
    return [*columns, Column("age", _("Age"), "age", sort=NEW)]


def chosen(columns: Iterable[Column], wish: DeskWish) -> list[Column]:
    """The columns to draw: those asked for, in the order they are offered, else the usual ones."""
    columns = list(columns)
    wanted = {name for name in wish.cols.split(",") if name}
    if not wanted:
        first_score = next((column.name for column in columns if column.kind == "score"), "")
        wanted = {"votes", first_score, "status", "owner", "age"}
    return [column for column in columns if column.name in wanted]


def asks_who_wants(wish: DeskWish) -> bool:
    """Whether a column is chosen that tells who wants ideas: counting them costs a look over their votes."""
    return bool({"segments", "types", "companies", "revenue"} & set(wish.cols.split(",")))
