"""Who wants ideas: how many of their voters belong to which segment, stakeholder type and organization, and what these are worth.

Voters are counted where they lie, by organization and type; here they become groups that may be told (``kernel.few``).
Every number of an idea follows from what is shown of it, whatever the list it stands in is filtered by: so no two filters,
and neither a total nor a weighted one, tell of a group that is too small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from codesign.accounts.directory import OrganizationFact, belonging
from codesign.accounts.organizations import organizations
from codesign.customers.facts import SegmentFact, Wants, WeightsFact
from codesign.customers.weights import weights_now
from codesign.ideas.tallies import read_tallies
from codesign.kernel.believed import Believed
from codesign.kernel.db import reading, session
from codesign.kernel.few import LEAST_PEOPLE, told
from codesign.spaces.facts import Access
from codesign.spaces.queries import list_stakeholder_types, types_in
from codesign.voting.counted import Counted, backers, voters_in

Companies = Mapping[str, OrganizationFact]


#: Who votes for an idea is a look over its votes: told again while no vote changed, for so many seconds. What a CRM says is
#: that much later.
_known: Believed[Wants] = Believed(60)


@reading
def wants_of(access: Access, idea_ids: Iterable[str], weights: WeightsFact | None = None) -> dict[str, Wants]:
    """Who wants each idea, in a fixed number of queries. The caller has passed the gate for the team.

    Whoever is not of the product team is not told what organizations are worth.
    """
    wanted = list(idea_ids)
    weights, with_worth = weights or weights_now(access.space.id), access.may("product")
    tallies = read_tallies(session(), wanted)
    keys = {(each, tally.seq, weights.number, with_worth): each for each, tally in tallies.items()}

    def read(missing: list[Any]) -> dict[object, Wants]:
        counted = _counted(access, [keys[key] for key in missing], weights)
        return {key: counted[keys[key]] for key in missing}

    found = _known.get_many(keys, read)
    by_idea = {keys[key]: wants for key, wants in found.items()}  # type: ignore[index]
    return {each: by_idea.get(each, Wants()) for each in wanted}


def _counted(access: Access, idea_ids: Iterable[str], weights: WeightsFact) -> dict[str, Wants]:
    """The same from the votes themselves."""
    wanted, with_worth = list(idea_ids), access.may("product")
    counted = backers(wanted, belonging(), types_in(access.space.id))
    companies = organizations({row.organization_id for row in counted if row.organization_id})
    types, by_idea = _type_names(), dict[str, list[Counted]]()
    for row in counted:
        by_idea.setdefault(row.idea_id, []).append(row)
    return {each: told_of(by_idea.get(each, []), companies, weights, types, with_worth) for each in wanted}


@reading
def who_votes(access: Access, weights: WeightsFact | None = None) -> Wants:
    """Everybody whose vote stands in the ballot of a space, told the same way. A look over all of them."""
    counted = voters_in(access.space.ballot.id, belonging(), types_in(access.space.id))
    companies = organizations({row.organization_id for row in counted if row.organization_id})
    weights = weights or weights_now(access.space.id)
    return told_of(counted, companies, weights, _type_names(), access.may("product"))


def _type_names() -> dict[str, str]:
    return {fact.id: fact.name for fact in list_stakeholder_types()}


@dataclass(frozen=True)
class _Group:
    """The voters of one segment: how many of each organization (None: of none that is known)."""

    by_company: Mapping[str | None, int]

    @property
    def people(self) -> int:
        return sum(self.by_company.values())


def told_of(
    rows: Iterable[Counted], companies: Companies, weights: WeightsFact, type_names: Mapping[str, str], with_worth: bool
) -> Wants:
    """What may be told of voters. Pure."""
    types: dict[str, int] = defaultdict(int)
    segments: dict[str, dict[str | None, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        types[row.type or ""] += row.people
        company = companies.get(row.organization_id or "")
        segments[_word(company, "segment")][company.id if company else None] += row.people
    groups = {name: _Group(dict(each)) for name, each in segments.items()}
    people = sum(group.people for group in groups.values())
    if people < LEAST_PEOPLE:
        return Wants()
    shown, others = told({name: group.people for name, group in groups.items()})
    hidden: dict[str | None, int] = {}
    for name in groups.keys() - shown.keys():
        for company_id, count in groups[name].by_company.items():
            hidden[company_id] = hidden.get(company_id, 0) + count
    facts = [_segment(name, groups[name], companies, with_worth) for name in shown]
    worth = [fact.revenue for fact in facts] + [_worth(hidden, companies) if with_worth else None]
    known = [amount for amount in worth if amount is not None]
    shown_types, other_types = told(types)
    return Wants(
        people=people,
        segments=tuple(sorted(facts, key=lambda fact: (-fact.people, fact.segment))),
        others=others,
        types=tuple((type_names.get(key, key), count) for key, count in _ordered(shown_types.items())),
        other_types=other_types,
        companies=_companies(groups.values()),
        revenue=sum(known) if known else None,
        weighted=sum(fact.people * weights.of(fact.segment) for fact in facts) + others,
    )


def _segment(name: str, group: _Group, companies: Companies, with_worth: bool) -> SegmentFact:
    """One segment. Organizations are told inside it, so that neither they nor what is left of the segment is too few."""
    shown, _rest = told(group.by_company)
    named = [(companies[key].name, people) for key, people in shown.items() if key is not None]
    revenue = _worth(group.by_company, companies) if with_worth else None
    return SegmentFact(name, group.people, revenue, tuple(_ordered(named)))


def _ordered(named: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """The most people first."""
    return sorted(named, key=lambda each: (-each[1], each[0]))


def _worth(by_company: Mapping[str | None, int], companies: Companies) -> float | None:
    """The revenue of organizations, each once; None where fewer than five people stand behind it."""
    known = {key: _amount(companies[key]) for key in by_company if key is not None}
    amounts = {key: amount for key, amount in known.items() if amount is not None}
    return sum(amounts.values()) if sum(by_company[key] for key in amounts) >= LEAST_PEOPLE else None


def _companies(groups: Iterable[_Group]) -> int | None:
    """How many organizations people belong to, where at least five do."""
    found = [(key, people) for group in groups for key, people in group.by_company.items() if key is not None]
    return len({key for key, _people in found}) if sum(people for _key, people in found) >= LEAST_PEOPLE else None


def _word(company: OrganizationFact | None, name: str) -> str:
    value: Any = company.attributes.get(name) if company else None
    return " ".join(value.split()) if isinstance(value, str) else ""


def _amount(company: OrganizationFact) -> float | None:
    value: Any = company.attributes.get("revenue")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
