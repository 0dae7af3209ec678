"""People named in a text: ``@[Name](person:ID)``. The id says who is meant; the name between is only for reading along.

Whoever hands a text out writes the name as its reader may know it (``renamed``); without one the brackets are empty.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

#: So many people can be named in one text.
MOST = 10
LONGEST_NAME = 120
#: Between the brackets stands no bracket and no line break, so that the mark is found wherever it stands.
MARK = re.compile(rf"@\[([^\[\]\n]{{0,{LONGEST_NAME}}})\]\(person:([0-9A-Z]{{26}})\)")
_UNFIT = str.maketrans("[]\r\n", "()  ")


def mentioned(text: str | None) -> tuple[str, ...]:
    """The ids of the people named in *text*, each once, in the order in which they stand there."""
    return tuple(dict.fromkeys(found[2] for found in MARK.finditer(text or "")))


def mark(name: str, person_id: str) -> str:
    """The mark of one person."""
    return f"@[{name[:LONGEST_NAME].translate(_UNFIT)}](person:{person_id})"


def renamed(text: str, names: Mapping[str, str]) -> str:
    """*text* with the names of *names* (by id) between the brackets, and nothing where there is none."""
    return MARK.sub(lambda found: mark(names.get(found[2], ""), found[2]), text)


def without(text: str, person_id: str) -> str:
    """*text* without the name of one person; that somebody stood here is kept."""
    return MARK.sub(lambda found: mark("", person_id) if found[2] == person_id else found[0], text)


def settled(text: str, names: Mapping[str, str], kept: Collection[str] = ()) -> str:
    """*text* as it is stored: marks of people of *names* under that name, those of *kept* too; others become plain words."""

    def settle(found: re.Match[str]) -> str:
        if found[2] in names or found[2] in kept:
            return mark(names.get(found[2], ""), found[2])
        return f"@{found[1]}"

    return MARK.sub(settle, text)


def spoken(text: str) -> str:
    """*text* with ``@Name`` in place of every mark, for searching and for those who index it."""
    return MARK.sub(r"@\1", text)
