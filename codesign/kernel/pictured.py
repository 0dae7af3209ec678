"""Pictures named in a text: by the address at which they lie here, which says their size, so that nothing jumps."""

from __future__ import annotations

import re

FOLDER = "/pictures/"
MEDIA_TYPE = "image/webp"
#: What follows the folder: the picture's id, its width and its height.
NAME = re.compile(r"([0-9A-Z]{26})-([1-9]\d{0,4})x([1-9]\d{0,4})\.webp")
_REFERENCE = re.compile(rf"!\[((?:\\.|[^\\\[\]])*)\]\({re.escape(FOLDER)}{NAME.pattern}\)")
_BRACKETS = re.compile(r"([\\\[\]])")
_ADDRESS = re.compile(re.escape(FOLDER) + NAME.pattern)


def name_of(picture_id: str, width: int, height: int) -> str:
    """The name of a picture's file."""
    return f"{picture_id}-{width}x{height}.webp"


def size_in(address: str) -> tuple[int, int] | None:
    """Width and height of the picture at *address*; None where that is no address of a picture of ours."""
    found = _ADDRESS.fullmatch(address)
    return (int(found[2]), int(found[3])) if found else None


def pictured(text: str | None) -> tuple[str, ...]:
    """The ids of the pictures named in *text*, each once, in the order in which they stand there."""
    return tuple(dict.fromkeys(found[1] for found in _ADDRESS.finditer(text or "")))


def worded(text: str) -> str:
    """*text* with what pictures show in place of where they lie, for searching."""
    return _REFERENCE.sub(r"\1", text)


def reference(address: str, words: str) -> str:
    """What stands in a text (Markdown) for the picture at *address*; *words* say what it shows."""
    plain = _BRACKETS.sub(r"\\\1", " ".join(words.split()))
    return f"![{plain}]({address})"
