"""What there is to see in the demo: some people who allowed the export, and a connection that keeps files."""

from __future__ import annotations

from codesign import sdk
from codesign.sdk import Actor, SpaceFact, _

from . import connections, consent
from .connectors.csv_file import CSV
from .settings import CrmExportSettings

#: So many people allow it in each space of the demo.
MANY, LOOKED_AT = 12, 200


def show(space: SpaceFact) -> None:
    """Let some authors allow the export, of organizations first and of those who came last; connect files."""
    settings = CrmExportSettings().load({})
    authors = dict.fromkeys(text.author_id for text in sdk.idea_texts(space.id, limit=LOOKED_AT) if text.author_id)
    known = {key: each for key, each in sdk.participants(space.id, authors).items() if not each.guest}
    for person_id in sorted(known, key=lambda key: (known[key].organization is not None, key))[-MANY:]:
        consent.give(Actor(person_id=person_id), space.id, person_id, settings, consent.version_of(settings))
    connections.make(space.id, CSV, str(_("Files for the sales team")), "", "", "Salesforce")
