"""What the words of an idea may be, and the forms they are compared and addressed in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from codesign.kernel.contribution import TextDraft
from codesign.kernel.errors import FieldError, Invalid
from codesign.kernel.mentions import spoken
from codesign.kernel.pictured import worded
from codesign.kernel.text import _
from codesign.kernel.words import is_usable, one_line

LEAST_TITLE, MOST_TITLE = 5, 140
MOST_BODY = 10_000
MOST_TAGS, MOST_TAG = 5, 30
MOST_REASON = 2_000
MOST_EXTERNAL_ID = 200
MOST_GROUP = 120
MOST_QUERY, MOST_WORDS, MOST_WORD = 1_000, 8, 100


def _usable(text: object, field: str) -> str:
    if not isinstance(text, str):
        raise Invalid.field(field, _("This should be text."))
    if not is_usable(text):
        raise Invalid.field(field, _("This holds characters that cannot be kept."))
    return text


def clean_title(title: object) -> str:
    """The title as it is kept; raises Invalid."""
    clean = one_line(_usable(title, "title"))
    if len(clean) < LEAST_TITLE:
        raise Invalid.field("title", _("A title needs at least %(least)s characters.", least=LEAST_TITLE), "too_short")
    if len(clean) > MOST_TITLE:
        raise Invalid.field("title", _("A title has at most %(most)s characters.", most=MOST_TITLE), "too_long")
    return clean


def clean_text(text: object, field: str = "body", most: int = MOST_BODY, *, required: bool = False) -> str:
    """A longer text as it is kept: one kind of line end, no spaces around it; raises Invalid."""
    clean = _usable(text, field).replace("\r\n", "\n").replace("\r", "\n").strip()
    if required and not clean:
        raise Invalid.field(field, _("This is still empty."), "required")
    if len(clean) > most:
        raise Invalid.field(field, _("This text has at most %(most)s characters.", most=most), "too_long")
    return clean


def clean_reason(reason: object, *, required: bool = True) -> str:
    """Why a moderator did it."""
    return clean_text(reason, "reason", MOST_REASON, required=required)


def clean_tags(tags: object) -> tuple[str, ...]:
    """Tags as they are kept: small letters, no spaces around, each once, in the order given; raises Invalid."""
    if isinstance(tags, str) or not isinstance(tags, Iterable):
        raise Invalid.field("tags", _("This should be a list of texts."))
    clean = dict.fromkeys(tag for tag in (one_line(_usable(tag, "tags")).lower().strip("# ,") for tag in tags) if tag)
    if len(clean) > MOST_TAGS:
        raise Invalid.field("tags", _("An idea has at most %(most)s tags.", most=MOST_TAGS), "too_many")
    if any(len(tag) > MOST_TAG for tag in clean):
        raise Invalid.field("tags", _("A tag has at most %(most)s characters.", most=MOST_TAG), "too_long")
    return tuple(clean)


def clean_external_id(external_id: object) -> str:
    """An id another system knows the idea by."""
    clean = _usable(external_id, "external_id").strip()
    if not clean or len(clean) > MOST_EXTERNAL_ID or not clean.isprintable():
        message = _("An external id has 1 to %(most)s printable characters.", most=MOST_EXTERNAL_ID)
        raise Invalid("", errors=[FieldError("external_id", "invalid", message)])
    return clean


@dataclass(frozen=True)
class IdeaText:
    """The words of an idea, clean."""

    title: str
    body: str
    tags: tuple[str, ...]
    configuration_id: str | None
    for_product_id: str | None = None
    for_group: str | None = None

    def draft(self, kind: str) -> TextDraft:
        """What reviewers get to see."""
        return TextDraft(kind, self.title, self.body, self.tags)


_CLEAN: dict[str, Callable[[Any], Any]] = {
    "title": clean_title,
    "body": clean_text,
    "tags": clean_tags,
}


def clean_configuration(configuration_id: object) -> str | None:
    """The id of the configuration an idea carries; whether it may is known to ``configurations.queries.carriable``."""
    if configuration_id is not None and not isinstance(configuration_id, str):
        raise Invalid.field("configuration_id", _("There is no such configuration."), "unknown")
    return configuration_id


def _name(value: object, field: str) -> str | None:
    """The name of something else; whether that is there is known to ``wanted.check_part``."""
    return None if value is None else _usable(value, field)


def clean_changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Some parts of an idea, clean; raises one Invalid that names everything that is wrong."""
    clean: dict[str, Any] = {}
    ways: dict[str, Callable[[Any], Any]] = {
        **_CLEAN,
        "configuration_id": clean_configuration,
        "for_product_id": partial(_name, field="for_product_id"),
        "for_group": partial(_name, field="for_group"),
    }
    errors: list[FieldError] = []
    for name, value in changes.items():
        try:
            clean[name] = ways[name](value)
        except Invalid as refusal:
            errors.extend(refusal.errors)
    if errors:
        raise Invalid(errors[0].message if len(errors) == 1 else None, errors=errors)
    return clean


def clean_idea(title: object, body: object, tags: object, **more: object) -> IdeaText:
    """All parts of an idea, clean; *more* is what it carries and which part of a product it is for. Raises Invalid."""
    return IdeaText(**clean_changes({"title": title, "body": body, "tags": tags, "configuration_id": None, **more}))


def slug_of(title: str) -> str:
    """The words of a title for an address."""
    plain = unicodedata.normalize("NFKD", title.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-")
    return slug or "idea"


def comparable(text: str) -> str:
    """*text* for comparing: small letters, no accents, one space between words."""
    folded = text.casefold()
    if not folded.isascii():
        parts = unicodedata.normalize("NFKD", folded)
        folded = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return " ".join(folded.split())


def search_text(title: str, body: str) -> str:
    """What the search box looks through."""
    return f"{comparable(title)}\n{comparable(spoken(worded(body)))}"


def search_words(query: str) -> list[str]:
    """The words of a query; more than a few are left out, and what is longer than any word is cut."""
    return list(dict.fromkeys(word[:MOST_WORD] for word in comparable(query[:MOST_QUERY]).split()))[:MOST_WORDS]
