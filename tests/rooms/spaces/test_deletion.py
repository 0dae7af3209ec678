"""A deleted space is gone at once, its rows soon after, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, text

from codesign.accounts.queries import get_person
from codesign.comments.service import add_comment
from codesign.configurations.service import choose, join_draft, open_to_others, start_configuration
from codesign.customers.service import add_evidence, enter_vote
from codesign.customers.weights import set_weights
from codesign.events import log
from codesign.exchange.foreign.jobs import keep_file
from codesign.ideas.service import follow_idea
from codesign.insights import service as insights
from codesign.insights.queries import get_card
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.db import Base, present_tables
from codesign.kernel.errors import Forbidden, Invalid, NotFound
from codesign.merging.service import merge_idea
from codesign.products import engine
from codesign.products import service as products
from codesign.roadmap.releases import write_release
from codesign.roadmap.service import add_column
from codesign.spaces import queries, service
from codesign.spaces.access import access
from codesign.spaces.service import deletion
from codesign.spaces.service.workflow import add_rule
from codesign.testing import actor_of
from codesign.triage.service import change_ideas
from codesign.triage.views import save_view
from codesign.voting.service import cast_vote
from tests.support.bikes import SMALL

Make = Callable[..., Any]


@pytest.fixture
def lived_in(make_space: Make, make_idea: Make, make_person: Make) -> Callable[[], Any]:
    """A space with something in many tables."""

    def make() -> Any:
        owner, mira = make_person(), actor_of(make_person())
        space = make_space(owner=owner)
        first, second = make_idea(space, tags=["light"]), make_idea(space)
        for idea in (first, second):
            cast_vote(mira, idea.id, 1)
            add_comment(mira, idea.id, "Good for winter rides.")
            follow_idea(mira, idea.id)
        change_ideas(actor_of(owner), space.id, "owner", owner.id, [first.id, second.id])
        enter_vote(actor_of(owner), first.id, f"caller@{space.slug}.example", "call")
        add_evidence(actor_of(owner), first.id, quote="We need it.")
        set_weights(actor_of(owner), space.id, {"fleet": 2.0})
        save_view(actor_of(owner), space.id, "Mine", {"owner": "me"})
        merge_idea(actor_of(owner), second.id, first.id)
        service.invite(actor_of(owner), space.id)
        add_rule(actor_of(owner), space.id, needs_answer=True)
        write_release(actor_of(owner), space.id, "Spring", idea_ids=[first.id])
        add_column(actor_of(owner), space.id, "Soon", [queries.list_statuses(space.id)[2].id])
        keep_file(actor_of(owner), space.id, "ideas.csv", b"title\nA first one\n")
        product = products.create_product(actor_of(owner), space.id, "City bike")
        products.write_draft(actor_of(owner), product.id, engine.parse(SMALL))
        products.publish(actor_of(owner), product.id)
        draft = start_configuration(actor_of(owner), product.id, decisions={"city": True})
        choose(actor_of(owner), draft.id, "rack", True)
        join_draft(mira, draft.id, open_to_others(actor_of(owner), draft.id).edit_key)
        insights.refresh_due()
        shown = [thing.hash for thing in get_card(mira, product.id).things]
        insights.make_choice(mira, product.id, shown, None)
        return space

    return make


def rows_of(space_id: str) -> dict[str, int]:
    """How many rows of each table belong to a space."""
    counts = {}
    with db.read() as work:
        for table in present_tables():
            condition = deletion.belongs_to(table, space_id)
            if condition is not None:
                counts[table.name] = work.scalar(select(func.count()).select_from(table).where(condition)) or 0
    return {name: count for name, count in counts.items() if count}


def test_everything_of_the_space_goes_and_nothing_of_another(lived_in: Callable[[], Any], make_person: Make) -> None:
    gone, stays = lived_in(), lived_in()
    before = rows_of(stays.id)
    assert {"idea", "vote", "comment", "follow", "merge", "member", "invitation", "event", "log_head"} <= set(before)
    assert {"product", "product_version", "configuration", "draft_edit", "draft_partner"} <= set(before)
    assert {"choice", "sampled_configuration", "insight", "idea_import"} <= set(before)
    assert {"triage_mark", "triage_view", "triage_deed", "triage_deed_row"} <= set(before)
    assert {"entered_vote", "evidence", "segment_weights"} <= set(before)
    assert {"roadmap_column", "roadmap_status", "release", "release_idea", "move_rule"} <= set(before)
    with db.read() as work:
        people = work.scalar(text("select count(*) from person"))
    service.delete_space(SYSTEM, gone.slug, gone.slug)
    assert rows_of(gone.id) == {}
    assert rows_of(stays.id) == before
    with db.read() as work:
        assert work.scalar(text("select count(*) from person")) == people
        assert log.latest("server", 1)[0].payload == {"deleted_id": gone.id}
        assert log.check_chain(stays.id) is None


def test_it_cannot_be_seen_from_the_first_moment_and_the_worker_ends_the_rest(
    lived_in: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, make_space: Make
) -> None:
    space = lived_in()
    owner = get_person(queries.list_team(space.id)[0].person_id)
    assert owner is not None
    monkeypatch.setattr(deletion, "STEP", 3)
    monkeypatch.setattr(deletion, "STEPS_AT_ONCE", 1)
    service.delete_space(SYSTEM, space.id, None)
    left = rows_of(space.id)
    assert sum(left.values()) > 3
    for actor in (SYSTEM, actor_of(owner)):
        with pytest.raises(NotFound):
            access(actor, space.id)
    assert queries.all_spaces() == [] and make_space(slug=space.slug).slug == space.slug
    rounds = 0
    while service.finish_deletions(steps=3):
        rounds += 1
        assert sum(rows_of(space.id).values()) < sum(left.values())
        left = rows_of(space.id)
    assert rounds > 2 and rows_of(space.id) == {}
    assert service.finish_deletions() == 0


def test_only_an_owner_who_typed_the_slug_deletes(make_space: Make, make_person: Make) -> None:
    owner, product = make_person(), make_person()
    space = make_space(owner=owner)
    service.add_member(SYSTEM, space.id, product.id, "product")
    with pytest.raises(Forbidden):
        service.delete_space(actor_of(product), space.id, space.slug)
    for typed in ("", "yes", space.slug.upper()):
        with pytest.raises(Invalid) as refused:
            service.delete_space(actor_of(owner), space.id, typed)
        assert refused.value.errors[0].field == "confirmation"
    assert access(actor_of(owner), space.slug)
    service.delete_space(actor_of(owner), space.id, f" {space.slug} ")
    with pytest.raises(NotFound):
        access(actor_of(owner), space.slug)


def test_each_table_is_of_a_space_or_of_the_server(app: Any) -> None:
    """A new table must say whose it is; whoever adds one to this list says why its rows outlive a space."""
    of_the_server = {
        "api_token", "confirmed_address", "demo_switch", "ended_session", "erasure", "import_arrival", "lease", "letter",
        "letter_wish", "mail", "organization", "pending_action", "person", "plugin_health", "plugin_hold", "single_use_link",
        "stakeholder_type",
    }  # fmt: skip
    without = {
        table.name for table in Base.metadata.sorted_tables if deletion.belongs_to(table, "x") is None
    } - of_the_server  # fmt: skip
    assert without == set(), f"do rows of {without} belong to a space?"


def test_what_is_no_row_is_taken_away_too(make_space: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    space, files = make_space(), {"a", "b", "c"}
    monkeypatch.setattr(deletion, "_steps", [])

    @service.on_deletion
    def take_files(space_id: str, limit: int) -> int:
        assert space_id == space.id
        taken = sorted(files)[:limit]
        files.difference_update(taken)
        return len(taken)

    service.delete_space(SYSTEM, space.id, None)
    assert files == set()
