"""Whether the hand-written content of the demo fits together, so that a slip shows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codesign.exchange.demo.content import DemoContent, IdeaText, SpaceText

_STATUSES = ("open", "review", "planned", "building", "shipped", "declined")


class ContentError(Exception):
    """Something in the content does not fit together."""


def check(content: DemoContent) -> None:
    """Refuse names that lead nowhere and times that run backwards."""
    people = {person.key: person for person in content.people}
    spaces = {space.slug: space for space in content.spaces}
    ideas = {idea.key: idea for idea in content.ideas}
    companies = {organization.name for organization in content.organizations}
    _require(len(people) == len(content.people), "two people have one key")
    _require(len(ideas) == len(content.ideas), "two ideas have one key")
    belong = {key for company in content.organizations for key in company.people}
    _require(belong <= set(people), f"who is {belong - set(people)}?")
    for person in content.people:
        _require(person.organization is None or person.organization in companies, f"{person.key}: which company?")
    for space in content.spaces:
        _require(set(space.team) <= set(people), f"{space.slug}: who is in the team?")
    for idea in content.ideas:
        _require(idea.space in spaces, f"{idea.key}: in which space?")
        _check_idea(idea, spaces[idea.space], set(people), ideas)
    for product in content.products:
        _require(spaces[product.space].team.get(product.by) in ("product", "owner"), f"{product.slug}: by whom?")
    _check_composed(content, set(people), ideas)
    for release in content.releases:
        shipped = [idea for idea in content.ideas if idea.space == release.space and idea.status == "shipped"]
        _require(set(release.ideas) <= {idea.key for idea in shipped}, f"{release.title}: brings what is not shipped")
        _require(spaces[release.space].team.get(release.by) in ("product", "owner"), f"{release.title}: by whom?")
    begun = {(idea.space, idea.key): idea.days for idea in content.ideas} | {
        (name, ""): each.days for name, each in spaces.items()
    }
    for voice in content.voices:
        _require(begun.get((voice.space, voice.idea), 0) > voice.days, f"{voice}: about what?")
        _require(voice.by in spaces[voice.space].team, f"{voice}: entered by whom?")
    for comment in content.pulse:
        _require(comment.idea in ideas, f"{comment.key}: about which idea?")


def _check_composed(content: DemoContent, people: set[str], ideas: dict[str, IdeaText]) -> None:
    """Whether people compose what is there already; whether options go together is for the engine to say."""
    begun = {product.space: product.days for product in content.products}
    made = [(idea.key, idea.space, idea.days, idea.composed) for idea in content.ideas if idea.composed]
    made += [(draft.name, draft.space, draft.days, draft.composed) for draft in content.drafts]
    for name, space, days, composed in made:
        _require(days < begun.get(space, 0), f"{name}: composes what is not there yet")
        parent = ideas.get(composed.goes_on_from or name)
        fits = parent is not None and parent.space == space and parent.composed is not None and parent.days > days
        _require(composed.goes_on_from is None or fits, f"{name}: goes on from what?")
    named = {draft.by for draft in content.drafts} | {edit.by for draft in content.drafts for edit in draft.edits}
    named |= {person for taste in content.tastes for person in taste.people}
    _require(named <= people, f"who is {named - people}?")


def _check_idea(idea: IdeaText, space: SpaceText, people: set[str], ideas: dict[str, IdeaText]) -> None:
    speakers = {talk.by for entry in idea.talk for talk in (entry, *entry.replies)}
    speakers |= {entry.flag.by for entry in idea.talk if entry.flag}
    _require({idea.author} | speakers <= people, f"{idea.key}: who is {({idea.author} | speakers) - people}?")
    _require(set(idea.tags) <= set(space.tags), f"{idea.key}: an unknown tag")
    times = [space.days, idea.days, *(days for _status, days in idea.way)]
    _require(times == sorted(times, reverse=True), f"{idea.key}: times run backwards")
    _require({status for status, _days in idea.way} <= set(_STATUSES), f"{idea.key}: an unknown status")
    for entry in idea.talk:
        _require(not entry.early or idea.answer is not None, f"{idea.key}: early, but before which answer?")
        _require(not entry.internal or entry.by in set(space.team), f"{idea.key}: an internal note by a stranger")
    if idea.answer:
        _require(space.team.get(idea.answer.by) in ("product", "owner"), f"{idea.key}: who may answer?")
        _require(idea.answer.days <= idea.days, f"{idea.key}: answered before it was asked")
    if idea.merged_into:
        target = ideas.get(idea.merged_into)
        _require(target is not None and target.space == idea.space, f"{idea.key}: merged into what?")
        _require(idea.merged_days is not None and idea.merged_days < idea.days, f"{idea.key}: merged when?")
        _require(space.team.get(idea.merged_by or "") in ("product", "owner"), f"{idea.key}: who may merge?")


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise ContentError(what)
