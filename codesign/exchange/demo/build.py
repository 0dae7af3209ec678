"""Makes the demo: what was planned is done, step after step, through the verbs of the rooms and at its own time.

The clock of the house is turned back for it, so rows and log carry believable times. The spaces are in state
``importing`` until all is there and are opened in one commit; what a killed run has left is taken away by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import singledispatchmethod
from typing import TypeVar

from codesign.accounts import directory
from codesign.accounts.organizations import describe_organization
from codesign.accounts.queries import ids_of_externals
from codesign.accounts.service import add_people
from codesign.comments.service import add_comment
from codesign.events.log import latest
from codesign.exchange.demo import plan, switches
from codesign.exchange.demo.composing import answer_cards, compose, edit_together
from codesign.exchange.demo.content import DemoContent
from codesign.exchange.demo.plan import DemoPlan, PlannedMember, PlannedPerson, PlannedSpace, Step, plan_demo
from codesign.exchange.demo.planning import plan_ideas
from codesign.exchange.demo.voicing import enter
from codesign.exchange.opening import open_with_past
from codesign.hooks.host import PluginHost
from codesign.hooks.service import switch_plugin
from codesign.ideas.service import answer_idea, hold_idea, set_status, submit_idea
from codesign.insights.service import refresh
from codesign.kernel import clock
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Problem
from codesign.kernel.text import _
from codesign.merging.service import merge_idea
from codesign.moderation.desk import add_reply
from codesign.moderation.service import raise_flag
from codesign.notifications.service import skip_to
from codesign.notifications.wishes import note_confirmed
from codesign.products import engine
from codesign.products.pictures import put_picture
from codesign.products.queries import get_product
from codesign.products.service import create_product, publish, write_draft
from codesign.roadmap.queries import list_columns
from codesign.roadmap.releases import publish_release, write_release
from codesign.roadmap.service import add_column, remove_column
from codesign.spaces.queries import find_space, list_statuses
from codesign.spaces.service import (
    create_space,
    delete_space,
    finish_deletions,
    schedule_phase,
)
from codesign.spaces.service.members import put_member
from codesign.voting.facts import Ask
from codesign.voting.service import apply_votes

Advance = Callable[[int, int], None]
T = TypeVar("T")

PLUGINS = ("scoring", "search", "moderation_rules", "crm_export")
#: What moderators of the demo answer often.
REPLIES = (
    ("Names and numbers", "Please leave out names and telephone numbers of others: everybody can read this."),
    ("Stands here already", "This idea stands here already. Vote for it there, and add in a comment what is new."),
)
#: People who come and votes are done together. Nobody tells minutes apart half a year later, so what lies back
#: *n* days is put together over up to *n* / COARSE days; recent votes keep their time to the half minute.
MOST_TOGETHER = 120
COARSE = 25
FINEST = timedelta(seconds=30)
#: Bells ring for what happened this recently; nobody wants to find half a year of notices.
BELLS_FOR = timedelta(days=3)


@dataclass(frozen=True)
class _Join:
    """Somebody becomes a member of a space."""

    at: datetime
    member: PlannedMember


_Light = _Join | plan.CastVote


def is_built() -> bool:
    """Whether the demo stands in this instance."""
    return switches.is_on(switches.BUILT)


def build(
    advance: Advance = lambda done, total: None, host: PluginHost | None = None, content: DemoContent | None = None
) -> bool:
    """Fill this instance with the demo; False when it stands already, and then nothing changes.

    Raises Conflict where a space of somebody else has an address the demo needs.
    """
    if is_built():
        return False
    planned = plan_demo(clock.now(), content=content)
    _take_away_leftovers(planned)
    with _turned_back() as turn:
        builder = _Builder(planned, turn, advance)
        builder.add_people()
        for space in planned.spaces:
            builder.fill_space(space)
    builder.work_out()
    plan_ideas(builder.spaces, builder.ideas)
    _open([builder.spaces[space.text.slug] for space in planned.spaces], host)
    advance(builder.total, builder.total)
    return True


def _take_away_leftovers(planned: DemoPlan) -> None:
    for space in planned.spaces:
        found = find_space(space.text.slug)
        if found is None:
            continue
        if found.state != "importing":
            raise Conflict(
                _(
                    "A space has the address %(slug)s already. Make the demo in an instance of its own.",
                    slug=found.slug,
                )
            )
        delete_space(SYSTEM, found.id, None)
    while finish_deletions():
        pass


@contextmanager
def _turned_back() -> Iterator[Callable[[datetime], None]]:
    """Yields ``turn(moment)``: the clock of the house stands there until it is turned again, or this ends."""
    stands = [clock.now()]
    clock.use(lambda: stands[0])
    try:
        yield lambda moment: stands.__setitem__(0, moment)
    finally:
        clock.use(None)


@verb
def _open(space_ids: Sequence[str], host: PluginHost | None) -> None:
    """Show everything at once; the scores begin to be kept."""
    for space_id in space_ids:
        open_with_past(space_id)
        for title, body in REPLIES:
            add_reply(SYSTEM, space_id, title, body)
        for name in PLUGINS:
            if host is not None and name in host.plugins:
                switch_plugin(SYSTEM, host, space_id, name, True)
        skip_to(space_id, _last_before(space_id, clock.now() - BELLS_FOR))
    switches.turn(switches.BUILT, True)


def _last_before(space_id: str, moment: datetime) -> int:
    """The number of the last fact of a space before *moment*."""
    before: int | None = None
    while facts := latest(space_id, 500, before):
        for fact in facts:
            if fact.occurred_at < moment:
                return fact.seq
        before = facts[-1].seq
    return 0


class _Builder:
    """Does the steps of a plan. People act with the system's power, since nobody else may enter a space being filled."""

    def __init__(self, planned: DemoPlan, turn: Callable[[datetime], None], advance: Advance) -> None:
        self.planned, self.turn, self.advance = planned, turn, advance
        self.now = planned.now
        self.people: dict[str, str] = {}
        self.spaces: dict[str, str] = {}
        self.statuses: dict[str, dict[str, str]] = {}
        self.ideas: dict[str, str] = {}
        self.products: dict[str, str] = {}  # the product of each space that has one
        self.configurations: dict[str, str] = {}  # by the idea that carries it
        self.drafts: dict[tuple[str, str], str] = {}  # by owner and name
        self.comments: dict[str, str] = {}
        self.done = 0
        joins = sum(len(space.members) for space in planned.spaces)
        self.total = len(planned.people) + joins + len(planned.steps)

    def _progress(self, count: int) -> None:
        self.done += count
        self.advance(self.done, self.total)

    # --- People -------------------------------------------------------------------------------------------------------

    def add_people(self) -> None:
        """Make everybody, in the order they came; whom an earlier run has made is taken as they are."""
        self.turn(min(space.created_at for space in self.planned.spaces))
        companies = self._make_organizations()
        known = ids_of_externals(person.external_id for person in self.planned.people)
        self.people = {
            person.key: known[person.external_id] for person in self.planned.people if person.external_id in known
        }
        missing = sorted((p for p in self.planned.people if p.key not in self.people), key=lambda p: p.joined_at)
        for group in self._groups(missing, lambda person: person.joined_at):
            self.turn(group[-1].joined_at)
            self._store_people(group, companies)
            self._progress(len(group))
        entered = [person for person in self.planned.people if person.demo_role and person.email]
        note_confirmed({self.people[person.key]: str(person.email) for person in entered})

    @verb
    def _make_organizations(self) -> dict[str, str]:
        made: dict[str, str] = {}
        for company in self.planned.organizations:
            made[company.name] = directory.find_or_create_organization(company.name)
            revenue = {"revenue": company.yearly_sales} if company.yearly_sales else {}
            describe_organization(made[company.name], segment=company.segment, **revenue)
        return made

    @verb
    def _store_people(self, group: Sequence[PlannedPerson], companies: dict[str, str]) -> None:
        names = ("name", "external_id", "email", "demo_role", "guest")
        ids = add_people([{name: getattr(person, name) for name in names} for person in group])
        for person, person_id in zip(group, ids, strict=True):
            self.people[person.key] = person_id
            if person.organization:
                directory.attach_to_organization(person_id, companies[person.organization])

    def _groups(self, items: Sequence[T], at: Callable[[T], datetime]) -> Iterator[list[T]]:
        group: list[T] = []
        for item in items:
            if group and not self._together(at(group[0]), at(item), len(group)):
                yield group
                group = []
            group.append(item)
        if group:
            yield group

    def _together(self, first: datetime, moment: datetime, count: int) -> bool:
        return count < MOST_TOGETHER and moment - first <= max((self.now - first) / COARSE, FINEST)

    # --- One space ----------------------------------------------------------------------------------------------------

    def fill_space(self, space: PlannedSpace) -> None:
        """Make a space and let everything in it happen."""
        self.turn(space.created_at)
        self._make_space(space)
        slug = space.text.slug
        steps: list[Step | _Join] = [step for step in self.planned.steps if step.space == slug]
        steps += [_Join(self._joined_at(space, member), member) for member in space.members]
        steps.sort(key=lambda step: step.at)  # stable: what the plan put in an order stays in it
        waiting: list[_Light] = []
        for step in steps:
            if isinstance(step, _Join | plan.CastVote):
                if waiting and not self._together(waiting[0].at, step.at, len(waiting)):
                    self._store_waiting(slug, waiting)
                waiting.append(step)
            else:
                if isinstance(step, plan.MergeIdeas):  # a merged idea takes no votes
                    self._store_waiting(slug, waiting)
                self.turn(step.at)
                self._step(step, self.spaces[slug])
                self._progress(1)
        self._store_waiting(slug, waiting)

    @verb
    def _make_space(self, space: PlannedSpace) -> None:
        text = space.text
        owner = next(person for person, role in text.team.items() if role == "owner")
        made = create_space(SYSTEM, "blank", owner_id=self.people[owner], state="importing", **text.fields())  # type: ignore[arg-type]
        schedule_phase(SYSTEM, made.id, text.next_phase, space.next_phase_at)
        self.spaces[text.slug] = made.id
        statuses = self.statuses[text.slug] = {status.kind: status.id for status in list_statuses(made.id)}
        for name, kinds in text.roadmap:
            add_column(SYSTEM, made.id, name, [statuses[kind] for kind in kinds])
        for column in list_columns(made.id) if text.roadmap else ():
            if not column.status_ids:  # the usual ones have handed over all they had
                remove_column(SYSTEM, made.id, column.id)

    def work_out(self) -> None:
        """Work out what people want, so that the first visitor need not wait for the worker."""
        for product_id in self.products.values():
            refresh(get_product(SYSTEM, product_id))

    def _joined_at(self, space: PlannedSpace, member: PlannedMember) -> datetime:
        joined = {person.key: person.joined_at for person in self.planned.people}[member.person]
        return max(joined, space.created_at)

    def _store_waiting(self, slug: str, waiting: list[_Light]) -> None:
        if waiting:
            self.turn(max(waiting[-1].at, clock.now()))  # the log never goes back in time
            self._store_light(self.spaces[slug], waiting)
            self._progress(len(waiting))
            waiting.clear()

    @verb
    def _store_light(self, space_id: str, light: Sequence[_Light]) -> None:
        for step in light:
            if isinstance(step, _Join):
                member = step.member
                put_member(SYSTEM, space_id, self.people[member.person], member.role, member.stakeholder_type)
        votes = [step for step in light if isinstance(step, plan.CastVote)]
        asks = [Ask(self.ideas[vote.idea], self.people[vote.person], vote.value) for vote in votes]
        for answer in apply_votes(session(), asks, importing=True) if asks else ():
            if isinstance(answer, Problem):
                raise answer

    # --- Single steps -------------------------------------------------------------------------------------------------

    def _actor(self, person: str) -> Actor:
        return Actor(person_id=self.people[person], is_admin=True, token_id="demo")  # noqa: S106 - names who acts, opens nothing

    @singledispatchmethod
    def _step(self, step: object, space_id: str) -> None:
        raise TypeError(f"the demo cannot do {step!r}")

    @_step.register
    def _propose(self, step: plan.ProposeIdea, space_id: str) -> None:
        actor, carries = self._actor(step.person), None
        if step.composed:
            carries = compose(actor, self.products[space_id], step.title, step.composed, self.configurations)
            self.configurations[step.idea] = carries
        idea = submit_idea(
            actor, space_id, step.title, step.body, step.tags, external_id=step.external_id, configuration_id=carries
        )
        self.ideas[step.idea] = idea.id
        if step.held:
            hold_idea(SYSTEM, idea.id, step.held)

    @_step.register
    def _say(self, step: plan.SayComment, space_id: str) -> None:
        parent = self.comments[step.parent] if step.parent else None
        comment = add_comment(
            self._actor(step.person), self.ideas[step.idea], step.body, parent, step.internal,
            external_id=step.external_id,
        )  # fmt: skip
        self.comments[step.comment] = comment.id

    @_step.register
    def _flag(self, step: plan.FlagComment, space_id: str) -> None:
        raise_flag(self._actor(step.person), "comment", self.comments[step.comment], step.reason)

    @_step.register
    def _status(self, step: plan.SetStatus, space_id: str) -> None:
        set_status(self._actor(step.person), self.ideas[step.idea], self.statuses[step.space][step.status])

    @_step.register
    def _answer(self, step: plan.GiveAnswer, space_id: str) -> None:
        answer_idea(self._actor(step.person), self.ideas[step.idea], step.body)

    @_step.register
    def _merge(self, step: plan.MergeIdeas, space_id: str) -> None:
        merge_idea(self._actor(step.person), self.ideas[step.idea], self.ideas[step.into])

    @_step.register
    def _publish_product(self, step: plan.PublishProduct, space_id: str) -> None:
        actor, text = self._actor(step.person), step.product
        product = create_product(actor, space_id, text.name, text.slug, text.description)
        for name, content in text.pictures:
            put_picture(actor, product.id, name, content)
        write_draft(actor, product.id, engine.parse(text.source), text.source)
        publish(actor, product.id)
        self.products[space_id] = product.id
        refresh(get_product(SYSTEM, product.id))  # deals the cards

    @_step.register
    def _bring_out(self, step: plan.PublishRelease, space_id: str) -> None:
        actor, text = self._actor(step.person), step.release
        ideas = [self.ideas[key] for key in text.ideas if key in self.ideas]
        publish_release(actor, write_release(actor, space_id, text.title, text.body, ideas).id)

    @_step.register
    def _keep_draft(self, step: plan.KeepDraft, space_id: str) -> None:
        draft, actor = step.draft, self._actor(step.person)
        self.drafts[draft.by, draft.name] = compose(
            actor, self.products[space_id], draft.name, draft.composed, self.configurations
        )

    @_step.register
    def _edit_together(self, step: plan.EditTogether, space_id: str) -> None:
        draft = self.drafts[step.owner, step.draft]
        edit_together(self._actor(step.owner), self._actor(step.person), draft, step.edit)

    @_step.register
    def _enter_voice(self, step: plan.EnterVoice, space_id: str) -> None:
        enter(step.voice, self._actor(step.person), space_id, self.ideas)

    @_step.register
    def _answer_cards(self, step: plan.AnswerCards, space_id: str) -> None:
        sitting = step.sitting
        answer_cards(
            self._actor(step.person), self.products[space_id], sitting.cards, sitting.worths, sitting.nothing, step.seed
        )
