"""What others may know of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from codesign.kernel.text import _

LEFT = _("Somebody who left")
GUEST = _("A guest")
UNNAMED = _("Somebody")


@dataclass(frozen=True)
class PersonFact:
    """A person. ``email`` is for themselves and administrators only; doors leave it out elsewhere."""

    id: str
    external_id: str | None
    name: str
    email: str | None
    guest: bool
    is_admin: bool
    demo_role: str | None
    locale: str | None
    show_name: bool
    sign_in_epoch: int
    organization_id: str | None
    has_password: bool
    erased: bool
    banned: bool
    created_at: datetime

    @property
    def display_name(self) -> str:
        """What others read where this person wrote (the team is shown ``name`` of one who hides it)."""
        if self.erased:
            return LEFT
        if self.guest and not self.name:
            return GUEST
        return self.name if self.name and self.show_name else UNNAMED


@dataclass(frozen=True)
class Known:
    """What a door must know of whoever knocks."""

    person_id: str
    name: str
    guest: bool
    is_admin: bool
    epoch: int


@dataclass(frozen=True)
class KnownToken:
    """A token that may be used now, and whose it is."""

    token_id: str
    scopes: frozenset[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    person: Known


@dataclass(frozen=True)
class TokenFact:
    """A key for programs, without its secret."""

    id: str
    person_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class KeptAction:
    """What somebody began before they signed in."""

    kind: str
    content: str
