"""Who does this now. Every verb gets its actor as an argument; nothing below a door looks one up."""

from __future__ import annotations

from dataclasses import dataclass, replace

from codesign.kernel.errors import Forbidden, NotFound
from codesign.kernel.text import _

SCOPES = ("read", "write", "moderate", "product", "admin", "act_as")


@dataclass(frozen=True)
class Actor:
    """A person, a plugin or the system itself.

    ``scopes`` is None for a signed-in person (no limit) and a set for a token. ``token_id`` names the token a request came
    with; ``by`` is the person whose ``act_as`` token acts for ``person_id``.
    """

    kind: str = "person"
    person_id: str | None = None
    is_admin: bool = False
    guest: bool = False
    scopes: frozenset[str] | None = None
    token_id: str | None = None
    by: str | None = None

    def may(self, scope: str) -> bool:
        """Whether the token (if any) allows *scope*; a role is still needed."""
        return self.scopes is None or scope in self.scopes

    @property
    def may_act_for_others(self) -> bool:
        """Whether this is a server administrator's token with the scope ``act_as``."""
        return self.is_admin and self.scopes is not None and "act_as" in self.scopes

    def acting_for(self, person_id: str | None, guest: bool = False) -> Actor:
        """This token as the person it acts for, with that person's rights; ``by`` keeps who.

        Raises Forbidden unless the token may, NotFound for a person nobody knows (None).
        """
        if not self.may_act_for_others:
            raise Forbidden(_("Only a server administrator's token with the scope act_as may act for others."))
        if person_id is None:
            raise NotFound(_("There is no such person."))
        return replace(self, person_id=person_id, is_admin=False, guest=guest, by=self.by or self.person_id)

    @property
    def is_system(self) -> bool:
        return self.kind == "system"

    @property
    def known(self) -> bool:
        """A person with an id, guests included."""
        return self.person_id is not None


ANONYMOUS = Actor()
SYSTEM = Actor(kind="system", is_admin=True)


def plugin_actor(name: str) -> Actor:
    """The actor a plugin writes as."""
    return Actor(kind=f"plugin:{name}")
