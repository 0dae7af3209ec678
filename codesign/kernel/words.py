"""What every name and title goes through before it is kept."""

from __future__ import annotations

import re
import unicodedata

_UNUSABLE = re.compile("[\x00\ud800-\udfff]")


def one_line(text: str) -> str:
    """*text* without line breaks, double spaces and control characters."""
    spaced = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in text)
    return " ".join(spaced.split())


def is_usable(text: str) -> bool:
    """Whether a database can keep *text*: it holds neither NUL nor half of a surrogate pair."""
    return _UNUSABLE.search(text) is None
