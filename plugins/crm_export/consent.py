"""Who allowed what: given, taken back, and to which text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from codesign import sdk
from codesign.sdk import Actor

from .events import ConsentGiven, ConsentWithdrawn
from .models import Consent, ConsentText


@dataclass(frozen=True)
class ConsentFact:
    """What somebody allowed; ``withdrawn_at`` once they took it back."""

    purpose: str
    text_version: str
    given_at: datetime
    withdrawn_at: datetime | None

    def holds(self, purpose: str) -> bool:
        """Whether it allows an export for *purpose* now."""
        return self.withdrawn_at is None and self.purpose == purpose


def version_of(settings: Mapping[str, Any]) -> str:
    """The short name of the text people are asked to agree to now."""
    words = f"{settings['purpose']}\n{settings['consent_text']}"
    return hashlib.blake2b(words.encode(), digest_size=6).hexdigest()


def find(space_id: str, person_ids: Iterable[str]) -> dict[str, ConsentFact]:
    """What people decided in a space, by id; who did not is left out."""
    query = select(Consent).where(Consent.space_id == space_id, Consent.person_id.in_(sorted(set(person_ids))))
    with sdk.read() as session:
        return {row.person_id: _fact(row) for row in session.scalars(query)}


def allowed(space_id: str, purpose: str) -> list[str]:
    """Everybody in a space who allows an export for *purpose*."""
    query = select(Consent.person_id).where(Consent.space_id == space_id, Consent.purpose == purpose)
    with sdk.read() as session:
        return list(session.scalars(query.where(Consent.withdrawn_at.is_(None)).order_by(Consent.person_id)))


def _fact(row: Consent) -> ConsentFact:
    return ConsentFact(row.purpose, row.text_version, row.given_at, row.withdrawn_at)


@sdk.verb
def give(actor: Actor, space_id: str, person_id: str, settings: Mapping[str, Any], version: str) -> None:
    """Record that a person agrees to the text of *version*; Conflict when another one is asked by now."""
    if version != version_of(settings):
        raise sdk.Conflict(sdk._("The text has changed meanwhile. Please read it again."))
    row = sdk.session().get(Consent, (space_id, person_id))
    if row is not None and _fact(row).holds(settings["purpose"]) and row.text_version == version:
        return
    if sdk.session().get(ConsentText, (space_id, version)) is None:
        sdk.session().add(
            ConsentText(
                space_id=space_id, version=version, purpose=settings["purpose"], words=settings["consent_text"],
                first_used_at=sdk.now(),
            )
        )  # fmt: skip
    row = row or Consent(space_id=space_id, person_id=person_id)
    row.purpose, row.text_version = settings["purpose"], version
    row.given_at, row.withdrawn_at = sdk.now(), None
    sdk.session().add(row)
    sdk.record(ConsentGiven(space_id, person_id, version), actor=actor)


@sdk.verb
def withdraw(actor: Actor, space_id: str, person_id: str, settings: Mapping[str, Any]) -> None:
    """Record that a person takes their consent back, or says no before they were ever asked again."""
    row = sdk.session().get(Consent, (space_id, person_id))
    if row is not None and row.withdrawn_at is not None:
        return
    if row is None:  # a plain no: so that nobody asks again
        row = Consent(space_id=space_id, person_id=person_id, purpose=settings["purpose"])
        row.text_version, row.given_at = version_of(settings), sdk.now()
        sdk.session().add(row)
    row.withdrawn_at = sdk.now()
    sdk.record(ConsentWithdrawn(space_id, person_id), actor=actor)
