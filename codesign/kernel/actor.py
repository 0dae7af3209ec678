"""Who does this now. Every verb gets its actor as an argument; nothing below a door looks one up."""

from __future__ import annotations

from dataclasses import dataclass

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
