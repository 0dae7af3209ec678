"""What can happen to a person. All of it stands in the server's own log, by ids."""

from __future__ import annotations

from codesign.events.base import NONE, Event, event


@event("person.registered", NONE)
class PersonRegistered(Event):
    """A person is known to this server now; a guest who registers keeps their id."""

    person_id: str


@event("person.changed", NONE)
class PersonChanged(Event):
    """Name, address or rights of a person changed; ``fields`` names which."""

    person_id: str
    fields: list[str]


@event("person.joined", NONE)
class PersonJoined(Event):
    """A guest turned out to be this person; what the guest gave is theirs now."""

    person_id: str
    guest_id: str


@event("person.signed_out", NONE)
class SignedOutEverywhere(Event):
    """Every cookie of a person from before is void."""

    person_id: str


@event("person.banned", NONE)
class PersonBanned(Event):
    """A person may not enter any more; ``lifted`` when they may again."""

    person_id: str
    lifted: bool = False


@event("person.erased", NONE)
class PersonErased(Event):
    """A person was forgotten; their row is empty, their votes count on."""

    person_id: str


@event("password.reset_asked", NONE)
class PasswordResetAsked(Event):
    """Somebody asked for a letter to choose a new password. Without ``person_id``: for an address nobody has."""

    person_id: str | None = None


@event("password.changed", NONE)
class PasswordChanged(Event):
    """A person has a new password; what was signed in before is not any more."""

    person_id: str


@event("token.made", NONE)
class TokenMade(Event):
    """A key for programs was made."""

    token_id: str
    person_id: str
    scopes: list[str]


@event("token.revoked", NONE)
class TokenRevoked(Event):
    """A key for programs is void."""

    token_id: str
    person_id: str


@event("link.made", NONE)
class LinkMade(Event):
    """A link that works once was made: ``purpose`` is ``reset``, ``signin`` or ``setup``."""

    link_id: str
    person_id: str | None
    purpose: str
