"""Letters that tell what happened: as plain text and as HTML, out of templates. Titles and names cannot look like links.

Each is written in the language of its reader, where that is known; otherwise in the server's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

import jinja2
from babel import Locale

from codesign.kernel.text import _, offered, said
from codesign.notifications.letters import base_address

#: Where mail programs would make a link of a title: at dots, colons and at-signs inside a word.
_LINKING = re.compile(r"(?<=\w)([.:@])(?=[\w/])")
LONGEST_SUBJECT = 150


@dataclass(frozen=True)
class Told:
    """One thing that happened: in which space, to which idea, what, and where to read it."""

    space: str
    title: str
    sentence: str
    path: str


@dataclass(frozen=True)
class Numbers:
    """How a space stands for its team since a moment. ``late``: waits longer for an answer than was promised."""

    space: str
    path: str
    ideas: int
    comments: int
    held: int
    late: int


def news_letter(told: Sequence[Told], stop: str, language: str | None) -> dict[str, str]:
    """Subject, text and HTML of the letter that tells somebody what happened to ideas."""
    first = told[0]
    one = _("%(title)s: %(sentence)s", title=first.title, sentence=first.sentence)
    subject = one if len(told) == 1 else _("%(count)s things happened to your ideas", count=len(told))
    spaces = [(name, list(lines)) for name, lines in groupby(told, key=lambda each: each.space)]
    return _letter("news", language, subject, spaces=spaces, stop=stop)


def team_letter(numbers: Iterable[Numbers], stop: str, language: str | None) -> dict[str, str]:
    """Subject, text and HTML of the letter that tells a team how its spaces stand."""
    return _letter("team", language, _("How your spaces stand"), spaces=list(numbers), stop=stop)


def confirm_letter(path: str, language: str | None) -> dict[str, str]:
    """Subject and text of the letter that asks whether an address is its reader's own."""
    body = _(
        "Confirm that this is your address, and we write to you when something happens to your ideas, as often as you like.\n\n"
        "This link does it, for seven days:\n%(link)s\n\n"
        "If you do not know what this is about, throw this letter away: you get no other.\n",
        link=base_address() + path,
    )
    return {"subject": said(_("Confirm your address"), language), "body": said(body, language)}


def unlinked(text: str) -> str:
    """*text* with an invisible space where mail programs would see an address in it."""
    return _LINKING.sub("\\1\u200b", text)


def _letter(name: str, language: str | None, subject: str, **values: Any) -> dict[str, str]:
    written = offered(language)
    values |= {
        "base": base_address(), "language": written, "direction": Locale.parse(written, sep="-").text_direction,
        "_": lambda message, **parameters: said(_(message, **parameters), written), "say": lambda text: said(text, written),
    }  # fmt: skip
    return {
        "subject": unlinked(said(subject, written))[:LONGEST_SUBJECT],
        "body": _templates().get_template(f"{name}.txt").render(values).strip() + "\n",
        "html": _templates().get_template(f"{name}.html").render(values),
    }


@cache
def _templates() -> jinja2.Environment:
    """Templates of their own: letters are written by the worker, where there is no page and no request."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("codesign.notifications", "templates/letters"),
        autoescape=jinja2.select_autoescape(["html"]), trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    found.filters["unlinked"] = unlinked
    return found
