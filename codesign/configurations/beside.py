"""What a draft keeps beside its choices: its name, and the most that it may come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from codesign.configurations.drafts import Beside, Look, open_draft, settle, until_settled, whatever
from codesign.configurations.facts import ConfigurationFact
from codesign.kernel.actor import Actor
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.products.facts import VersionFact
from codesign.products.queries import model_of

#: The highest limit, in the smallest unit of its attribute.
MOST_LIMIT = 10**12


def set_beside(
    actor: Actor, configuration_id: str, make: Callable[[ConfigurationFact], Beside], look: Look = whatever
) -> ConfigurationFact:
    """Change what a draft keeps beside its choices, made of what it has now; *look* may refuse it."""

    def attempt() -> ConfigurationFact:
        fact, version = open_draft(actor, configuration_id)
        look(fact)
        beside = make(fact)
        check_limits(version, {name: most for name, most in (beside.limits or {}).items() if name not in fact.limits})
        return settle(actor, configuration_id, fact.version, beside)

    return until_settled(attempt)


def check_limits(version: VersionFact, limits: Mapping[str, int]) -> None:
    """Raise Invalid where there is no such number to limit in this version."""
    known = {each.id for each in model_of(version).attributes if each.summed}
    for attribute in limits:
        if attribute not in known:
            raise Invalid.field(f"limits.{attribute}", _("There is no such number to limit here."), "unknown")


def set_limit(actor: Actor, configuration_id: str, attribute: str, most: int | None) -> ConfigurationFact:
    """Say what an attribute may come to at most (in its smallest unit), or nothing more (None)."""

    def make(fact: ConfigurationFact) -> Beside:
        others = {name: told for name, told in fact.limits.items() if name != attribute}
        return Beside(limits=others if most is None else {**others, attribute: most})

    return set_beside(actor, configuration_id, make)


def rename(actor: Actor, configuration_id: str, name: str) -> ConfigurationFact:
    """Call a draft otherwise."""
    return set_beside(actor, configuration_id, lambda _fact: Beside(name))
