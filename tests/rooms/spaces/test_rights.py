"""Who may do what: each role with each verb, here and in a space that is not theirs. Every refusal has its control."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from codesign.events import log
from codesign.kernel import clock, db
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.errors import Forbidden, NotFound, Problem, Unauthenticated
from codesign.spaces import queries, service
from codesign.spaces.access import RIGHTS, access, look
from codesign.testing import actor_of

pytestmark = pytest.mark.doors

Make = Callable[..., Any]

ROLES = ("anonymous", "guest", "stranger", "viewer", "contributor", "moderator", "product", "owner", "administrator")
_AT_LEAST = {"moderate": 5, "product": 6, "own": 7}


def _status(space: Any) -> str:
    return queries.list_statuses(space.id)[1].id


def _victim(space: Any) -> str:
    return service.add_member(SYSTEM, space.id, external_id="victim", name="Vic")[0].person_id


def _invitation(space: Any) -> str:
    return service.invite(SYSTEM, space.id)[0].id


#: Each verb: the right it needs, how it is called, what must be there before.
VERBS: dict[str, tuple[str, Callable[[Actor, Any, Any], Any], Callable[[Any], Any] | None]] = {
    "change_space": ("own", lambda a, s, _x: service.change_space(a, s.id, goal="taken over"), None),
    "patch_space_phase": ("product", lambda a, s, _x: service.patch_space(a, s.id, None, {}, {"phase": "vote"}), None),
    "archive_space": ("own", lambda a, s, _x: service.archive_space(a, s.id), None),
    "reopen_space": ("own", lambda a, s, _x: service.reopen_space(a, s.id), lambda s: service.archive_space(SYSTEM, s.id)),
    "delete_space": ("own", lambda a, s, _x: service.delete_space(a, s.id, None), None),
    "set_phase": ("product", lambda a, s, _x: service.set_phase(a, s.id, "discuss"), None),
    "schedule_phase": (
        "product", lambda a, s, _x: service.schedule_phase(a, s.id, "vote", clock.now() + timedelta(days=1)), None,
    ),
    "close_ballot": ("product", lambda a, s, _x: service.close_ballot(a, s.id), None),
    "open_ballot": ("product", lambda a, s, _x: service.open_ballot(a, s.id), lambda s: service.close_ballot(SYSTEM, s.id)),
    "add_status": ("product", lambda a, s, _x: service.add_status(a, s.id, "Mine"), None),
    "change_status": ("product", lambda a, s, x: service.change_status(a, s.id, x, name="Mine"), _status),
    "move_status": ("product", lambda a, s, x: service.move_status(a, s.id, x, 1), _status),
    "add_member": ("own", lambda a, s, _x: service.add_member(a, s.id, external_id="new"), None),
    "change_member": ("own", lambda a, s, x: service.change_member(a, s.id, x, role="owner"), _victim),
    "set_organization": ("own", lambda a, s, x: service.set_organization(a, s.id, x, "Evil Corp"), _victim),
    "remove_member": ("own", lambda a, s, x: service.remove_member(a, s.id, x), _victim),
    "ban_member": ("moderate", lambda a, s, x: service.ban_member(a, s.id, x), _victim),
    "unban_member": (
        "moderate",
        lambda a, s, x: service.unban_member(a, s.id, x),
        lambda s: [service.ban_member(SYSTEM, s.id, found := _victim(s)), found][1],
    ),
    "invite": ("own", lambda a, s, _x: service.invite(a, s.id, "owner"), None),
    "revoke_invitation": ("own", lambda a, s, x: service.revoke_invitation(a, s.id, x), _invitation),
}  # fmt: skip


@pytest.fixture
def people(make_person: Make) -> dict[str, Actor]:
    """Somebody of each kind, not yet in any space."""
    found = {role: actor_of(make_person(role)) for role in ROLES[2:8]}
    found["administrator"] = actor_of(make_person("administrator", is_admin=True))
    found["anonymous"], found["guest"] = Actor(), actor_of(make_person(guest=True))
    return found


def settle(people: dict[str, Actor], space: Any) -> Any:
    """Give everybody the role they are called by."""
    for role in ROLES[3:8]:
        service.add_member(SYSTEM, space.id, people[role].person_id, role)
    return space


def head(space: Any) -> int:
    with db.read():
        return log.head(space.id)


def expected(role: str, right: str, visibility: str) -> type[Problem] | None:
    """The refusal that *role* must meet; None where the verb is theirs."""
    if ROLES.index(role) >= _AT_LEAST[right]:
        return None
    if visibility == "private" and role in ROLES[:3]:
        return NotFound
    return Unauthenticated if role in ("anonymous", "guest") else Forbidden


@pytest.mark.parametrize("verb", VERBS)
def test_each_role_with_each_verb(verb: str, people: dict[str, Actor], make_space: Make) -> None:
    right, call, prepare = VERBS[verb]
    for visibility in ("public", "private"):
        refused = settle(people, make_space(visibility=visibility))
        thing = prepare(refused) if prepare else None
        number, stands = head(refused), queries.get_space(refused.id)
        for role in ROLES:
            problem = expected(role, right, visibility)
            if problem is not None:
                with pytest.raises(problem):
                    call(people[role], refused, thing)
        assert (head(refused), queries.get_space(refused.id)) == (number, stands), "a refusal changed something"
        for role in ROLES:
            if expected(role, right, visibility) is None:
                fresh = settle(people, make_space(visibility=visibility))
                thing = prepare(fresh) if prepare else None
                number = head(fresh)
                call(people[role], fresh, thing)
                assert verb == "delete_space" or head(fresh) > number, f"{role} changed nothing"


@pytest.mark.parametrize("verb", VERBS)
def test_an_owner_elsewhere_is_nobody_here(verb: str, people: dict[str, Actor], make_space: Make) -> None:
    _right, call, prepare = VERBS[verb]
    settle(people, make_space())
    for visibility, problem in (("public", Forbidden), ("private", NotFound)):
        foreign = make_space(visibility=visibility)
        thing = prepare(foreign) if prepare else None
        number = head(foreign)
        for role in ("moderator", "product", "owner"):
            with pytest.raises(problem):
                call(people[role], foreign, thing)
        assert head(foreign) == number


def test_things_of_another_space_are_not_found_through_mine(people: dict[str, Actor], make_space: Make) -> None:
    mine, foreign = settle(people, make_space()), make_space()
    owner = people["owner"]
    status, invitation = _status(foreign), _invitation(foreign)
    victim = service.add_member(SYSTEM, foreign.id, external_id="elsewhere")[0].person_id
    for call in (
        lambda: service.change_status(owner, mine.id, status, name="Mine"),
        lambda: service.revoke_invitation(owner, mine.id, invitation),
        lambda: service.change_member(owner, mine.id, victim, role="viewer"),
        lambda: service.set_organization(owner, mine.id, victim, "Evil Corp"),
        lambda: service.remove_member(owner, mine.id, victim),
    ):
        with pytest.raises(NotFound):
            call()
    assert service.change_status(owner, mine.id, _status(mine), name="Mine").name == "Mine"


@pytest.mark.parametrize(
    ("scopes", "right", "allowed"),
    [
        ({"read"}, "view", True), ({"write"}, "view", False), ({"write"}, "vote", True), ({"read"}, "vote", False),
        ({"moderate"}, "moderate", True), ({"write", "read"}, "moderate", False), ({"product"}, "product", True),
        ({"moderate"}, "product", False), ({"admin"}, "own", True), ({"product", "moderate"}, "own", False),
    ],
)  # fmt: skip
def test_a_scope_limits_its_token(
    scopes: set[str], right: str, allowed: bool, people: dict[str, Actor], make_space: Make
) -> None:
    space, owner = settle(people, make_space()), people["owner"]
    token = Actor(person_id=owner.person_id, scopes=frozenset(scopes), token_id="t")
    if allowed:
        assert access(token, space.id, right)
    else:
        with pytest.raises(Forbidden):
            access(token, space.id, right)


def test_a_scope_never_gives_more_than_the_role(people: dict[str, Actor], make_space: Make) -> None:
    space = settle(people, make_space())
    everything = frozenset({"read", "write", "moderate", "product", "admin", "act_as"})
    token = Actor(person_id=people["contributor"].person_id, scopes=everything, token_id="t")
    assert access(token, space.id, "propose")
    for right in ("moderate", "product", "own"):
        with pytest.raises(Forbidden):
            access(token, space.id, right)
        with pytest.raises(Forbidden):
            look(token, space.id, right)


@pytest.mark.parametrize(
    "reference", ["", "x" * 65, "a\0b", "../x", "ÄÖ", "a b", "%", "'; --", "01ARZ3NDEKTSV4RRFFQ69G5FAV"]
)
def test_odd_references_are_not_found(make_space: Make, reference: str) -> None:
    space = make_space()
    with pytest.raises(NotFound):
        access(SYSTEM, reference)
    assert access(SYSTEM, space.slug).space.id == access(SYSTEM, space.id).space.id == space.id


def test_a_private_space_answers_strangers_like_an_unknown_one(people: dict[str, Actor], make_space: Make) -> None:
    space = make_space(visibility="private")
    for right in RIGHTS:
        answers = []
        for reference in (space.slug, space.id, "no-such-space"):
            with pytest.raises(NotFound) as refused:
                access(people["stranger"], reference, right)
            answers.append((str(refused.value), refused.value.details))
        assert len(set(map(str, answers))) == 1
    assert access(people["administrator"], space.slug, "own")


def test_the_gate_asks_the_database_once(make_space: Make, make_person: Make, count_queries: Make) -> None:
    space, mira = make_space(), actor_of(make_person())
    with count_queries() as statements:
        access(mira, space.slug, "vote")
    assert len(statements) == 1, statements
