"""A second instance beside the one of the test, and a space in which everything has happened."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from codesign.app import create_app
from codesign.comments.service import hide_comment, remove_comment
from codesign.configurations.service import fork_configuration, start_configuration
from codesign.customers.service import add_evidence, enter_vote
from codesign.customers.weights import set_weights
from codesign.exchange.archive.contents import table_of
from codesign.exchange.demo.content import DemoContent, load_content
from codesign.ideas.service import answer_idea, follow_idea, hide_idea, import_votes, set_status, unfollow_idea
from codesign.insights.models import Choice, SampledConfiguration
from codesign.kernel import clock, db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.ids import new_id
from codesign.kernel.mentions import mark
from codesign.kernel.pictured import reference
from codesign.merging.service import merge_idea, undo_merge
from codesign.moderation.appeals import appeal
from codesign.moderation.desk import add_reply
from codesign.moderation.service import raise_flag
from codesign.pictures.service import add_picture
from codesign.products import engine
from codesign.products import service as products
from codesign.products.facts import VersionFact
from codesign.products.models import ProductPicture
from codesign.roadmap.releases import publish_release, write_release
from codesign.roadmap.service import add_column
from codesign.spaces.queries import list_statuses
from codesign.spaces.service import change_member, set_organization, set_stakeholder_type
from codesign.spaces.service.workflow import add_rule
from codesign.testing import Database, actor_of, settings_for
from codesign.triage.fields import keep_ready_fields
from codesign.triage.service import change_ideas
from codesign.voting.service import cast_vote, withdraw_vote
from tests.support.bikes import SMALL
from tests.support.pictures import picture
from tests.support.world import World

_numbers = itertools.count(1)

SPACES = ("tarn-bikes", "dealer-council", "city-and-bikes")


@contextmanager
def instance(template: Path, folder: Path, **settings: Any) -> Iterator[Flask]:
    """An empty instance of its own (SQLite) to work on; afterwards the one before is back."""
    here = db._current
    folder.mkdir()
    shutil.copy(template, folder / "codesign.db")
    app = create_app(settings_for(Database("sqlite", f"sqlite:///{folder / 'codesign.db'}"), folder, **settings))
    try:
        yield app
    finally:
        db.current().dispose()
        db.use(here)


@pytest.fixture
def elsewhere(sqlite_template: Path, tmp_path: Path) -> Callable[..., AbstractContextManager[Flask]]:
    """``with elsewhere() as app:`` works on another, empty instance."""
    return lambda **settings: instance(sqlite_template, tmp_path / f"elsewhere-{next(_numbers)}", **settings)


@pytest.fixture
def lively(make_person: Any, make_space: Any) -> World:
    """A space with rows in every table an archive keeps."""
    return make_lively(make_person, make_space)


def sit_at_the_desk(world: World, idea_id: str) -> None:
    """Somebody looks after an idea, which has a field."""
    keep_ready_fields(world.owner, world.space.id)
    change_ideas(world.moderator, world.space.id, "owner", world.moderator.person_id, [idea_id])
    change_ideas(world.moderator, world.space.id, "field", {"key": "effort", "value": "2.5"}, [idea_id])
    enter_vote(world.moderator, idea_id, "caller@example.org", "call", name="Cal", note="Asked twice.")
    add_evidence(world.moderator, idea_id, quote="We need it.", person="caller@example.org")
    set_weights(world.owner, world.space.id, {"fleet": 2.0})


def make_lively(make_person: Any, make_space: Any) -> World:
    """A space named "lively" in which everything has happened that leaves rows."""
    world = World(make_person, make_space, name="Løvely “space”", slug="lively", kind="updown")
    guest = actor_of(make_person(guest=True))
    ideas = [world.idea(title=f"Idea {number} ✓", tags=("zebra", "Ångström", "apple")) for number in range(6)]
    for voter, value in ((world.ann, 1), (world.ben, -1), (guest, 0), (world.moderator, 1)):
        for idea in ideas[:4]:
            cast_vote(voter, idea.id, value)
    withdraw_vote(world.ben, ideas[0].id)
    cast_vote(world.ann, ideas[1].id, -1)
    first = world.comment(ideas[0])
    world.comment(ideas[0], world.ann, f"Me too, {mark('Ben', str(world.ben.person_id))}", parent_id=first.id)
    hide_comment(world.moderator, world.comment(ideas[1], body="Buy now").id, "An advertisement")
    remove_comment(world.ben, world.comment(ideas[1], body="Oops").id)
    world.comment(ideas[2], world.moderator, "Between us", internal=True)
    raise_flag(world.stranger, "comment", first.id, "Rude")
    follow_idea(world.ann, ideas[3].id)
    publish_release(world.owner, write_release(world.owner, world.space.id, "Spring", "New", [ideas[3].id]).id)
    add_rule(world.owner, world.space.id, to_id=list_statuses(world.space.id)[5].id, needs_answer=True)
    add_column(world.owner, world.space.id, "Soon", [list_statuses(world.space.id)[2].id], public=False)
    unfollow_idea(world.ben, ideas[3].id)
    import_votes(SYSTEM, ideas[4].id, "paper", 7, 2)
    merge_idea(world.moderator, ideas[1].id, ideas[0].id)
    merge_idea(world.moderator, ideas[2].id, ideas[0].id)
    undo_merge(world.moderator, ideas[2].id)
    hide_idea(world.moderator, ideas[5].id, "Twice")
    appeal(world.ann, "idea", ideas[5].id)
    add_reply(world.moderator, world.space.id, "Twice", "This stands here already.")
    set_status(world.moderator, ideas[3].id, list_statuses(world.space.id)[2].id)
    answer_idea(world.owner, ideas[3].id, "We do it.")
    sit_at_the_desk(world, ideas[3].id)
    kind = set_stakeholder_type(SYSTEM, "Neighbour")
    change_member(world.owner, world.space.id, str(world.ben.person_id), stakeholder_type=kind.id)
    set_organization(world.owner, world.space.id, str(world.ann.person_id), "Lamp works")
    compose(world)
    return world


def compose(world: World) -> None:
    """A product with a picture, a configuration an idea carries, one that goes on from it, and an answered card."""
    product = products.create_product(world.owner, world.space.id, "City bike")
    products.write_draft(world.owner, product.id, engine.parse(SMALL), SMALL)
    version = products.publish(world.owner, product.id)
    draft = start_configuration(world.ann, product.id, decisions={"rack": True, "city": False}, wishes=("b400",))
    world.idea(title="A bike with a rack", configuration_id=draft.id)
    fork_configuration(world.ben, draft.id)
    shown = add_picture(world.ann, world.space.id, picture())
    world.idea(title="A lamp like this one", body=reference(shown.address, "A lamp"))
    _deal(world, version)


@db.verb
def _deal(world: World, version: VersionFact) -> None:
    place = {"space_id": world.space.id, "product_id": version.product_id, "product_version_id": version.id}
    moment = clock.now()
    db.session().add_all([
        ProductPicture(space_id=world.space.id, product_id=version.product_id, name="rack.svg", content="PHN2Zy8+",
                       media_type="image/svg+xml", created_at=moment),
        SampledConfiguration(product_version_id=version.id, hash="a1", space_id=world.space.id, place=0, options=["city"]),
        Choice(id=new_id(), **place, shown=["a1"], chosen="a1", person_id=world.ben.person_id, number=1, at=moment),
    ])  # fmt: skip


def count_rows() -> dict[str, int]:
    """How many rows each table has here; leases come and go."""
    with db.read() as work:
        tables = [table for table in db.present_tables() if table.name != "lease"]
        return {table.name: work.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def rows_of(name: str, *columns: str) -> list[tuple]:
    """Some columns of all rows of a table, in the order of its keys."""
    table = table_of(name)
    query = select(*(table.c[column] for column in columns)).order_by(*table.primary_key.columns)
    with db.read() as work:
        return [tuple(row) for row in work.execute(query)]


@pytest.fixture(scope="session")
def little_demo() -> DemoContent:
    """The demo with a few of its ideas and people."""
    content = load_content()
    ideas = [idea for space in content.spaces for idea in content.ideas if idea.space == space.slug and not idea.held]
    merged = next(idea for idea in ideas if idea.merged_into)
    flagged = next(idea for idea in ideas if any(entry.flag for entry in idea.talk))
    held = next(idea for idea in content.ideas if idea.held)
    target = next(idea for idea in ideas if idea.key == merged.merged_into)
    first = {idea.space: idea for idea in reversed(ideas)}.values()
    fork = next(idea for idea in ideas if idea.composed and idea.composed.goes_on_from)
    parent = next(idea for idea in ideas if fork.composed and idea.key == fork.composed.goes_on_from)
    chosen = {idea.key: idea for idea in (*first, merged, target, flagged, held, parent, fork)}
    drafts = tuple(draft for draft in content.drafts if draft.by == "mira")
    voices = tuple(text for text in content.voices if not text.idea or text.idea in chosen)
    taste = replace(content.tastes[0], people=content.tastes[0].people[:2])
    talk = [entry for idea in chosen.values() for entry in idea.talk]
    needed = {idea.author for idea in chosen.values()} | {person for space in content.spaces for person in space.team}
    needed |= {one.by for entry in talk for one in (entry, *entry.replies)} | {e.flag.by for e in talk if e.flag}
    needed |= {idea.merged_by for idea in chosen.values() if idea.merged_by}
    needed |= set(taste.people)
    crowd = [person for person in content.people if person.key in needed or person.guest or person.demo_role]
    # Prepared comments are made by customers who have no say in the stories yet.
    spoken = {idea.author for idea in content.ideas} | {entry.by for idea in content.ideas for entry in idea.talk}
    silent = [person for person in content.people if person.stakeholder_type == "customer" and person.key not in spoken]
    crowd += [person for person in silent if person not in crowd][:25]
    return replace(
        content,
        ideas=tuple(chosen.values()),
        people=tuple(person for person in content.people if person in crowd),
        pulse=tuple(comment for comment in content.pulse if comment.idea in chosen),
        drafts=drafts,
        voices=voices,
        tastes=(taste,),
    )
