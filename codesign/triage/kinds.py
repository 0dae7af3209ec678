"""What can be done at the desk. Each kind says what is now, what is wanted, and how it is put: undoing is putting what was.

A kind never asks who may: the deed it is part of has passed the gate of its space.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from codesign.events.log import record
from codesign.ideas.sifting import among_space
from codesign.ideas.team import answer_idea, known_status, remove_answer
from codesign.ideas.texts import clean_idea, clean_tags, clean_text
from codesign.ideas.together import TeamState, putting_status, putting_tags, team_states
from codesign.kernel.actor import Actor
from codesign.kernel.errors import Conflict, Invalid, NotFound
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.merging.service import merge_idea, undo_merge
from codesign.merging.splitting import split_idea
from codesign.spaces.facts import Access
from codesign.spaces.queries import team_ids
from codesign.triage.events import IdeaAssigned
from codesign.triage.fields import clean_value, known_field, put_value, values_of
from codesign.triage.marks import NOT_OF_THE_TEAM, known_owner, marks_of, put_owners, put_read

STATUS, TAG, UNTAG, TAGS, OWNER, READ, ANSWER, MERGE, SPLIT, FIELD = (
    "status", "tag", "untag", "tags", "owner", "read", "answer", "merge", "split", "field",
)  # fmt: skip


#: Writes one idea: who, where, which, what it should have, the wish.
One = Callable[[Actor, Access, str, Any, Any], None]


@dataclass(frozen=True)
class Put:
    """Writes ideas: ``one`` each of them, with its facts (raises a Problem), ``rest`` what is written for all of them at once."""

    one: One
    rest: Callable[[], None] = lambda: None


def _one_by_one(one: One) -> Callable[[Access, Iterable[str]], Put]:
    """For what needs nothing that many ideas have in common."""
    return lambda found, idea_ids: Put(one)


def _put_status(found: Access, idea_ids: Iterable[str]) -> Put:
    put = putting_status(found, idea_ids)
    return Put(lambda actor, found, idea_id, status, wish: put(actor, idea_id, status))


def _put_tags(found: Access, idea_ids: Iterable[str]) -> Put:
    put, rest = putting_tags(found, idea_ids)
    return Put(lambda actor, found, idea_id, tags, wish: put(actor, idea_id, tags), rest)


def _put_owner(found: Access, idea_ids: Iterable[str]) -> Put:
    given: dict[str, str | None] = {}
    team = set(team_ids(found.space.id))

    def put(actor: Actor, found: Access, idea_id: str, owner: str | None, wish: Any) -> None:
        if owner != wish and owner and owner not in team:  # the way back: to somebody who has left the team since
            raise Conflict(NOT_OF_THE_TEAM)
        given[idea_id] = owner
        record(IdeaAssigned(found.space.id, idea_id, owner), actor)

    return Put(put, lambda: put_owners(found.space.id, given))


def _put_read(found: Access, idea_ids: Iterable[str]) -> Put:
    given: dict[bool, list[str]] = {True: [], False: []}

    def rest() -> None:
        for is_read, ideas in given.items():
            put_read(found.space.id, ideas, is_read)

    return Put(lambda actor, found, idea_id, is_read, wish: given[bool(is_read)].append(idea_id), rest)


@dataclass(frozen=True)
class Kind:
    """``check`` cleans the wish once (raises Invalid), ``now`` reads what ideas have, ``aim`` says what an idea with that
    should have; ``put`` reads what is needed to write some ideas and returns what writes one of them. ``told_by`` are the
    facts by which another one's change is known; ``reads``: who does this has read the idea."""

    check: Callable[[Access, Any], Any]
    now: Callable[[str, Iterable[str], Any], Mapping[str, Any]]
    put: Callable[[Access, Iterable[str]], Put]
    told_by: tuple[str, ...]
    aim: Callable[[Any, Any], Any] = lambda now, wish: wish
    reads: bool = False


def _of_state(pick: Callable[[TeamState], Any]) -> Callable[[str, Iterable[str], Any], Mapping[str, Any]]:
    def now(space_id: str, idea_ids: Iterable[str], wish: Any) -> Mapping[str, Any]:
        return {idea_id: pick(state) for idea_id, state in team_states(space_id, idea_ids).items()}

    return now


def _owners(space_id: str, idea_ids: Iterable[str], wish: Any) -> Mapping[str, Any]:
    ids = among_space(space_id, idea_ids)
    marks = marks_of(ids)
    return {idea_id: marks[idea_id].owner_id if idea_id in marks else None for idea_id in ids}


def _reads(space_id: str, idea_ids: Iterable[str], wish: Any) -> Mapping[str, Any]:
    ids = among_space(space_id, idea_ids)
    marks = marks_of(ids)
    return {idea_id: idea_id in marks and marks[idea_id].read_at is not None for idea_id in ids}


def _values(space_id: str, idea_ids: Iterable[str], wish: Any) -> Mapping[str, Any]:
    ids, key = among_space(space_id, idea_ids), wish["key"]
    values = values_of(ids, [key])
    return {idea_id: values.get(idea_id, {}).get(key) for idea_id in ids}


def _word(wish: Any, field: str) -> str:
    """A wish that is a word, or nothing; raises Invalid for anything else a program may send."""
    if wish is not None and not isinstance(wish, str):
        raise Invalid.field(field, _("This should be text."))
    return wish or ""


def _check_read(found: Access, wish: Any) -> bool:
    if not isinstance(wish, bool | str):
        raise Invalid.field(READ, _("This is true or false."))
    return wish not in {False, "", "0"}


def _check_tags(found: Access, wish: Any) -> list[str]:
    tags = clean_tags(wish.split(",") if isinstance(wish, str) else wish)
    return list(tags)


def _check_some_tags(found: Access, wish: Any) -> list[str]:
    if not (tags := _check_tags(found, wish)):
        raise Invalid.field("tag", _("Type a tag first."), "required")
    return tags


def _check_answer(found: Access, wish: Any) -> str | None:
    return clean_text(_word(wish, ANSWER), ANSWER) or None


def _check_target(found: Access, wish: Any) -> str | None:
    target = _word(wish, MERGE)
    if target and target not in among_space(found.space.id, [target]):
        raise Invalid.field(MERGE, _("There is no such idea in this space."), "unknown")
    return target or None


def _check_split(found: Access, wish: Any) -> dict[str, Any]:
    """What the new idea says, which comments go along, and whether voters do; it gets its id here, for the way back."""
    comments = wish.get("comments") or [] if isinstance(wish, dict) else None
    if not isinstance(comments, list) or not all(isinstance(each, str) for each in comments):
        raise Invalid.field(SPLIT, _("This is a title with body, tags, comments and with_votes."))
    text = clean_idea(wish.get("title", ""), wish.get("body") or "", _check_tags(found, wish.get("tags") or ()))
    return {
        "offshoot_id": new_id(), "title": text.title, "body": text.body, "tags": list(text.tags),
        "comments": comments, "with_votes": bool(wish.get("with_votes", True)),
    }  # fmt: skip


def _offshoots(space_id: str, idea_ids: Iterable[str], wish: Any) -> Mapping[str, Any]:
    """The new idea while it stands by itself."""
    new = wish["offshoot_id"]
    state = team_states(space_id, [new]).get(new)
    stands = new if state is not None and state.merged_into is None else None
    return dict.fromkeys(among_space(space_id, idea_ids), stands)


def _check_field(found: Access, wish: Any) -> dict[str, Any]:
    if not isinstance(wish, dict) or not isinstance(wish.get("value"), str | int | float | None):
        raise Invalid.field(FIELD, _("This is a key with a value: {key, value}."))
    field = known_field(found.space.id, _word(wish.get("key"), FIELD))
    return {"key": field.key, "value": clean_value(field, wish["value"])}


def _put_answer(actor: Actor, found: Access, idea_id: str, body: Any, wish: Any) -> None:
    if body:
        answer_idea(actor, idea_id, body)
    else:
        remove_answer(actor, idea_id)


def _put_merge(actor: Actor, found: Access, idea_id: str, into: Any, wish: Any) -> None:
    if into:
        merge_idea(actor, idea_id, into)
    else:
        undo_merge(actor, idea_id)


def _put_split(actor: Actor, found: Access, idea_id: str, offshoot_id: Any, wish: Any) -> None:
    if offshoot_id is None:
        merge_idea(actor, wish["offshoot_id"], idea_id)  # the way back: nobody's vote or comment is lost
        return
    split_idea(
        actor, idea_id, wish["title"], wish["body"], wish["tags"],
        comment_ids=wish["comments"], with_votes=wish["with_votes"], offshoot_id=offshoot_id,
    )  # fmt: skip


def _put_field(actor: Actor, found: Access, idea_id: str, value: Any, wish: Any) -> None:
    try:
        field = known_field(found.space.id, wish["key"])
        put_value(actor, found.space.id, field, idea_id, clean_value(field, value))
    except Invalid as refusal:  # an undo of what the field no longer takes
        raise Conflict(refusal.sentence) from None


def _plus(now: list[str], wish: list[str]) -> list[str]:
    return list(dict.fromkeys([*now, *wish]))


def _minus(now: list[str], wish: list[str]) -> list[str]:
    return [tag for tag in now if tag not in wish]


_TAGS: dict[str, Any] = {
    "now": _of_state(lambda state: list(state.tags)),
    "put": _put_tags,
    "told_by": ("idea.edited",),
}

KINDS: dict[str, Kind] = {
    STATUS: Kind(
        check=lambda found, wish: known_status(found.space, _word(wish, STATUS)),
        now=_of_state(lambda state: state.status_id),
        put=_put_status,
        told_by=("idea.status_changed",),
        reads=True,
    ),
    TAG: Kind(check=_check_some_tags, aim=_plus, **_TAGS),
    UNTAG: Kind(check=_check_some_tags, aim=_minus, **_TAGS),
    TAGS: Kind(check=_check_tags, **_TAGS),
    OWNER: Kind(
        check=lambda found, wish: known_owner(found.space.id, _word(wish, OWNER)),
        now=_owners,
        put=_put_owner,
        told_by=("idea.assigned",),
        reads=True,
    ),
    READ: Kind(
        check=_check_read,
        now=_reads,
        put=_put_read,
        told_by=(),
    ),
    ANSWER: Kind(
        check=_check_answer,
        now=_of_state(lambda state: state.answer),
        put=_one_by_one(_put_answer),
        told_by=("idea.answered",),
        reads=True,
    ),
    MERGE: Kind(
        check=_check_target,
        now=_of_state(lambda state: state.merged_into),
        put=_one_by_one(_put_merge),
        told_by=("idea.merged", "idea.unmerged"),
        reads=True,
    ),
    SPLIT: Kind(
        check=_check_split,
        now=_offshoots,
        put=_one_by_one(_put_split),
        told_by=("idea.split", "idea.merged"),
        aim=lambda now, wish: wish["offshoot_id"],
        reads=True,
    ),
    FIELD: Kind(check=_check_field, now=_values, put=_one_by_one(_put_field), told_by=("idea.field_set",),
                aim=lambda now, wish: wish["value"]),
}  # fmt: skip


def kind_of(name: str) -> Kind:
    """The kind of that name; raises Invalid."""
    if name not in KINDS:
        raise Invalid.field("verb", _("The desk knows no such thing to do."), "unknown")
    return KINDS[name]


MISSING = NotFound(_("There is no such idea, or you may not see it."))
