"""Texts as cells of a CSV file: no spreadsheet takes one for a formula, and what reads them back finds every letter again."""

from __future__ import annotations

import re

#: What spreadsheets take for the beginning of a formula, full-width forms included, however many apostrophes stand before.
_FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@|%＝＋－＠])")


def as_cell(text: str) -> str:
    """*text* for a cell: one apostrophe more where it would be a formula, or would lose one when it is read back."""
    return f"'{text}" if _FORMULA.match(text) else text


def from_cell(cell: str) -> str:
    """The text that ``as_cell`` made *cell* of."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
