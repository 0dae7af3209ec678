"""Whom a fact concerns: who follows the idea, wrote it, voted for it, or is mentioned; never who did it or said no.

Who wrote a text hears in any case what moderators decided about it.
"""

from __future__ import annotations

from codesign.comments.belongings import mentioned_in_comment, writer_of
from codesign.comments.queries import commenters_of
from codesign.events.base import TEAM, Bell, Recorded
from codesign.ideas.belongings import author_of, declined_by, mentioned_in_answer, mentioned_in_idea
from codesign.ideas.published import idea_texts
from codesign.ideas.queries import followers_of
from codesign.spaces.people import members_among
from codesign.spaces.queries import owner_ids, team_ids
from codesign.voting.queries import voters_of

#: The facts people hear of. What the team decides concerns all who voted or commented too; what others say only who
#: follows or wrote.
DECISIONS = ("idea.answered", "idea.status_changed", "idea.merged", "idea.split", "option.added", "release.published")
NOTICED = (*DECISIONS, "comment.added", "comment.published", "note.added")
#: The facts with which a text that mentions people comes to be read, or reads otherwise.
MENTIONING = (
    "idea.published", "idea.edited", "comment.added", "comment.published", "comment.edited", "note.added", "note.edited",
    "idea.answered",
)  # fmt: skip
#: The facts that tell somebody what became of their own text.
JUDGED = ("idea.moderated", "comment.moderated")


def concerned(fact: Recorded) -> set[str]:
    """The ids of the people a fact concerns."""
    payload = fact.payload
    if fact.name not in NOTICED or payload.get("removed"):
        return set()
    if payload.get("source"):
        return set()  # it came in with a file of another system, where it was told already
    if fact.name == "option.added" and not idea_texts(fact.space_id, [payload["idea_id"]]):
        return set()  # a product's text may name any idea; only those of its own space concern anybody
    people: set[str | None] = {writer_of(payload["parent_id"])} if payload.get("parent_id") else set()
    for idea_id in (payload["idea_id"], payload.get("into"), payload.get("offshoot_id")):
        if idea_id is not None:
            people |= _around(idea_id, decided=fact.name in DECISIONS)
            people -= declined_by(idea_id)
    if fact.audience == TEAM:
        people &= set(team_ids(fact.space_id))
    return {person_id for person_id in people if person_id} - {fact.actor_id or "", payload.get("author_id") or ""}


def around_release(fact: Recorded, idea_id: str) -> set[str]:
    """The ids of the people whom a release concerns because of one of its ideas."""
    people = _around(idea_id, decided=True) - set(declined_by(idea_id))
    return {person_id for person_id in people if person_id} - {fact.actor_id or ""}


def judged(fact: Recorded) -> tuple[str, set[str]]:
    """Who is told what moderators decided about their text, and the word for it (``publish``, ``hide`` …)."""
    if fact.name not in JUDGED:
        return "", set()
    return fact.payload["act"], {person for person in (fact.payload["author_id"],) if person} - {fact.actor_id}


def rung(fact: Recorded, bell: Bell) -> set[str]:
    """Whose bell an event rings by itself: the team's or the owners', but not of who did it."""
    return set(owner_ids(fact.space_id) if bell.to == "own" else team_ids(fact.space_id)) - {fact.actor_id or ""}


def mentions(fact: Recorded) -> tuple[str, set[str]]:
    """The text a fact is about, and the ids of those it mentions now who may read it."""
    comment_id = fact.payload.get("comment_id")
    text_id: str = comment_id or fact.payload["idea_id"]
    if fact.name not in MENTIONING:
        return text_id, set()
    if fact.name == "idea.answered":
        named = mentioned_in_answer(text_id)
    else:
        named = mentioned_in_comment(comment_id) if comment_id else mentioned_in_idea(text_id)
    if not (people := set(named) - {fact.actor_id, fact.payload.get("author_id")}):
        return text_id, set()
    people -= declined_by(fact.payload["idea_id"])
    if fact.audience == TEAM:
        return text_id, people & set(team_ids(fact.space_id))
    return text_id, members_among(fact.space_id, people)


def _around(idea_id: str, *, decided: bool) -> set[str | None]:
    people = {author_of(idea_id), *followers_of(idea_id)}
    return people | {*voters_of(idea_id), *commenters_of(idea_id)} if decided else people
