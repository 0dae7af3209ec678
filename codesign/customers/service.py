"""Entering votes of customers, attaching what they said elsewhere, and taking either back. For the team of a space."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import func, select

from codesign.customers.events import EvidenceAdded, EvidenceRemoved, VoteEntered, VoteEntryRemoved
from codesign.customers.facts import SOURCES, EntryFact, EvidenceFact
from codesign.customers.models import EnteredVote, Evidence
from codesign.customers.people import person_meant
from codesign.customers.queries import entry_facts, evidence_facts
from codesign.events.log import record
from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import find_idea
from codesign.ideas.reading import survivor_of
from codesign.ideas.tallies import lock_ideas
from codesign.ideas.team import require_team
from codesign.ideas.texts import clean_text
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Invalid, NotFound, Problem
from codesign.kernel.ids import new_id
from codesign.kernel.mentions import spoken
from codesign.kernel.text import _
from codesign.kernel.words import one_line
from codesign.spaces.access import require
from codesign.spaces.ballots import lock_ballots
from codesign.spaces.facts import Access
from codesign.voting.facts import Ask
from codesign.voting.moves import standing_vote
from codesign.voting.service import apply_votes

MOST_NOTE, MOST_QUOTE, MOST_URL, MOST_ORGANIZATION = 1_000, 5_000, 500, 120
#: So much evidence one idea takes.
MOST_EVIDENCE = 200


def _team(actor: Actor, idea_id: str) -> tuple[Access, IdeaFact]:
    found, idea = find_idea(actor, idea_id)
    require_team(actor, found)
    return found, idea


def _require_public(idea: IdeaFact) -> None:
    if idea.merged_into is not None:
        raise Conflict(_("This idea is now part of another one. Go there."), merged_into=idea.merged_into)
    if idea.state != PUBLISHED:
        raise Conflict(_("Publish this idea first: only the team and its author see it now."))


# --- Votes ------------------------------------------------------------------------------------------------------------


@verb
def enter_vote(
    actor: Actor,
    idea_id: str,
    person: str,
    source: str,
    *,
    name: str = "",
    organization: str = "",
    value: int = 1,
    note: str = "",
) -> EntryFact:
    """Enter the vote of a customer: *person* as ``people.person_meant`` reads it.

    The vote is that person's own and counts once; one they cast themselves is left as it is, now and later. Entered again,
    vote and note are replaced. Raises NotFound, Forbidden, Closed, Conflict, Invalid.
    """
    found, idea = _team(actor, idea_id)
    require(actor, found, "vote")
    _require_public(idea)
    if source not in SOURCES:
        raise Invalid.field(
            "source", _("Say where it came from: a call, a mail, a meeting, or something else."), "unknown"
        )
    text = clean_text(note, "note", MOST_NOTE)
    person_id, called = person_meant(actor, found, person, name, organization)
    _lock(found, idea_id)
    row = session().scalar(
        select(EnteredVote).where(EnteredVote.idea_id == idea_id, EnteredVote.person_id == person_id)
    )
    cast_at = _cast(Ask(idea_id, person_id, value, by=actor.person_id), row)
    if row is None:
        row = EnteredVote(id=new_id(), space_id=found.space.id, idea_id=idea_id, person_id=person_id)
        session().add(row)
    row.called, row.value, row.source, row.note = called, value, source, text
    row.entered_by, row.entered_at, row.cast_at = actor.person_id, clock.now(), cast_at
    session().flush()
    record(VoteEntered(found.space.id, row.id, idea_id, source), actor)
    return entry_facts([row])[0]


def _lock(found: Access, idea_id: str) -> None:
    """As every vote does it: the ballot, then the idea."""
    lock_ballots(session(), [found.space.id])
    lock_ideas(session(), [idea_id])


def _stands(row: EnteredVote | None, idea_id: str) -> bool:
    """Whether the vote on an idea is still the one that was entered: whoever votes anew does so at another moment."""
    if row is None or row.cast_at is None:
        return False
    standing = standing_vote(session(), idea_id, row.person_id)
    return standing is not None and standing.cast_at == row.cast_at


def _cast(ask: Ask, row: EnteredVote | None) -> datetime | None:
    """Cast the vote and say when; None where the person has one of their own, which stands."""
    if standing_vote(session(), ask.idea_id, ask.person_id) is not None and not _stands(row, ask.idea_id):
        return None
    outcome = apply_votes(session(), [ask])[0]
    if isinstance(outcome, Problem):
        raise outcome
    cast = standing_vote(session(), ask.idea_id, ask.person_id)
    return cast.cast_at if cast else None


@verb
def take_back_vote(actor: Actor, idea_id: str, entry_id: str) -> None:
    """Take an entered vote back, with what is noted of it; a vote the person cast themselves since stands.

    Raises NotFound, Forbidden, Closed, Conflict (the idea is part of another one, where the person had voted too).
    """
    found, idea = _team(actor, idea_id)
    row = session().get(EnteredVote, entry_id)
    if row is None or row.space_id != found.space.id or idea.id not in {row.idea_id, survivor_of(row.idea_id)}:
        raise NotFound(_("There is no such entered vote."))
    place = survivor_of(row.idea_id)
    _lock(found, place)
    if _stands(row, place):
        require(actor, found, "vote")
        outcome = apply_votes(session(), [Ask(place, row.person_id, None, by=actor.person_id)])[0]
        if isinstance(outcome, Problem):
            raise outcome
    elif place != row.idea_id and row.cast_at is not None:
        raise Conflict(_("This idea is now part of another one. Undo the merge first, then take the vote back."))
    session().delete(row)
    record(VoteEntryRemoved(found.space.id, entry_id, row.idea_id), actor)


# --- Evidence ---------------------------------------------------------------------------------------------------------


@verb
def add_evidence(
    actor: Actor,
    idea_id: str,
    *,
    quote: str = "",
    url: str = "",
    organization: str = "",
    person: str = "",
    name: str = "",
) -> EvidenceFact:
    """Attach what a customer said elsewhere: a quote or a link, or both. *person* is whose words these are, if named.

    Raises NotFound, Forbidden, Conflict, Invalid.
    """
    found, idea = _team(actor, idea_id)
    _require_public(idea)
    text, address, company = spoken(clean_text(quote, "quote", MOST_QUOTE)), _clean_url(url), one_line(organization)
    if not (text or address):
        raise Invalid.field("quote", _("Give a quote, or a link to where it stands."), "required")
    if len(company) > MOST_ORGANIZATION:
        raise Invalid.field("organization", _("Give it a name of at most %(most)s letters.", most=MOST_ORGANIZATION))
    count = select(func.count()).select_from(Evidence).where(Evidence.idea_id == idea_id)
    if (session().scalar(count) or 0) >= MOST_EVIDENCE:
        raise Conflict(_("An idea takes at most %(most)s pieces of evidence.", most=MOST_EVIDENCE))
    person_id, called = person_meant(actor, found, person, name, company) if person.strip() else (None, one_line(name))
    row = Evidence(
        id=new_id(), space_id=found.space.id, idea_id=idea_id, person_id=person_id, called=called, quote=text,
        url=address, organization=company, added_by=actor.person_id, added_at=clock.now(),
    )  # fmt: skip
    session().add(row)
    session().flush()
    record(EvidenceAdded(found.space.id, row.id, idea_id), actor)
    return evidence_facts([row])[0]


def _clean_url(url: str) -> str:
    """A link that may be followed: to a page by https, without somebody's password in it."""
    address = url.strip()
    if not address:
        return ""
    wrong = Invalid.field("url", _("This is no link like https://example.org/page."))
    if len(address) > MOST_URL or not address.isprintable() or any(letter.isspace() for letter in address):
        raise wrong
    try:
        parts = urlsplit(address)
    except ValueError:
        raise wrong from None
    if parts.scheme.lower() != "https" or not parts.hostname or "@" in parts.netloc:
        raise wrong
    return address


@verb
def remove_evidence(actor: Actor, idea_id: str, evidence_id: str) -> None:
    """Take evidence away. Raises NotFound, Forbidden."""
    found, idea = _team(actor, idea_id)
    row = session().get(Evidence, evidence_id)
    if row is None or row.space_id != found.space.id or idea.id not in {row.idea_id, survivor_of(row.idea_id)}:
        raise NotFound(_("There is no such evidence."))
    session().delete(row)
    record(EvidenceRemoved(found.space.id, evidence_id, row.idea_id), actor)
