"""My data as one JSON document, and erasures that are still open."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from codesign.accounts.queries import get_person, list_tokens
from codesign.comments import belongings as comments
from codesign.configurations import belongings as configurations
from codesign.customers import belongings as customers
from codesign.ideas import belongings as ideas
from codesign.insights import belongings as insights
from codesign.kernel import clock
from codesign.kernel.db import reading, session
from codesign.kernel.errors import NotFound
from codesign.kernel.text import _
from codesign.moderation import belongings as moderation
from codesign.notifications import belongings as notifications
from codesign.pictures import belongings as pictures
from codesign.privacy.facts import ErasureFact
from codesign.privacy.models import Erasure
from codesign.spaces.queries import data_of as memberships_of
from codesign.triage import belongings as triage
from codesign.voting import belongings as voting


@reading
def my_data(person_id: str) -> dict[str, Any]:
    """Everything this server keeps of a person, except hashes; the doors let only that person ask."""
    person = get_person(person_id)
    if person is None:
        raise NotFound(_("There is no such person."))
    profile = {
        "id": person.id, "external_id": person.external_id, "name": person.name, "email": person.email,
        "guest": person.guest, "language": person.locale, "others_see_my_name": person.show_name,
        "server_administrator": person.is_admin, "since": clock.rfc3339(person.created_at),
    }  # fmt: skip
    return {
        "made_at": clock.rfc3339(clock.now()),
        "profile": profile,
        "spaces": memberships_of(person_id),
        **ideas.data_of(person_id),
        "votes": voting.data_of(person_id),
        "comments": comments.data_of(person_id),
        "pictures": pictures.data_of(person_id),
        "configurations": configurations.data_of(person_id),
        "draft_edits": configurations.edits_of(person_id),
        "drafts_edited_along": configurations.joined_by(person_id),
        "choices": insights.data_of(person_id),
        "flags": moderation.data_of(person_id),
        "desk": triage.data_of(person_id),
        **customers.data_of(person_id),
        **notifications.data_of(person_id),
        "tokens": [
            {
                "name": token.name, "scopes": list(token.scopes), "made_at": clock.rfc3339(token.created_at),
                "ends_at": clock.rfc3339(token.expires_at) if token.expires_at else None,
                "used_at": clock.rfc3339(token.last_used_at) if token.last_used_at else None,
            }
            for token in list_tokens(person_id)
        ],
    }  # fmt: skip


@reading
def open_erasures(limit: int = 100) -> list[ErasureFact]:
    """People who were forgotten here, but not yet by every plugin."""
    query = select(Erasure).where(Erasure.done_at.is_(None)).order_by(Erasure.asked_at).limit(limit)
    return [
        ErasureFact(row.person_id, row.asked_at, row.done_at, row.tries, row.last_error)
        for row in session().scalars(query)
    ]
