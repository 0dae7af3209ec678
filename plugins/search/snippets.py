"""The part of a text that shows why it was found, with the places to mark."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from . import words

#: Letters of a snippet, and how many stand before the first found word at most.
LONGEST, BEFORE = 200, 60


@dataclass(frozen=True)
class Snippet:
    """A piece of plain text; ``marks`` are the parts to highlight as (start, end), counted in characters."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def snippet(text: str, stems: Collection[str], language: str, longest: int = LONGEST) -> Snippet:
    """The piece of *text* with most of the words that were looked for."""
    text = " ".join(text.split())
    places = marks(text, stems, language)
    start = _best_start(text, places, longest)
    end = min(len(text), start + longest)
    if end < len(text):
        end = max(text.rfind(" ", start + longest // 2, end), start) if " " in text[start + longest // 2 : end] else end
    head, tail = "… " if start else "", " …" if end < len(text) else ""
    moved = len(head) - start
    shown = tuple((first + moved, last + moved) for first, last in places if start <= first and last <= end)
    return Snippet(head + text[start:end] + tail, shown)


def marks(text: str, stems: Collection[str], language: str) -> list[tuple[int, int]]:
    """Where the words with these stems stand in *text*; pairs that overlap become one place."""
    wanted, found = frozenset(stems), list[tuple[int, int]]()
    for token in words.tokens(text, language):
        if token.stem not in wanted:
            continue
        if found and token.start < found[-1][1]:
            found[-1] = (found[-1][0], token.end)
        else:
            found.append((token.start, token.end))
    return found


def _best_start(text: str, places: list[tuple[int, int]], longest: int) -> int:
    """The beginning of the window with most marks, at a word's beginning."""
    if len(text) <= longest or not places:
        return 0
    counts = [
        (sum(first <= other < first + longest - BEFORE for other, _end in places), -first) for first, _e in places
    ]
    _count, first = max(counts)
    start = max(0, -first - BEFORE)
    if start == 0:
        return 0
    space = text.find(" ", start, -first)
    return space + 1 if space >= 0 else start
