"""A space is made, changed, archived, opened again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codesign.events import log
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.errors import Closed, Conflict, Forbidden, Invalid, NotFound, Problem, Unauthenticated
from codesign.spaces import queries, service
from codesign.spaces.access import access
from codesign.testing import actor_of
from codesign.voting.service import cast_vote

Make = Callable[..., Any]


def facts_of(space_id: str) -> list[str]:
    with db.read():
        return [fact.name for fact in log.since(space_id, 0)]


def test_a_space_starts_as_its_template_says(make_person: Make) -> None:
    ann = actor_of(make_person("Ann", is_admin=True))
    space = service.create_space(ann, "evaluation", name="  Straßen & Wege ", goal="Better ways")
    assert (space.name, space.slug, space.version) == ("Straßen & Wege", "straen-wege", 1)
    assert (space.ballot.kind, space.ballot.results, space.order, space.who_proposes) == (
        "updown", "after_vote", "shuffled", "members",
    )  # fmt: skip
    assert [status.kind for status in queries.list_statuses(space.id)] == [
        "open", "review", "planned", "building", "shipped", "declined",
    ]  # fmt: skip
    assert queries.roles_of(str(ann.person_id)) == {space.id: "owner"}
    assert facts_of(space.id) == ["space.created", "member.added"]


@pytest.mark.parametrize("template", ["ideas", "evaluation", "decision", "blank"])
def test_every_template_makes_a_space(app: Any, template: str) -> None:
    space = service.create_space(SYSTEM, template, name=f"Try {template}")
    assert space.phase == "collect" and space.ballot.closed_at is None


def test_slugs_are_unique_and_made_of_the_name(app: Any) -> None:
    slugs = [service.create_space(SYSTEM, name=name).slug for name in ("Bikes", "Bikes", "Новый", "new")]
    assert slugs == ["bikes", "bikes-2", "space-1", "new-1"]
    with pytest.raises(Invalid) as refused:
        service.create_space(SYSTEM, name="Else", slug="bikes")
    assert refused.value.errors[0].field == "slug"
    with pytest.raises(Invalid):
        service.create_space(SYSTEM, name="Else", slug="new")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x"), ("name", "x" * 121), ("name", "two\nlines"), ("name", "nul\0"), ("slug", "UP"), ("slug", "a--b"),
        ("slug", "x" * 65), ("purpose", "x" * 2001), ("promise_days", 0), ("promise_days", True), ("promise_days", "3"),
        ("visibility", "secret"), ("kind", "ranked"), ("results", ["live"]), ("who_votes", "nobody"), ("cover", "red"),
        ("phases", {"collect": {"vote": 1}}), ("phases", {"now": {}}), ("phases", {"decided": {"vote": True}}),
        ("phases", [1]), ("ballot", "x"), ("state", "open"), ("created_at", "now"),
    ],
)  # fmt: skip
def test_what_a_space_cannot_hold_is_refused_by_field(make_space: Make, field: str, value: Any) -> None:
    space = make_space(purpose="kept")
    before = facts_of(space.id)
    with pytest.raises((Invalid, TypeError)) as refused:
        service.change_space(SYSTEM, space.slug, **({"purpose": "other"} | {field: value}))
    if isinstance(refused.value, Invalid):
        assert [error.field for error in refused.value.errors] == [field]
    assert queries.get_space(space.id) == space and facts_of(space.id) == before
    assert service.change_space(SYSTEM, space.slug, purpose="other").purpose == "other"


def test_a_change_raises_the_version_and_names_its_fields(make_space: Make) -> None:
    space = make_space(purpose="old")
    changed = service.change_space(SYSTEM, space.slug, space.version, purpose="new", goal="g", results="at_close")
    assert (changed.version, changed.purpose, changed.ballot.results) == (2, "new", "at_close")
    with db.read():
        fact = log.latest(space.id, 1)[0]
    assert fact.payload == {"fields": ["goal", "purpose", "results"], "space_version": 2} and fact.version == 1
    assert service.change_space(SYSTEM, space.slug, 2, purpose="new").version == 2


def test_a_stale_change_is_refused_and_says_what_changed(make_space: Make, make_person: Make) -> None:
    owner = make_person("Ann")
    space = make_space(owner=owner)
    service.change_space(actor_of(owner), space.slug, 1, goal="hers")
    service.change_space(actor_of(owner), space.slug, 2, order="shuffled")
    with pytest.raises(Conflict) as refused:
        service.change_space(SYSTEM, space.slug, 1, goal="mine")
    assert refused.value.details == {"fields": ["goal", "order"], "actor_ids": [owner.id], "version": 3}
    assert queries.get_space(space.id).goal == "hers"  # type: ignore[union-attr]
    assert service.change_space(SYSTEM, space.slug, 3, goal="mine").goal == "mine"


def test_the_kind_of_ballot_stays_once_people_have_voted(make_space: Make, make_idea: Make, make_person: Make) -> None:
    space = make_space(kind="upvote")
    idea = make_idea(space)
    assert service.change_space(SYSTEM, space.slug, kind="updown").ballot.kind == "updown"
    cast_vote(actor_of(make_person()), idea.id, -1)
    with pytest.raises(Conflict):
        service.change_space(SYSTEM, space.slug, kind="upvote")
    assert service.change_space(SYSTEM, space.slug, results="after_vote").ballot.kind == "updown"


def test_phase_cells_are_settings_and_can_be_taken_back(make_space: Make) -> None:
    space = make_space()
    changed = service.change_space(SYSTEM, space.slug, phases={"discuss": {"vote": True}})
    changed = service.change_space(SYSTEM, space.slug, phases={"collect": {"comment": False}})
    assert changed.phases == {"discuss": {"vote": True}, "collect": {"comment": False}}
    assert changed.phases_allowing("vote") == ["collect", "discuss", "vote"]
    changed = service.change_space(SYSTEM, space.slug, phases={"discuss": {"vote": False}})
    assert changed.phases == {"collect": {"comment": False}}


def test_an_archived_space_is_read_only_and_can_be_opened_again(make_space: Make, make_person: Make) -> None:
    owner, mira = make_person(), actor_of(make_person())
    space = make_space(owner=owner)
    ann = actor_of(owner)
    assert access(mira, space.id, "propose") and access(ann, space.id, "propose")
    assert service.archive_space(ann, space.slug).state == "archived"
    assert access(mira, space.id, "view").space.ballot_open is False
    for actor in (mira, ann):
        for right in ("propose", "vote", "comment"):
            with pytest.raises(Closed):
                access(actor, space.id, right)
    service.archive_space(ann, space.slug)
    assert service.reopen_space(ann, space.slug).state == "open"
    assert access(mira, space.id, "vote")
    assert facts_of(space.id)[-2:] == ["space.archived", "space.reopened"]


def test_a_space_being_imported_is_seen_by_its_owners_alone(make_person: Make) -> None:
    owner, mira = make_person(), make_person()
    space = service.create_space(SYSTEM, name="Coming", state="importing", owner_id=owner.id)
    with pytest.raises(NotFound):
        access(actor_of(mira), space.slug)
    assert access(actor_of(owner), space.slug)
    assert [line.space.id for line in queries.list_spaces(actor_of(mira)).items] == []
    assert [line.space.id for line in queries.list_spaces(actor_of(owner)).items] == [space.id]
    service.open_imported_space(SYSTEM, space.id)
    assert access(actor_of(mira), space.slug)
    assert facts_of(space.id)[-1] == "space.opened"


def test_who_may_make_spaces(make_person: Make, make_space: Make) -> None:
    admin, owner, mira, guest = make_person(is_admin=True), make_person(), make_person(), make_person(guest=True)
    make_space(owner=owner)
    for person in (admin, owner):
        assert service.create_space(actor_of(person), name="Another")
    refused: list[tuple[Any, type[Problem]]] = [
        (actor_of(mira), Forbidden), (Actor(), Unauthenticated), (actor_of(guest), Forbidden),
        (Actor(person_id=admin.id, is_admin=True, scopes=frozenset({"read", "write"})), Forbidden),
    ]  # fmt: skip
    for actor, problem in refused:
        with pytest.raises(problem):
            service.create_space(actor, name="Mine")
    assert len(queries.all_spaces()) == 3


def test_lists_hold_what_one_may_enter(make_space: Make, make_person: Make) -> None:
    mira, ann = make_person(), make_person()
    public, unlisted, private = (make_space(visibility=kind) for kind in ("public", "unlisted", "private"))
    mine = make_space(visibility="private", owner=mira)
    banned = make_space(visibility="private")
    service.add_member(SYSTEM, banned.id, mira.id)
    service.ban_member(SYSTEM, banned.id, mira.id)

    def seen(actor: Actor) -> set[str]:
        return {line.space.id for line in queries.list_spaces(actor).items}

    assert seen(actor_of(ann)) == seen(Actor()) == {public.id}
    assert seen(actor_of(mira)) == {public.id, mine.id}
    service.add_member(SYSTEM, unlisted.id, ann.id, "viewer")
    assert seen(actor_of(ann)) == {public.id, unlisted.id}
    assert len(seen(SYSTEM)) == 5 and private.id in seen(SYSTEM)


def test_lists_go_on_where_the_page_ended(make_space: Make) -> None:
    ids = [make_space().id for _number in range(5)]
    first = queries.list_spaces(SYSTEM, limit=2)
    second = queries.list_spaces(SYSTEM, limit=2, cursor=first.next)
    third = queries.list_spaces(SYSTEM, limit=2, cursor=second.next)
    found = [line.space.id for page in (first, second, third) for line in page.items]
    assert found == ids[::-1] and third.next is None
    with pytest.raises(Invalid):
        queries.list_spaces(SYSTEM, cursor="nonsense")
