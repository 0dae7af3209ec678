"""What the address of the desk asks for, and addresses that ask for something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from marshmallow import validate

from codesign.triage.filters import FRESH, NAMES, DeskFilter
from codesign.web.forms import Line, Query


class DeskQuery(Query):
    """The filter, the columns or the board, the view they come from, the idea that is open and what it may become part of."""

    inbox = Line(load_default=FRESH, validate=validate.Length(max=16))
    q = Line(load_default="", validate=validate.Length(max=200))
    status = Line(load_default="", validate=validate.Length(max=26))
    tag = Line(load_default="", validate=validate.Length(max=40))
    owner = Line(load_default="", validate=validate.Length(max=26))
    answered = Line(load_default="", validate=validate.OneOf(["", "yes", "no"]))
    where = Line(load_default="", validate=validate.Length(max=200))
    sort = Line(load_default="", validate=validate.Length(max=80))
    cols = Line(load_default="", validate=validate.Length(max=300))
    view = Line(load_default="", validate=validate.Length(max=26))
    board = Line(load_default="", validate=validate.OneOf(["", "1"]))
    cursor = Line(load_default="", validate=validate.Length(max=1000))
    idea = Line(load_default="", validate=validate.Length(max=26))
    into = Line(load_default="", validate=validate.Length(max=26))
    find = Line(load_default="", validate=validate.Length(max=200))


@dataclass(frozen=True)
class DeskWish(DeskFilter):
    """One state of the desk; ``board``: columns of cards by status instead of the table."""

    cols: str = ""
    board: str = ""
    view: str = ""
    cursor: str = ""
    idea: str = ""
    into: str = ""
    find: str = ""

    @property
    def filter(self) -> DeskFilter:
        """What narrows and orders the table."""
        return DeskFilter(**{name: getattr(self, name) for name in NAMES})

    @property
    def narrows(self) -> bool:
        """Whether a filter is on beside the inbox."""
        return any(getattr(self, name) for name in NAMES if name not in {"inbox", "sort"})

    @property
    def kept(self) -> dict[str, str]:
        """What a saved view keeps of it."""
        return {name: getattr(self, name) for name in (*NAMES, "cols", "board") if getattr(self, name)}

    def args(self, **changes: Any) -> dict[str, Any]:
        """The query of an address with *changes*; what was open stays open only where it is said again."""
        words = {**vars(self), "into": "", "find": "", **changes}  # a page asks for many addresses
        return {name: value for name, value in words.items() if value}

    def url(self, slug: str, endpoint: str = "triage.desk", anchor: str | None = None, **changes: Any) -> str:
        """The desk with *changes*."""
        return url_for(endpoint, space=slug, _anchor=anchor, **self.args(**changes))

    def opening(self, slug: str) -> str:
        """The desk with an idea open beside it, but for the idea's id at the end: a page draws many such addresses."""
        return self.url(slug, idea="0").removesuffix("0")
