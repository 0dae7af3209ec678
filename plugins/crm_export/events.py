"""Facts of this plugin, in the space's log."""

from __future__ import annotations

from codesign.sdk import NONE, TEAM, Bell, Event, _, event

_STOPPED = Bell(
    to="own",
    says=_("A connection to your customer system stopped by itself."),
    path="/-/crm_export/connections/{connection_id}",
    letter=True,
)


@event("crm_export.consent_given", NONE)
class ConsentGiven(Event):
    """Somebody allowed the export of what they gave, agreeing to a text."""

    person_id: str
    text_version: str


@event("crm_export.consent_withdrawn", NONE)
class ConsentWithdrawn(Event):
    """Somebody took that back, or said no."""

    person_id: str


@event("crm_export.connection_changed", NONE)
class ConnectionChanged(Event):
    """A connection was made, or sends other fields: everything is looked at anew."""

    connection_id: str


@event("crm_export.connection_paused", TEAM, bell=_STOPPED)
class ConnectionPaused(Event):
    """A connection stopped by itself; ``reason`` is a word such as ``secret_refused``."""

    connection_id: str
    reason: str
