"""How a free statement becomes an idea: import and replay must agree on it."""

from __future__ import annotations

TITLE = 140
SHORTEST = 5


def title_and_body(text: str) -> tuple[str, str]:
    """A title of 5 to 140 letters; the whole text as body where the title cannot hold it."""
    line = " ".join(text.split())
    if len(line) < SHORTEST:
        return f"“{line}” (statement)", ""
    if len(line) <= TITLE:
        return line, ""
    cut = line[: TITLE - 1]
    return (cut[: cut.rfind(" ")] if " " in cut[TITLE // 2 :] else cut).rstrip(" ,.;:") + "…", text.strip()
