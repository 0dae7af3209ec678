"""What the fields of a space may hold: one table for the service, the JSON door and the forms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from codesign.hooks.rules import BALLOTS
from codesign.kernel.errors import FieldError, Invalid
from codesign.kernel.text import _
from codesign.spaces.facts import (
    ACTIONS,
    AUDIENCES_OF_ACTIONS,
    DEFAULT_PHASES,
    ORDERS,
    PHASES,
    RESULTS,
    VISIBILITIES,
)

COVERS = ("c1", "c2", "c3", "c4", "c5")
KINDS = tuple(ballot.name for ballot in BALLOTS)
WHEN_DOWN = ("hold", "newcomers", "pass")
LENGTHS = {
    "name": (2, 120),
    "purpose": (0, 2000),
    "goal": (0, 2000),
    "use_of_input": (0, 2000),
    "responsible": (0, 500),
}
CHOICES: dict[str, tuple[str, ...]] = {
    "cover": COVERS,
    "visibility": VISIBILITIES,
    "who_proposes": AUDIENCES_OF_ACTIONS,
    "who_votes": AUDIENCES_OF_ACTIONS,
    "who_comments": AUDIENCES_OF_ACTIONS,
    "order": ORDERS,
    "kind": KINDS,
    "results": RESULTS,
    "when_down": WHEN_DOWN,
}
BALLOT_FIELDS = ("kind", "results")
SETTINGS = ("when_down",)
FIELDS = (*LENGTHS, *CHOICES, "slug", "promise_days", "phases")

MOST_DAYS = 365
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MOST_SLUG = 64
RESERVED_SLUGS = frozenset({"new", "server"})


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """*values* as they are kept; raises Invalid with one error for each field that cannot be."""
    kept: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, value in values.items():
        try:
            kept[name] = _check(name, value)
        except Invalid as problem:
            errors += problem.errors
    if errors:
        raise Invalid(errors=errors)
    return kept


def _check(name: str, value: Any) -> Any:
    if name in LENGTHS:
        return check_text(name, value, *LENGTHS[name])
    if name in CHOICES:
        return check_choice(name, value, CHOICES[name])
    if name == "slug":
        return check_slug(value)
    if name == "promise_days":
        return _check_days(value)
    if name == "phases":
        return check_phases(value)
    raise Invalid.field(name, _("A space has no such field."), "unknown")


def check_text(name: str, value: Any, least: int, most: int) -> str:
    """*value* without outer blanks, between *least* and *most* letters, without characters no database keeps."""
    if not isinstance(value, str):
        raise Invalid.field(name, _("This must be text."))
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\n\t" for letter in text):
        raise Invalid.field(name, _("This holds characters that cannot be kept."))
    if least and len(text) < least:
        raise Invalid.field(name, _("Use at least %(least)s letters.", least=least), "too_short")
    if len(text) > most:
        raise Invalid.field(name, _("Use at most %(most)s letters.", most=most), "too_long")
    if most <= 200 and "\n" in text:
        raise Invalid.field(name, _("Keep this on one line."))
    return text


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    """*value* if it is one of *choices*."""
    if not isinstance(value, str) or value not in choices:
        raise Invalid.field(name, _("Choose one of: %(choices)s.", choices=", ".join(choices)), "not_a_choice")
    return value


def check_slug(value: Any) -> str:
    """*value* if it can stand in an address."""
    if not isinstance(value, str) or len(value) > MOST_SLUG or not SLUG.fullmatch(value):
        raise Invalid.field("slug", _("Use small letters a to z, digits and single hyphens, at most 64."))
    if value in RESERVED_SLUGS:
        raise Invalid.field("slug", _("This address is taken by the product itself. Choose another one."), "taken")
    return value


def slug_of(name: str) -> str:
    """An address made of a name; never empty."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MOST_SLUG].strip("-")
    return slug if slug and slug not in RESERVED_SLUGS else f"{slug or 'space'}-1"


def _check_days(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_DAYS:
        raise Invalid.field("promise_days", _("Use 1 to %(most)s days, or leave it open.", most=MOST_DAYS))
    return value


def check_phases(value: Any) -> dict[str, dict[str, bool]]:
    """The cells of the phase matrix that differ from the defaults."""
    if not isinstance(value, Mapping):
        raise Invalid.field("phases", _("This must be a table of phases and what they allow."))
    kept: dict[str, dict[str, bool]] = {}
    for phase, cells in value.items():
        if phase not in PHASES or not isinstance(cells, Mapping):
            raise Invalid.field("phases", _("There is no such phase."), "unknown")
        for action, allowed in cells.items():
            if action not in ACTIONS or not isinstance(allowed, bool):
                raise Invalid.field("phases", _("A phase allows or forbids to propose, vote and comment."))
            if allowed != DEFAULT_PHASES[phase][action]:
                kept.setdefault(phase, {})[action] = allowed
    if kept.get("decided", {}).get("vote"):
        raise Invalid.field("phases", _("Once it is decided the ballot is closed; nobody can vote then."))
    return kept
