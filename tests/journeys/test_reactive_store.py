"""Whatever happens in a space: what a screen knew, and what the live line told it since, is what a fresh load shows.

One space lives through every verb while a stranger, a guest, a member, an author and the team watch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from codesign.accounts import service as accounts
from codesign.comments import service as comments
from codesign.configurations import service as configurations
from codesign.customers.service import add_evidence, enter_vote, remove_evidence, take_back_vote
from codesign.customers.weights import set_weights
from codesign.events import log
from codesign.events.base import NONE, catalogue
from codesign.exchange.foreign import jobs
from codesign.hooks.care import replay_from
from codesign.hooks.host import host_of
from codesign.hooks.service import save_settings, switch_plugin
from codesign.ideas import service as ideas
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM, Actor
from codesign.merging.service import merge_idea, undo_merge
from codesign.merging.splitting import split_idea
from codesign.moderation.appeals import appeal
from codesign.moderation.desk import claim_text, release_text
from codesign.moderation.service import raise_flag, settle_flags
from codesign.privacy.service import erase_person
from codesign.products import engine
from codesign.products import service as products
from codesign.roadmap import releases
from codesign.roadmap import service as roadmap
from codesign.spaces import service as spaces
from codesign.spaces.queries import list_statuses
from codesign.spaces.service import workflow
from codesign.testing import Clock, Database, Plugins
from codesign.triage.fields import keep_ready_fields
from codesign.triage.service import change_ideas, undo_deed
from codesign.voting.schemas import receipt_json
from codesign.voting.service import cast_vote, withdraw_vote
from tests.support.bikes import SMALL
from tests.support.pages import Browser
from tests.support.store import Store
from tests.support.twins import Recorder
from tests.support.visitor import Visitor
from tests.support.world import World

pytestmark = pytest.mark.timeout(400)

SLUG = "stage"
#: Events of a space that nobody can watch as they happen, with the reason.
UNSEEN = {
    "space.created": "there is no page of a space that is not there yet",
    "space.opened": "strangers come in when it is open; the import's owner loads the page anew",
    "space.deleted": "what is deleted is seen by nobody",
    "comment.held": "needs a reviewer; tried in the journeys of plugins",
    "comment.revised": "needs a reviewer",
    "idea.revised": "needs a reviewer",
}


class Screen:
    """A viewer with a socket and a store."""

    def __init__(self, name: str, actor: Actor | None, browser: Any, idea_id: str, frames: Recorder) -> None:
        self.name, self.actor, self.frames = name, actor, frames
        self.store = Store(browser, SLUG, idea_id)
        self.read = len(frames.sent)
        frames.watch(name, actor, SLUG)

    def hear_all(self) -> None:
        """Take in what came since the last time."""
        rooms = {self.name, *self.frames.rooms[self.name]}
        news, self.read = self.frames.sent[self.read :], len(self.frames.sent)
        for room, what, content in news:
            if room in rooms:
                self.store.hear(what, json.loads(content))
        if self.name in self.frames.dropped:
            # The server closes sockets of people whose rights changed; they come back as who they are now.
            self.frames.dropped.discard(self.name)
            self.frames.watch(self.name, self.actor, SLUG)
            self.read = len(self.frames.sent)
            self.store.load()


class Stage:
    """The space, what is in it, and who watches."""

    def __init__(self, app: Flask, world: World, browser_of: Callable[[Actor | None], Browser], clock: Clock) -> None:
        self.app, self.world, self.clock = app, world, clock
        self.space_id = world.space.id
        self.open = world.idea(world.ann, "A lamp that lights up", tags=("light",))
        self.other = world.idea(world.ben, "Light for the night")
        self.third = world.idea(world.ann, "Mudguards that fit")
        self.talk = world.comment(self.open, world.ben, "At last")
        self.extra = world.member()
        guest = Visitor(app)
        assert guest.put(f"/api/v1/ideas/{self.third.id}/vote", {"value": 1}).status_code == 200
        self.guest = Actor(person_id=guest.me(), guest=True)
        self.frames = Recorder(app)
        viewers = {
            "nobody": (None, Browser(app).client),
            "guest": (self.guest, guest.client),
            "member": (world.ben, browser_of(world.ben).client),
            "author": (world.ann, browser_of(world.ann).client),
            "extra": (self.extra, browser_of(self.extra).client),
            "team": (world.moderator, browser_of(world.moderator).client),
        }
        self.screens = [Screen(name, *viewer, self.open.id, self.frames) for name, viewer in viewers.items()]
        self.actors = {name: actor for name, (actor, _client) in viewers.items()}

    def tell(self) -> None:
        """One tick, and every screen takes in what it is told."""
        self.clock.advance(seconds=2)
        self.frames.live.tick()
        for screen in self.screens:
            screen.hear_all()

    def compare(self, step: str, compared: slice) -> list[str]:
        """What these screens show that fresh ones would not."""
        return [f"{step}, {screen.name}: {line}" for screen in self.screens[compared] for line in screen.store.check()]

    def leave(self, name: str) -> None:
        """A viewer closes the window."""
        self.screens = [screen for screen in self.screens if screen.name != name]
        self.frames.live.disconnect(name)

    def vote(self, name: str, idea: Any, value: int | None) -> None:
        """A viewer votes on their own screen (None: takes it back) and gets the receipt."""
        actor = self.actors[name]
        assert actor is not None
        receipt = withdraw_vote(actor, idea.id) if value is None else cast_vote(actor, idea.id, value)
        screen = next(screen for screen in self.screens if screen.name == name)
        screen.store.voted(json.loads(json.dumps(receipt_json(receipt))))


Step = tuple[str, Callable[[], object]]


def votes(stage: Stage) -> Iterator[Step]:
    for name in ("member", "guest", "author", "team"):
        yield f"{name} votes", lambda name=name: stage.vote(name, stage.open, 1)
    yield "member votes against", lambda: stage.vote("member", stage.open, -1)
    yield "member passes", lambda: stage.vote("member", stage.open, 0)
    yield "member takes it back", lambda: stage.vote("member", stage.open, None)
    yield "member votes on another", lambda: stage.vote("member", stage.other, 1)
    yield "guest takes it back", lambda: stage.vote("guest", stage.open, None)
    yield "guest takes the other back", lambda: stage.vote("guest", stage.third, None)
    yield "votes come from paper", lambda: ideas.import_votes(SYSTEM, stage.open.id, "paper", 7, 1)
    yield "scores are reckoned", lambda: Plugins(stage.app).work()


def texts(stage: Stage) -> Iterator[Step]:
    world, made = stage.world, {}

    def propose(key: str, actor: Actor, title: str) -> None:
        made[key] = ideas.submit_idea(actor, SLUG, title)

    def say(key: str, actor: Actor, **values: Any) -> None:
        made[key] = comments.add_comment(actor, stage.open.id, f"I say {key}", **values)

    yield "an author proposes", lambda: propose("mine", world.ann, "A saddle for tall people")
    yield "a member proposes", lambda: propose("theirs", world.ben, "A saddle for short people")
    yield "a title is edited", lambda: ideas.edit_idea(world.ann, stage.open.id, title="A lamp that lights up well")
    yield "a text is edited", lambda: ideas.edit_idea(world.ann, stage.open.id, body="It is **dark** in winter.")
    yield "topics are edited", lambda: ideas.edit_idea(world.ann, stage.open.id, tags=["night", "winter"])
    yield "somebody else's is edited by the team", lambda: ideas.edit_idea(world.owner, stage.other.id, body="Brighter")
    yield "an idea is withdrawn", lambda: ideas.withdraw_idea(world.ann, made["mine"].id)
    yield "an idea is hidden", lambda: ideas.hide_idea(world.moderator, made["theirs"].id, "Twice")
    yield "an idea is published", lambda: ideas.publish_idea(world.moderator, made["theirs"].id)
    yield "an idea is held", lambda: ideas.hold_idea(world.moderator, made["theirs"].id, "Let us see")
    yield "a held idea is published", lambda: ideas.publish_idea(world.moderator, made["theirs"].id)
    yield "the open idea is hidden", lambda: ideas.hide_idea(world.moderator, stage.open.id, "A mistake")
    yield "the open idea is published", lambda: ideas.publish_idea(world.moderator, stage.open.id)
    yield "the open idea is held", lambda: ideas.hold_idea(world.moderator, stage.open.id, "Let us see")
    yield "the open idea is published again", lambda: ideas.publish_idea(world.moderator, stage.open.id)
    yield "an idea is followed", lambda: ideas.follow_idea(world.ben, stage.open.id)
    yield "an idea is followed no more", lambda: ideas.unfollow_idea(world.ben, stage.open.id)
    yield "a comment of a guest", lambda: say("guest", stage.guest)
    yield "a comment", lambda: say("first", world.ben)
    yield "a reply", lambda: say("reply", world.ann, parent_id=made["first"].id)
    yield (
        "a guest's elder comment is edited",
        lambda: comments.edit_comment(world.ben, stage.talk.id, body="At long last"),
    )
    yield "a note of the team", lambda: say("note", world.moderator, internal=True)
    yield "a note is edited", lambda: comments.edit_comment(world.moderator, made["note"].id, body="Between us")
    yield "a note is removed", lambda: comments.remove_comment(world.moderator, made["note"].id)
    yield "a comment is hidden", lambda: comments.hide_comment(world.moderator, made["first"].id, "Rude")
    yield "a comment is published", lambda: comments.publish_comment(world.moderator, made["first"].id)
    yield "a comment is held", lambda: comments.hold_comment(world.moderator, made["reply"].id, "Hm")
    yield "a held comment is published", lambda: comments.publish_comment(world.moderator, made["reply"].id)
    yield "a comment with replies is removed", lambda: comments.remove_comment(world.ben, made["first"].id)
    yield "a comment is removed", lambda: comments.remove_comment(world.ann, made["reply"].id)
    yield "a comment is flagged", lambda: raise_flag(world.ann, "comment", stage.talk.id, "Rude")
    yield "a flag is settled", lambda: settle_flags(world.moderator, "comment", stage.talk.id, "keep")
    yield "an idea is flagged", lambda: raise_flag(world.ben, "idea", stage.open.id, "Odd")
    yield "a flagged idea is hidden", lambda: settle_flags(world.moderator, "idea", stage.open.id, "hide", "Odd")
    yield "its author appeals", lambda: appeal(world.ann, "idea", stage.open.id)
    yield "a moderator takes the appeal", lambda: claim_text(world.owner, SLUG, "idea", stage.open.id)
    yield "and leaves it to others", lambda: release_text(world.owner, SLUG, "idea", stage.open.id)
    yield "a hidden idea comes back", lambda: ideas.publish_idea(world.owner, stage.open.id)


def products_and_configurations(stage: Stage) -> Iterator[Step]:
    world, made = stage.world, {}

    def publish(text: str) -> None:
        products.write_draft(world.owner, made["bike"].id, engine.parse(text), text)
        products.publish(world.owner, made["bike"].id)

    def compose() -> None:
        draft = configurations.start_configuration(world.ben, made["bike"].id, decisions={"city": True})
        made["idea"] = ideas.submit_idea(world.ben, SLUG, "A plain city bike", configuration_id=draft.id)

    def fork() -> None:
        configurations.fork_configuration(world.ann, made["idea"].configuration_id)

    yield "a product is begun", lambda: made.update(bike=products.create_product(world.owner, SLUG, "Bike"))
    yield "a product is published", lambda: publish(SMALL)
    yield "a product is renamed", lambda: products.change_product(world.owner, made["bike"].id, name="City bike")
    lights = "{id: lights, label: Lights,"
    yield "an idea becomes an option", lambda: publish(SMALL.replace(lights, f"{lights} idea: {stage.open.id},"))
    part = {"for_product_id": made["bike"].id, "for_group": "frame"}
    yield "an idea misses an option", lambda: ideas.edit_idea(world.owner, stage.open.id, **part)
    yield "an idea carries a configuration", compose
    yield "somebody goes on from it", fork
    yield "the product is withdrawn", lambda: products.withdraw_product(world.owner, made["bike"].id)
    yield "the product is offered again", lambda: products.offer_product(world.owner, made["bike"].id)
    yield "the idea with it is hidden", lambda: ideas.hide_idea(world.moderator, made["idea"].id, "Twice")


def bring_in_file(actor: Actor, data: bytes) -> None:
    jobs.keep_file(actor, SLUG, "ideas.csv", data)
    jobs.start(actor, SLUG)
    jobs.run_due()


def team_work(stage: Stage) -> Iterator[Step]:
    world, made = stage.world, {}
    status = list_statuses(stage.space_id)[2]

    def desk(name: str, wish: Any) -> Any:
        return change_ideas(world.moderator, SLUG, name, wish, [stage.open.id])

    yield "a status", lambda: ideas.set_status(world.moderator, stage.open.id, status.id)
    yield "a status of another", lambda: ideas.set_status(world.moderator, stage.other.id, status.id)
    yield "an answer", lambda: ideas.answer_idea(world.owner, stage.open.id, "In May.")
    yield "an answer is changed", lambda: ideas.answer_idea(world.owner, stage.open.id, "In *June*.")
    yield "an answer is removed", lambda: ideas.remove_answer(world.owner, stage.open.id)
    yield "another joins the open idea", lambda: merge_idea(world.moderator, stage.other.id, stage.open.id)
    yield "and leaves it", lambda: undo_merge(world.moderator, stage.other.id)
    yield "the open idea joins another", lambda: merge_idea(world.moderator, stage.open.id, stage.other.id)
    yield "and comes back", lambda: undo_merge(world.moderator, stage.open.id)
    yield "the open idea is split", lambda: made.update(part=split_idea(world.moderator, stage.open.id, "A part of it"))
    yield "and is one again", lambda: merge_idea(world.moderator, made["part"].id, stage.open.id)
    yield (
        "a customer's vote is entered",
        lambda: made.update(it=enter_vote(world.moderator, stage.open.id, "cal@example.org", "call")),
    )
    yield "and taken back", lambda: take_back_vote(world.moderator, stage.open.id, made["it"].id)
    yield (
        "a quote is attached",
        lambda: made.update(it=add_evidence(world.moderator, stage.open.id, quote="We need it.")),
    )
    yield "segments get weights", lambda: set_weights(world.owner, SLUG, {"fleet": 2.0})
    yield "and removed", lambda: remove_evidence(world.moderator, stage.open.id, made["it"].id)
    yield "the desk gets fields", lambda: keep_ready_fields(world.owner, SLUG)
    yield "ideas of another system come in", lambda: bring_in_file(world.owner, b"title,votes\nA bell that rings,3\n")
    yield "an idea is assigned", lambda: made.update(it=desk("owner", str(world.moderator.person_id)))
    yield "a field of an idea is set", lambda: made.update(it=desk("field", {"key": "effort", "value": "3"}))
    yield "that is taken back", lambda: undo_deed(world.owner, SLUG, made["it"].deed.id)
    for key, value in (("impact", "2"), ("confidence", "80"), ("effort", "3")):
        yield f"a plan says {key}", lambda key=key, value=value: desk("field", {"key": key, "value": value})
    yield "plans are scored for the team", lambda: Plugins(stage.app).work()
    yield "a status is renamed", lambda: spaces.change_status(world.owner, SLUG, status.id, name="On its way")
    yield "a status is added", lambda: spaces.add_status(world.owner, SLUG, "Dreaming")
    yield "statuses are ordered", lambda: spaces.move_status(world.owner, SLUG, status.id, -1)
    made = {}
    yield (
        "a release is begun",
        lambda: made.update(it=releases.write_release(world.owner, SLUG, "May", "", [stage.open.id])),
    )
    yield "a release is published", lambda: releases.publish_release(world.owner, made["it"].id)
    yield "a release is put right", lambda: releases.change_release(world.owner, made["it"].id, title="In May")
    yield "a move needs an answer", lambda: workflow.add_rule(world.owner, SLUG, to_id=status.id, needs_answer=True)
    yield "the roadmap is arranged", lambda: roadmap.add_column(world.owner, SLUG, "Soon", [status.id])


def rules(stage: Stage) -> Iterator[Step]:
    world, host = stage.world, host_of(stage.app)
    soon = stage.clock.moment + timedelta(days=1)
    yield "the purpose changes", lambda: spaces.change_space(world.owner, SLUG, purpose="Better nights")
    yield "who may vote changes", lambda: spaces.change_space(world.owner, SLUG, who_votes="members")
    yield "everybody may vote again", lambda: spaces.change_space(world.owner, SLUG, who_votes="everyone")
    yield "a phase is planned", lambda: spaces.schedule_phase(world.owner, SLUG, "discuss", soon)
    for phase in ("discuss", "vote", "decided", "collect"):
        yield f"the phase {phase} begins", lambda phase=phase: spaces.set_phase(world.owner, SLUG, phase)
    yield "the ballot is closed", lambda: spaces.close_ballot(world.owner, SLUG)
    yield "the ballot is opened", lambda: spaces.open_ballot(world.owner, SLUG)
    yield "the space is archived", lambda: spaces.archive_space(world.owner, SLUG)
    yield "the space is reopened", lambda: spaces.reopen_space(world.owner, SLUG)
    yield "a plugin is switched on", lambda: switch_plugin(SYSTEM, host, stage.space_id, "scoring", True)
    yield "a plugin is set", lambda: save_settings(SYSTEM, host, stage.space_id, "scoring", {"wilson_z": 1.5})
    yield "a plugin is told again", lambda: replay_from(SYSTEM, host, stage.space_id, "scoring")
    yield "a plugin is switched off", lambda: switch_plugin(SYSTEM, host, stage.space_id, "scoring", False)


def people(stage: Stage) -> Iterator[Step]:
    world, extra = stage.world, stage.extra.person_id
    assert extra is not None
    invitation = {}
    for role in ("moderator", "viewer", "product", "contributor"):
        yield f"a member becomes {role}", lambda role=role: spaces.change_member(world.owner, SLUG, extra, role=role)
    yield "a member leaves", lambda: spaces.remove_member(world.owner, SLUG, extra)
    yield "a member joins", lambda: spaces.add_member(world.owner, SLUG, person_id=extra, role="contributor")
    yield "a member is banned", lambda: spaces.ban_member(world.owner, SLUG, extra)
    yield "a member is let in again", lambda: spaces.unban_member(world.owner, SLUG, extra)
    yield "somebody is invited", lambda: invitation.update(it=spaces.invite(world.owner, SLUG))
    yield "an invitation is revoked", lambda: spaces.revoke_invitation(world.owner, SLUG, invitation["it"][0].id)
    yield "an author takes another name", lambda: accounts.change_profile(world.ann, name="Anna")
    yield "a guest closes the window", lambda: stage.leave("guest")
    yield (
        "a guest who wrote gets a name",
        lambda: accounts.register("Gustav", "gustav@example.org", "four calm green bikes", stage.guest.person_id),
    )
    yield "a commenter is forgotten", lambda: erase_person(SYSTEM, str(world.ben.person_id))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def database(request: pytest.FixtureRequest) -> Database:
    """What the line tells does not depend on the database; PostgreSQL has its turn in test-full."""
    chosen: Database = request.getfixturevalue("sqlite_database" if request.param == "sqlite" else "postgres_database")
    return chosen


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """One address asks for everything here."""
    return make_app(requests_per_minute=1_000_000)


#: Which screens are compared after the step of a number: each time each of them, or every third. A screen that was told
#: too little stays wrong until it is compared.
Turns = Callable[[int], slice]


def everybody(_number: int) -> slice:
    return slice(None)


def every_third(number: int) -> slice:
    return slice(number % 3, None, 3)


@pytest.mark.parametrize(
    ("results", "turns"),
    [
        ("live", every_third),
        *(pytest.param(each, everybody, marks=pytest.mark.full) for each in ("live", "after_vote", "at_close")),
    ],
)
def test_what_was_known_and_what_was_told_is_what_there_is(
    results: str,
    turns: Turns,
    app: Flask,
    make_world: Callable[..., World],
    browser_of: Callable[[Actor | None], Browser],
    clock: Clock,
) -> None:
    world = make_world(slug=SLUG, kind="updown", results=results, who_votes="everyone", who_comments="everyone")
    Plugins(app).enable("scoring", world.space)
    stage, wrong = Stage(app, world, browser_of, clock), []
    parts = (
        (votes, texts, products_and_configurations, team_work, rules, people) if results == "live" else (votes, rules)
    )
    steps = (step for part in parts for step in part(stage))
    for number, (name, act) in enumerate(steps):
        act()
        stage.tell()
        wrong += stage.compare(name, turns(number))
    wrong += stage.compare("at the end", everybody(0))
    assert wrong == [], "\n" + "\n".join(wrong)
    if results == "live":
        with db.read():
            told = {fact.name for fact in log.since(stage.space_id, 0, 5000)}
        ours = ("codesign.", "plugins.")  # other tests of the same run define events of their own
        of_spaces = {
            name for name, kind in catalogue.items() if kind.audience != NONE and kind.__module__.startswith(ours)
        }
        assert of_spaces - told - set(UNSEEN) == set(), "events that no step has caused"
