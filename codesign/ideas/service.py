"""Changing ideas. What their authors do stands here; what only the team does in ``team``; all are called from here.

Who may edit: the author, as long as the space takes proposals or comments; the team always. Every edit raises the
version; an edit made against an older version is a Conflict.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from codesign.configurations.queries import carriable
from codesign.configurations.service import keep_with_idea
from codesign.events.log import record
from codesign.ideas.events import IdeaEdited, IdeaHeld, IdeaHidden, IdeaPublished, IdeaRevised, IdeaWithdrawn
from codesign.ideas.facts import IdeaFact
from codesign.ideas.follows import add_follows, follow_idea, follow_quietly, unfollow_idea
from codesign.ideas.imported import import_votes
from codesign.ideas.models import Idea, IdeaTag
from codesign.ideas.people import settle_mentions
from codesign.ideas.ports import ports
from codesign.ideas.queries import find_idea, seen_idea, wrote_before
from codesign.ideas.rows import (
    add_comments,
    add_row,
    carry,
    kept_verdict,
    last_act,
    lock,
    noted,
    require_alone,
    show_pictures,
    shown_in,
    shuffle_key,
    take_up,
    write_tags,
    write_text,
)
from codesign.ideas.scores import store_scores
from codesign.ideas.tallies import add_to_tallies, set_tally_seq
from codesign.ideas.team import (
    answer_idea,
    change_status,
    hide_idea,
    hold_idea,
    known_status,
    publish_idea,
    remove_answer,
    require_team,
    set_status,
)  # fmt: skip
from codesign.ideas.texts import IdeaText, clean_changes, clean_external_id, clean_idea
from codesign.ideas.wanted import PART, check_part
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import (
    ALLOW,
    CONFIRM,
    HELD,
    HIDDEN,
    HOLD,
    PUBLISHED,
    REFUSE,
    REMOVED,
    WARN,
    Signs,
    TextDraft,
    Verdict,
)  # fmt: skip
from codesign.kernel.db import read, session, verb
from codesign.kernel.errors import Closed, Conflict, FieldError, Forbidden, Invalid, Unauthenticated
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.kernel.versions import require_version
from codesign.spaces.access import access, require
from codesign.spaces.facts import Access, SpaceFact
from codesign.spaces.queries import list_statuses

__all__ = [
    "add_comments", "add_follows", "add_to_tallies", "answer_idea", "edit_idea", "follow_idea", "follow_quietly",
    "hide_idea", "hold_idea", "import_votes", "publish_idea", "remove_answer", "review", "set_status",
    "set_tally_seq", "store_scores", "submit_idea", "unfollow_idea", "withdraw_idea",
]  # fmt: skip


# --- Proposing --------------------------------------------------------------------------------------------------------


def submit_idea(
    actor: Actor,
    space_ref: str,
    title: str,
    body: str = "",
    tags: Iterable[str] = (),
    external_id: str | None = None,
    configuration_id: str | None = None,
    status: str | None = None,
    for_part: tuple[str | None, str | None] = (None, None),
    signs: Signs | None = None,
) -> IdeaFact:
    """Propose an idea; reviewers are asked before it is written, and may hold it for a moderator or refuse it.

    *for_part* names a product and the group of it in which the idea misses an option. *signs* tell how it came through a form.

    Raises NotFound, Forbidden, Closed, Invalid, Conflict (external id).
    """
    with read():
        found = access(actor, space_ref, "propose")
        _require_proposer(actor, found, external_id, status)
        newcomer = not wrote_before(found.space.id, actor.person_id)
    part = {"for_product_id": for_part[0], "for_group": for_part[1]}
    text = clean_idea(title, body, tags, configuration_id=configuration_id, **part)
    check_part(found, text.for_product_id, text.for_group)
    if text.configuration_id is not None:
        carriable(actor, found, text.configuration_id)
    text = replace(text, body=settle_mentions(found, text.body))
    external_id = None if external_id is None else clean_external_id(external_id)
    verdict = review(found, actor, replace(text.draft("idea"), signs=signs), newcomer)
    return _store_idea(actor, found.space.id, text, verdict, external_id, status)


def _require_proposer(actor: Actor, found: Access, external_id: str | None, status: str | None) -> None:
    if actor.person_id is None and not actor.is_system and not actor.kind.startswith("plugin:"):
        raise Unauthenticated(_("Sign in to propose an idea."))
    if external_id is not None and actor.token_id is None and actor.kind == "person":
        raise Forbidden(_("Only programs that come with a token give external ids."))
    if status is not None:
        require_team(actor, found)


def review(found: Access, actor: Actor, draft: TextDraft, newcomer: bool) -> Verdict:
    """What reviewers think of a text; raises Invalid with their reasons where they refuse it, or (code ``confirm``)
    where a form must ask its author first.

    Nothing the team writes is held: they are those who would have to release it.
    """
    verdict = ports.review(found.space, actor, draft, newcomer)
    if verdict.decision == REFUSE:
        reasons = verdict.reasons or (_("This text cannot be taken as it is."),)
        raise Invalid(reasons[0], errors=[FieldError("body", "refused", reason) for reason in reasons])
    if verdict.decision == WARN:
        if draft.signs is not None and not draft.signs.confirmed:
            raise Invalid(
                _("Please read this before it is published."),
                errors=[FieldError("body", CONFIRM, reason) for reason in verdict.reasons],
            )
        return Verdict(ALLOW, verdict.reasons)
    return Verdict(ALLOW, verdict.reasons) if found.is_team else verdict


@verb
def _store_idea(
    actor: Actor, space_id: str, text: IdeaText, verdict: Verdict, external_id: str | None, status: str | None
) -> IdeaFact:
    found = access(actor, space_id, "propose")
    work, moment, held = session(), clock.now(), verdict.decision == HOLD
    row = Idea(
        id=new_id(),
        space_id=space_id,
        external_id=external_id,
        state=HELD if held else PUBLISHED,
        verdict=kept_verdict(verdict),
        author_id=actor.person_id,
        status_id=known_status(found.space, status) if status else first_status(found.space),
        configuration_id=text.configuration_id,
        for_product_id=text.for_product_id,
        for_group=text.for_group,
        published_at=None if held else moment,
        created_at=moment,
        version=1,
        shuffle_key=shuffle_key(),
    )
    write_text(row, text.title, text.body)
    add_row(work, row)
    write_tags(work, row, text.tags)
    show_pictures(actor, row)
    take_up(row)
    carry(actor, row)
    if actor.person_id is not None:
        follow_quietly(work, row.id, actor.person_id)
    record((IdeaHeld if held else IdeaPublished)(space_id, row.id, actor.person_id), actor)
    return seen_idea(actor, row.id)


def first_status(space: SpaceFact) -> str | None:
    """The status a new idea gets: the first of kind ``open`` in the space's list."""
    statuses = list_statuses(space.id)
    return next((status.id for status in statuses if status.kind == "open"), statuses[0].id if statuses else None)


# --- Editing ----------------------------------------------------------------------------------------------------------


def edit_idea(
    actor: Actor, idea_id: str, version: int | None = None, *, signs: Signs | None = None, **changes: Any
) -> IdeaFact:
    """Change ``title``, ``body``, ``tags``, ``configuration_id``, ``for_product_id`` with ``for_group`` (author, team) or
    ``status`` (team) of an idea.

    *version* is the one the change was made against. Raises NotFound, Forbidden, Closed, Invalid, Conflict (stale version,
    merged idea). Nothing happens where nothing differs.
    """
    status = changes.pop("status", None)
    clean = clean_changes(changes)
    with read():
        found, idea = find_idea(actor, idea_id)
        _require_editor(actor, found, idea, clean, status)
        if clean.get("configuration_id") is not None:
            carriable(actor, found, clean["configuration_id"], idea.configuration_id)
        if PART & clean.keys():
            part = {"for_product_id": idea.for_product_id, "for_group": idea.for_group, **clean}
            check_part(found, part["for_product_id"], part["for_group"])
        newcomer = not wrote_before(found.space.id, actor.person_id)
        if "body" in clean:
            clean["body"] = settle_mentions(found, clean["body"], idea.body)
    verdict = Verdict()
    if "title" in clean or "body" in clean:
        words = clean.get("title", idea.title), clean.get("body", idea.body), clean.get("tags", ())
        verdict = review(found, actor, TextDraft("idea", *words, replaces=idea_id, signs=signs), newcomer)
    return _store_edit(actor, idea_id, version, clean, status, verdict)


def _require_editor(actor: Actor, found: Access, idea: IdeaFact, changes: dict[str, Any], status: str | None) -> None:
    if status is not None:
        require_team(actor, found)
    if not changes:
        if status is None:
            raise Invalid(_("There is nothing to change in this."))
        return
    if idea.author_id is None or idea.author_id != actor.person_id:
        require(actor, found, "moderate")
        return
    require_writer(actor, found, "propose")


def require_writer(actor: Actor, found: Access, right: str) -> None:
    """Let authors change what they wrote: the team always, others while the space takes proposals or comments."""
    if found.is_team:
        require(actor, found, right)
        return
    if not actor.may("write"):
        raise Forbidden(_("This token may not do that: it lacks the scope %(scope)s.", scope="write"))
    if not found.may(right):
        raise Forbidden(_("You may look at this space, but not do that in it."))
    space = found.space
    if space.state == "archived" or not (space.allows("propose") or space.allows("comment")):
        raise Closed(_("This space is read only now, so texts stay as they are."), action="edit")


@verb
def _store_edit(
    actor: Actor, idea_id: str, version: int | None, changes: dict[str, Any], status: str | None, verdict: Verdict
) -> IdeaFact:
    found, idea = find_idea(actor, idea_id)
    _require_editor(actor, found, idea, changes, status)
    row = lock(idea_id)
    require_alone(row)
    require_version(row.version, version)
    text_changed = _apply(actor, row, changes)
    moved = status is not None and change_status(actor, found, row, status)
    if text_changed or moved:
        row.version += 1
    if text_changed:
        _announce_edit(actor, row, verdict)
        carry(actor, row)
    session().flush()
    return seen_idea(actor, idea_id)


def _apply(actor: Actor, row: Idea, changes: dict[str, Any]) -> bool:
    """Write what differs; returns whether anything did."""
    work, changed = session(), False
    title, body = changes.get("title", row.title), changes.get("body", row.body)
    if (title, body) != (row.title, row.body):
        before = shown_in(row)
        write_text(row, title, body)
        show_pictures(actor, row, before, row.author_id)
        row.edited_at = clock.now()
        changed = True
    if "configuration_id" in changes and changes["configuration_id"] != row.configuration_id:
        if row.configuration_id is not None:
            keep_with_idea(actor, row.configuration_id, REMOVED, row.title)
        row.configuration_id = changes["configuration_id"]
        take_up(row)
        changed = True
    if any(changes.get(name, getattr(row, name)) != getattr(row, name) for name in PART):
        row.for_product_id = changes.get("for_product_id", row.for_product_id)
        row.for_group = changes.get("for_group", row.for_group)
        changed = True
    if "tags" in changes and changes["tags"] != get_tags(row.id):
        write_tags(work, row, changes["tags"])
        changed = True
    return changed


def get_tags(idea_id: str) -> tuple[str, ...]:
    """The tags of an idea in their order."""
    query = select(IdeaTag.tag).where(IdeaTag.idea_id == idea_id).order_by(IdeaTag.position)
    return tuple(session().scalars(query))


def _announce_edit(actor: Actor, row: Idea, verdict: Verdict) -> None:
    if verdict.decision == HOLD and row.state == PUBLISHED:
        row.state = HELD
        row.verdict = noted(row.verdict, "hold", actor, **(kept_verdict(verdict) or {}))
        record(IdeaHidden(row.space_id, row.id), actor)
        record(IdeaHeld(row.space_id, row.id, row.author_id), actor)
    elif row.state == PUBLISHED:
        record(IdeaEdited(row.space_id, row.id, row.version), actor)
    elif row.state == HIDDEN and last_act(row.verdict) == "change" and actor.person_id == row.author_id:
        row.state, row.verdict = HELD, noted(row.verdict, "edit", actor)
        record(IdeaHeld(row.space_id, row.id, row.author_id), actor)
    else:
        record(IdeaRevised(row.space_id, row.id, row.version), actor)


# --- Taking back ------------------------------------------------------------------------------------------------------


@verb
def withdraw_idea(actor: Actor, idea_id: str) -> None:
    """Take one's own idea back, while nobody else has voted or commented.

    Where tallies are hidden from the author this is refused from the opening of the ballot on, so that the answer tells
    nothing. Raises NotFound, Forbidden, Conflict.
    """
    found, idea = find_idea(actor, idea_id)
    if not actor.may("write"):
        raise Forbidden(_("This token may not do that: it lacks the scope %(scope)s.", scope="write"))
    if idea.author_id is None or idea.author_id != actor.person_id:
        raise Forbidden(_("Only its author may withdraw an idea. Moderators can hide it."))
    row = lock(idea_id)
    require_alone(row)
    if row.state == REMOVED:
        return
    was_public = row.published_at is not None
    if was_public:
        _require_unanswered(found, row)
    row.state = REMOVED
    row.verdict = noted(row.verdict, "withdraw", actor)
    carry(actor, row)
    fact = IdeaWithdrawn(row.space_id, row.id) if was_public else IdeaRevised(row.space_id, row.id, row.version)
    record(fact, actor)


def _require_unanswered(found: Access, row: Idea) -> None:
    work = session()
    begun = found.space.ballot_open or found.space.ballot.voters > 0  # what everybody may know
    if begun and not ports.may_see_tallies(found):
        raise Conflict(_("Voting has begun, so this idea can no longer be withdrawn."))
    joined = work.scalar(select(Idea.id).where(Idea.merged_into == row.id).limit(1)) is not None
    counted = row.imported_up + row.imported_down > 0
    if joined or counted or any(involved(row.id, row.author_id) for involved in ports.others_involved):
        raise Conflict(_("Others have voted or commented on this idea, so it stays. A moderator can hide it."))
