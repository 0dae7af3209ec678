"""The pages of spaces, as somebody without scripts uses them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.accounts.service import change_profile
from codesign.hooks.host import host_of
from codesign.kernel.actor import SYSTEM
from codesign.spaces import queries, service
from codesign.spaces.access import access
from codesign.testing import actor_of

pytestmark = pytest.mark.doors

Make = Callable[..., Any]

TABS = ("general", "people", "voting", "statuses", "plugins", "danger")


@pytest.fixture
def owner(make_person: Make) -> Any:
    return make_person("Olga")


@pytest.fixture
def space(make_space: Make, owner: Any) -> Any:
    return make_space(owner=owner, name="City bike", slug="city-bike", purpose="Which one shall we build?")


def test_the_start_lists_what_i_may_enter(
    enter: Any, space: Any, owner: Any, make_space: Make, make_idea: Make
) -> None:
    make_space(name="Quiet corner", visibility="private")
    make_idea(space)
    words = enter(None).words("/")
    assert "City bike" in words and "Which one shall we build?" in words and "1 idea" in words and "Collect" in words
    assert "Quiet corner" not in words and "New space" not in words
    assert "New space" in enter(owner).words("/")
    assert enter(None).get("/spaces").location == "/"


def test_an_empty_server_says_what_to_do(enter: Any, make_person: Make) -> None:
    assert "Nothing here for you yet" in enter(None).words("/")
    assert "Make the first space" in enter(make_person(is_admin=True)).words("/")


def test_a_space_is_made_from_a_template(enter: Any, make_person: Make) -> None:
    admin = make_person(is_admin=True)
    visitor = enter(admin)
    assert "Take a decision" in visitor.words("/spaces/new")
    refused = visitor.send("/spaces/new", name="x", template="ideas", purpose="kept words")
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422 and "kept words" in page and 'role="alert"' in page
    made = visitor.send(
        "/spaces/new", name="Which lock?", template="decision", purpose="", slug="", visibility="private"
    )
    assert (made.status_code, made.location) == (303, "/spaces/which-lock/settings/people")
    assert "Which lock? is ready" in visitor.words("/spaces/which-lock/about")
    found = queries.find_space("which-lock")
    assert found is not None and (found.visibility, found.ballot.results) == ("private", "at_close")


def test_only_those_who_may_see_the_form_for_new_spaces(enter: Any, make_person: Make, space: Any) -> None:
    assert enter(None).get("/spaces/new").location.startswith("/sign-in")
    stranger = enter(make_person())
    assert stranger.get("/spaces/new").status_code == 403
    assert stranger.send("/spaces/new", name="Mine", template="blank").status_code == 403
    assert len(queries.all_spaces()) == 1


def test_about_tells_purpose_promise_rules_and_people(enter: Any, space: Any) -> None:
    service.change_space(SYSTEM, space.id, goal="One bike for all", use_of_input="We build the first three.",
                         promise_days=10, responsible="Olga and Jonas", results="after_vote")  # fmt: skip
    words = enter(None).words("/spaces/city-bike/about")
    for sentence in ("One bike for all", "We build the first three.", "within 10 days", "Olga and Jonas", "Collect Now",
                     "Who has voted sees the counts", "The team always sees them"):  # fmt: skip
        assert sentence in words, sentence
    assert "noindex" not in enter(None).get("/spaces/city-bike/about").get_data(as_text=True)
    service.change_space(SYSTEM, space.id, visibility="unlisted")
    assert "noindex" in enter(None).get("/spaces/city-bike/about").get_data(as_text=True)


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_opens_for_those_it_is_for(enter: Any, space: Any, owner: Any, make_person: Make, tab: str) -> None:
    path = f"/spaces/city-bike/settings/{tab}"
    roles = {"people": {"moderator", "product"}, "voting": {"product"}, "statuses": {"product"}}.get(tab, set())
    assert enter(owner).get(path).status_code == 200
    assert enter(None).get(path).location.startswith("/sign-in")
    for role in ("contributor", "moderator", "product"):
        person = make_person()
        service.add_member(SYSTEM, space.id, person.id, role)
        assert enter(person).get(path).status_code == (200 if role in roles else 403), role


def test_settings_lead_to_the_first_tab_one_may_open(enter: Any, space: Any, owner: Any, make_person: Make) -> None:
    moderator, stranger = make_person(), make_person()
    service.add_member(SYSTEM, space.id, moderator.id, "moderator")
    assert enter(owner).get("/spaces/city-bike/settings").location == "/spaces/city-bike/settings/general"
    assert enter(moderator).get("/spaces/city-bike/settings").location == "/spaces/city-bike/settings/people"
    assert enter(stranger).get("/spaces/city-bike/settings").status_code == 403
    assert "Settings" in enter(owner).words("/spaces/city-bike/about")
    assert "Settings" not in enter(stranger).words("/spaces/city-bike/about")


GENERAL = {
    "version": "1", "name": "City bike", "slug": "city-bike", "purpose": "", "goal": "", "use_of_input": "",
    "responsible": "", "promise_days": "", "cover": "c3", "visibility": "public",
}  # fmt: skip
VOTING = {
    "version": "1", "kind": "updown", "results": "live", "order": "ranked", "who_proposes": "registered",
    "who_votes": "everyone", "who_comments": "registered", "collect-propose": "1", "vote-vote": "1",
}  # fmt: skip


def test_general_settings_are_saved(enter: Any, space: Any, owner: Any) -> None:
    visitor = enter(owner)
    sent = visitor.send("/spaces/city-bike/settings/general", **GENERAL | {"goal": "A bike", "promise_days": "7"})
    assert (sent.status_code, sent.location) == (303, "/spaces/city-bike/settings/general")
    changed = queries.get_space(space.id)
    assert changed is not None and (changed.goal, changed.promise_days, changed.cover) == ("A bike", 7, "c3")
    refused = visitor.send(
        "/spaces/city-bike/settings/general", **GENERAL | {"version": "2", "name": "", "goal": "typed"}
    )
    assert refused.status_code == 422 and "typed" in refused.get_data(as_text=True)
    refused = visitor.send("/spaces/city-bike/settings/general", **GENERAL | {"version": "2", "state": "archived"})
    assert refused.status_code == 422
    assert queries.get_space(space.id) == changed


def test_two_owners_overwrite_nothing(enter: Any, space: Any, owner: Any, make_person: Make) -> None:
    other = make_person("Jonas")
    service.add_member(SYSTEM, space.id, other.id, "owner")
    path = "/spaces/city-bike/settings/general"
    assert enter(other).send(path, **GENERAL | {"goal": "His goal"}).status_code == 303
    visitor = enter(owner)
    both = visitor.send(path, **GENERAL | {"goal": "Her goal", "purpose": "Her purpose"})
    page = both.get_data(as_text=True)
    assert both.status_code == 409 and "Jonas saved while you were writing" in page
    for text in ("His goal", "Her goal", "Her purpose", "Keep theirs", "Use mine"):
        assert text in page
    assert queries.get_space(space.id).goal == "His goal"  # type: ignore[union-attr]
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    fields = {name: value for name, value in fields.items() if name not in ("csrf_token", "next")}
    chosen = {**fields, "goal": "Her goal", "purpose": "Her purpose"}
    assert set(chosen) == set(GENERAL) and chosen["version"] == "2"
    assert visitor.send(path, **chosen).status_code == 303
    merged = queries.get_space(space.id)
    assert merged is not None and (merged.goal, merged.purpose, merged.version) == ("Her goal", "Her purpose", 3)


def test_the_phase_table_survives_a_conflict_too(enter: Any, space: Any, owner: Any) -> None:
    service.change_space(SYSTEM, space.id, results="at_close", phases={"discuss": {"vote": True}})
    visitor = enter(owner)
    both = visitor.send("/spaces/city-bike/settings/voting", **VOTING)
    page = both.get_data(as_text=True)
    assert both.status_code == 409 and "Discuss: Vote" in page and "At the close" in page
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    fields = {name: value for name, value in fields.items() if name not in ("csrf_token", "next")}
    names = set(re.findall(r'type="radio" id="[^"]+" name="([^"]+)"', page))
    assert {"results", "discuss-vote", "kind"} <= names
    sent = visitor.send("/spaces/city-bike/settings/voting", **fields, **{name: VOTING.get(name, "") for name in names})
    assert sent.status_code == 303
    saved = queries.get_space(space.id)
    assert saved is not None and saved.ballot.results == "live" and not saved.allows("vote", "discuss")
    assert saved.allows("propose", "collect") and not saved.allows("vote", "collect")


def test_voting_phases_and_dates(enter: Any, space: Any, owner: Any) -> None:
    visitor = enter(owner)
    assert visitor.send("/spaces/city-bike/settings/voting", **VOTING).status_code == 303
    saved = queries.get_space(space.id)
    assert saved is not None and saved.ballot.kind == "updown" and saved.phases_allowing("vote") == ["vote"]
    assert visitor.send("/spaces/city-bike/settings/phase", phase="vote").status_code == 303
    planned = visitor.send("/spaces/city-bike/settings/schedule", phase="decided", at="2199-01-01T10:00")
    assert planned.status_code == 422, "more than ten years ahead"
    assert visitor.send("/spaces/city-bike/settings/schedule", phase="decided", at="soon").status_code == 422
    assert visitor.send("/spaces/city-bike/settings/ballot/closed").status_code == 303
    closed = queries.get_space(space.id)
    assert closed is not None and closed.phase == "vote" and closed.ballot.closed_at is not None
    assert "Open the ballot again" in visitor.words("/spaces/city-bike/settings/voting")
    assert visitor.send("/spaces/city-bike/settings/ballot/ajar").status_code == 404
    assert queries.get_space(space.id).ballot.closed_at is not None  # type: ignore[union-attr]
    assert visitor.send("/spaces/city-bike/settings/ballot/open").status_code == 303
    assert queries.get_space(space.id).ballot.closed_at is None  # type: ignore[union-attr]


def test_statuses_by_form(enter: Any, space: Any, owner: Any) -> None:
    visitor, path = enter(owner), "/spaces/city-bike/settings/statuses"
    assert visitor.send(path, name="In test", color="building").status_code == 303
    status = queries.list_statuses(space.id)[-1]
    assert visitor.send(f"{path}/{status.id}", name="Field test", color="planned").status_code == 303
    assert visitor.send(f"{path}/{status.id}/move", step="-1").status_code == 303
    assert [found.name for found in queries.list_statuses(space.id)][-2] == "Field test"
    assert visitor.send(f"{path}/{status.id}/retire").status_code == 303
    assert "Bring back" in visitor.words(path)
    assert visitor.send(f"{path}/{status.id}/bring-back").status_code == 303
    refused = visitor.send(path, name="Planned", color="open")
    assert refused.status_code == 422 and "a status of that name" in refused.get_data(as_text=True)


def test_people_are_managed(enter: Any, space: Any, owner: Any, make_person: Make) -> None:
    mira = make_person("Mira", email="mira@example.org")
    visitor, path = enter(owner), "/spaces/city-bike/settings/people"
    assert visitor.send(path, email="Mira@example.org", role="moderator").status_code == 303
    assert "Mira" in visitor.words(path) and "Mira" not in visitor.words(f"{path}?role=owner")
    assert "Nobody fits" in visitor.words(f"{path}?q=zzz")
    one = f"{path}/{mira.id}"
    assert visitor.send(one, role="product", stakeholder_type="partner", organization="Tarn").status_code == 303
    member = queries.get_member(space.id, mira.id)
    assert member is not None and (member.role, member.organization) == ("product", "Tarn")
    assert visitor.send(f"{one}/ban").status_code == 303
    assert "Kept out" in visitor.words(path)
    assert visitor.send(f"{one}/let-in").status_code == 303
    assert visitor.send(f"{one}/remove").status_code == 303
    assert queries.get_member(space.id, mira.id) is None
    refused = visitor.send(f"{path}/{owner.id}/remove")
    assert refused.status_code == 409 and "needs an owner" in refused.get_data(as_text=True)
    assert visitor.send(path, email="nobody@example.org", role="viewer").status_code == 422
    assert visitor.get(f"{path}/01UNKNOWN").status_code == 404


def test_addresses_of_members_are_for_owners(enter: Any, space: Any, owner: Any, make_person: Make) -> None:
    moderator = make_person("Mo", email="mo@example.org")
    service.add_member(SYSTEM, space.id, moderator.id, "moderator")
    path = "/spaces/city-bike/settings/people"
    assert "mo@example.org" in enter(owner).words(path)
    words = enter(moderator).words(path)
    assert "Mo" in words and "mo@example.org" not in words and "Make the invitation" not in words


def test_an_invitation_link_from_making_to_joining(enter: Any, space: Any, owner: Any, make_person: Make) -> None:
    service.change_space(SYSTEM, space.id, visibility="private")
    visitor = enter(owner)
    made = visitor.send("/spaces/city-bike/settings/invitations", role="contributor", stakeholder_type="partner",
                        days="7", most_uses="", email="")  # fmt: skip
    assert made.status_code == 200 and made.headers["Cache-Control"] == "no-store"
    link = re.search(r"/invitations/([\w-]+)", made.get_data(as_text=True))
    assert link
    assert link.group() not in visitor.get("/spaces/city-bike/settings/people").get_data(as_text=True)
    nobody = enter(None)
    shown = nobody.get(link.group())
    assert shown.status_code == 200 and shown.headers["Cache-Control"] == "no-store"
    assert "You are invited to City bike" in nobody.words(link.group()) and "Sign in" in nobody.words(link.group())
    mira = make_person("Mira")
    guest_of = enter(mira)
    assert guest_of.get("/spaces/city-bike").status_code == 404
    guest_of.get(link.group())
    joined = guest_of.send(link.group())
    assert (joined.status_code, joined.location) == (303, "/spaces/city-bike/about")
    assert guest_of.get("/spaces/city-bike").status_code == 200
    service.revoke_invitation(SYSTEM, space.id, queries.list_invitations(access(SYSTEM, space.id))[0].id)
    assert enter(None).get(link.group()).status_code == 404
    assert enter(None).get("/invitations/unknown").status_code == 404


def test_archiving_and_deleting_by_form(enter: Any, space: Any, owner: Any) -> None:
    visitor = enter(owner)
    assert "codesign export space city-bike" in visitor.words("/spaces/city-bike/settings/danger")
    assert visitor.send("/spaces/city-bike/settings/archive").status_code == 303
    assert "Open it again" in visitor.words("/spaces/city-bike/settings/danger")
    assert visitor.send("/spaces/city-bike/settings/reopen").status_code == 303
    refused = visitor.send("/spaces/city-bike/settings/delete", confirmation="city bike")
    assert refused.status_code == 422 and queries.find_space("city-bike")
    gone = visitor.send("/spaces/city-bike/settings/delete", confirmation="city-bike")
    assert (gone.status_code, gone.location) == (303, "/")
    assert visitor.get("/spaces/city-bike").status_code == 404


def test_forms_need_their_token_and_the_right(
    enter: Any, space: Any, owner: Any, make_person: Make, app: Flask
) -> None:
    stranger = enter(make_person())
    stranger.get("/spaces/city-bike/about")
    before = queries.get_space(space.id)
    posts = [
        rule.rule for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("spaces.") and "POST" in (rule.methods or ()) and "<space>" in rule.rule
    ]  # fmt: skip
    assert len(posts) > 15
    for rule in posts:
        path = rule.replace("<space>", "city-bike")
        path = re.sub("<person_id>", owner.id, re.sub(r"<(state|name)>", "on", path))
        path = re.sub(r"<\w+>", "01UNKNOWN", path)
        assert enter(owner).client.post(path).status_code == 403, f"{path} took a form without its token"
        assert stranger.send(path).status_code in (403, 404, 422), path
    assert queries.get_space(space.id) == before


def test_the_server_page_is_for_administrators(enter: Any, owner: Any, make_person: Make) -> None:
    assert enter(owner).get("/server").status_code == 403
    visitor = enter(make_person(is_admin=True))
    assert "Interested party" in visitor.words("/server")
    assert visitor.send("/server/stakeholder-types", name="Dealer").status_code == 303
    assert visitor.send("/server/stakeholder-types/customer", name="Client").status_code == 303
    assert visitor.send("/server/organizations", name="Tarn").status_code == 303
    words = visitor.words("/server")
    assert "Dealer" in words and "Client" in words and "Tarn" in words
    assert visitor.send("/server/stakeholder-types", name="Dealer").status_code == 422


def test_plugins_are_switched_and_set_per_space(
    enter: Any, space: Any, owner: Any, make_space: Make, app: Flask
) -> None:
    other, host = make_space(), host_of(app)
    visitor, path = enter(owner), "/spaces/city-bike/settings/plugins"
    assert "Scoring" in visitor.words(path) and not host.is_enabled("scoring", space.id)
    assert visitor.send(f"{path}/scoring/on").status_code == 303
    assert host.is_enabled("scoring", space.id) and not host.is_enabled("scoring", other.id)
    assert "Switch off" in visitor.words(path)
    form = {name: str(value) for name, value in host.settings("scoring", space.id).items()} | {"wilson_z": "2.5"}
    assert visitor.send(f"{path}/scoring", **form).status_code == 303
    assert dict(host.settings("scoring", space.id)) == {**host.settings("scoring", other.id), "wilson_z": 2.5}
    assert host.settings("scoring", other.id)["wilson_z"] == 1.96
    words = visitor.words(f"{path}/scoring")
    assert "Set here." in words and "Back to 1.96" in words and "Default." in words
    for wrong in ({"wilson_z": "99"}, {"wilson_z": "much"}, {"unknown": "1"}):
        refused = visitor.send(f"{path}/scoring", **{**form, **wrong})
        assert refused.status_code == 422, wrong
    assert host.settings("scoring", space.id)["wilson_z"] == 2.5
    assert visitor.send(f"{path}/scoring", **form, **{"default.wilson_z": "1"}).status_code == 303
    assert host.settings("scoring", space.id)["wilson_z"] == 1.96
    assert visitor.send(f"{path}/scoring/of").status_code == 404 and host.is_enabled("scoring", space.id)
    assert visitor.send(f"{path}/scoring/off").status_code == 303
    assert not host.is_enabled("scoring", space.id)
    assert visitor.get(f"{path}/nothing").status_code == 404
    assert visitor.send(f"{path}/nothing/on").status_code == 404


def test_who_hides_their_name_is_not_named_as_responsible(enter: Any, space: Any, owner: Any) -> None:
    assert "Olga" in enter(None).words("/spaces/city-bike/about")
    change_profile(actor_of(owner), name="Olga", show_name=False)
    assert "Olga" not in enter(None).words("/spaces/city-bike/about")


def test_names_are_text_wherever_they_are_shown(enter: Any, owner: Any, make_space: Make) -> None:
    evil = "<script>alert(1)</script>"
    make_space(owner=owner, name=f"A {evil}", slug="evil", purpose=evil, goal=evil, responsible=evil, use_of_input=evil)
    visitor = enter(owner)
    for path in ("/", "/spaces/evil/about", *(f"/spaces/evil/settings/{tab}" for tab in TABS), "/spaces/evil/activity"):
        assert "<script>alert" not in visitor.get(path).get_data(as_text=True), path


@pytest.mark.parametrize("path", ["/spaces/city-bike/about", "/"])
def test_pages_ask_the_database_seldom(enter: Any, space: Any, path: str, count_queries: Make) -> None:
    visitor = enter(None)
    visitor.get(path)
    with count_queries() as statements:
        assert visitor.get(path).status_code == 200
    assert len(statements) <= 8, statements  # one of them: whether the menu offers a product to compose


def test_what_is_refused_in_a_space_keeps_its_menu(enter: Any, space: Any, make_space: Make, make_person: Make) -> None:
    stranger = enter(make_person())
    for path in ("ideas/01UNKNOWN", "nothing/here", "audit"):
        page = stranger.get(f"/spaces/city-bike/{path}")
        assert page.status_code in {403, 404} and 'href="/spaces/city-bike/activity"' in page.text, path
        assert 'name="robots" content="noindex"' in page.text and "City bike" in page.text
    assert 'aria-label="Space"' not in stranger.get("/nothing/here").text
    make_space(name="Hidden plans", slug="hidden", visibility="private")
    page = stranger.get("/spaces/hidden/audit")
    assert page.status_code == 404 and "Hidden plans" not in page.text and "/spaces/hidden/activity" not in page.text
