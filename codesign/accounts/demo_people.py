"""The one-click people of the demo: who is offered, and to whom."""

from __future__ import annotations

from codesign.accounts.facts import PersonFact
from codesign.accounts.queries import list_demo_people
from codesign.kernel.config import Settings
from codesign.kernel.text import _

#: In this order on the page. The last one is nobody in particular.
OFFERED = ("owner", "product", "moderator", "customer", "guest")
TITLES = {
    "owner": _("Owner"),
    "product": _("Product manager"),
    "moderator": _("Moderator"),
    "customer": _("Customer"),
    "guest": _("Guest"),
}


def offered_roles(settings: Settings) -> list[tuple[str, PersonFact | None]]:
    """The roles one may take with one click and who that would be; in public only customers, in earnest none."""
    if not settings.demo:
        return []
    first: dict[str | None, PersonFact] = {}
    for person in reversed(list_demo_people(limit=500)):
        first[person.demo_role] = person
    roles = ("customer",) if settings.demo_public else OFFERED
    return [(role, first.get(role)) for role in roles if role in first or role == "guest"]
