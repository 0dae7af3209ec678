"""What others may know of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
