"""What the address of the board asks for, and addresses that ask for something else."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from marshmallow import fields, validate

from codesign.ideas.views import board_url
from codesign.web.forms import Line, Query

MOST_WORDS = 200


class Switch(fields.Boolean):
    """A ticked box."""

    def __init__(self) -> None:
        super().__init__(truthy={"1", "on"}, falsy={"0"}, load_default=False)


class BoardQuery(Query):
    """The filter lives in the address."""

    sort = Line(validate=validate.Length(max=64), load_default="")
    status = Line(validate=validate.Length(max=26), load_default="")
    tag = Line(validate=validate.Length(max=40), load_default="")
    author = Line(validate=validate.Length(max=26), load_default="")
    mine = Switch()
    voted = Switch()
    composed = Switch()
    for_product = Line(validate=validate.Length(max=26), load_default="")
    q = Line(validate=validate.Length(max=MOST_WORDS), load_default="")
    cursor = Line(validate=validate.Length(max=1000), load_default="")


@dataclass(frozen=True)
class Wish:
    """One board: sorted, filtered, from where on."""

    sort: str = ""
    status: str = ""
    tag: str = ""
    author: str = ""
    mine: bool = False
    voted: bool = False
    composed: bool = False
    for_product: str = ""
    q: str = ""
    cursor: str = ""

    @property
    def filters(self) -> dict[str, Any]:
        """What narrows the list, without order and place."""
        return {name: value for name, value in asdict(self).items() if value and name not in {"sort", "cursor"}}

    def clear_url(self, space_slug: str) -> str:
        """The board in the same order with nothing left out."""
        return board_url(space_slug, sort=self.sort)

    def url(self, space_slug: str, **changes: Any) -> str:
        """The board with *changes*, from its first page on."""
        wish = asdict(replace(self, **{"cursor": "", **changes}))
        return board_url(space_slug, **{name: 1 if value is True else value for name, value in wish.items()})
