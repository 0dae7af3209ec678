"""Appeals: one press by the author, and another moderator looks again. One appeal per decision."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, func, select, tuple_, update

from codesign.comments.queries import find_comment
from codesign.events.log import record
from codesign.ideas.queries import find_idea
from codesign.ideas.rows import last_act
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import HIDDEN
from codesign.kernel.db import reading, session, verb
from codesign.kernel.errors import Conflict, Forbidden, Invalid
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.moderation.events import TextAppealed
from codesign.moderation.facts import APPEALABLE, COMMENT, KINDS, AppealFact
from codesign.moderation.models import Appeal
from codesign.spaces.facts import Access
from codesign.spaces.queries import team_ids

Target = tuple[str, str]

#: Selects how many appeals of the space ``:space`` wait, to be put into another query.
APPEALS_HERE = (
    select(func.count()).select_from(Appeal).where(Appeal.space_id == bindparam("space"), Appeal.settled_at.is_(None))
)


@verb
def appeal(actor: Actor, kind: str, target_id: str) -> None:
    """Ask another moderator to look at one's own hidden text again. Raises NotFound, Forbidden, Conflict."""
    if kind not in KINDS:
        raise Invalid.field("kind", _("Only ideas and comments can be appealed for."))
    access, *texts = find_comment(actor, target_id) if kind == COMMENT else find_idea(actor, target_id)
    text: Any = texts[-1]
    if not actor.may("write") or actor.person_id is None or text.author_id != actor.person_id:
        raise Forbidden(_("Only the author of a text can ask for another look."))
    if not may_appeal(text, kind):
        raise Conflict(_("There is nothing to look at again, or somebody has looked twice already."))
    against = text.verdict["history"][-1].get("by")
    session().add(
        Appeal(
            id=new_id(), space_id=access.space.id, kind=kind, target_id=target_id, person_id=actor.person_id,
            against=against, created_at=clock.now(),
        )
    )  # fmt: skip
    session().flush()
    record(TextAppealed(access.space.id, kind, target_id), actor)


def may_appeal(text: Any, kind: str) -> bool:
    """Whether the author of a text may ask for another look: it was hidden by somebody, and not after an appeal."""
    return text.state == HIDDEN and last_act(text.verdict) in APPEALABLE and not appealed(kind, text.id)


def appeal_state(access: Access, text: Any, kind: str) -> str:
    """What the author of a text is told of appeals: ``offer``, ``open``, or nothing."""
    if access.person_id is None or text.author_id != access.person_id or text.state != HIDDEN:
        return ""
    found = appealed(kind, text.id)
    if found is not None:
        return "open" if open_appeals([(kind, text.id)]) else ""
    return "offer" if may_appeal(text, kind) else ""


@reading
def appealed(kind: str, target_id: str) -> AppealFact | None:
    """The newest appeal for a text that still counts: an open one, or one that was decided against its author."""
    query = select(Appeal).where(Appeal.kind == kind, Appeal.target_id == target_id).order_by(Appeal.id.desc()).limit(1)
    row = session().scalar(query)
    return _fact(row) if row is not None and row.outcome != "upheld" else None


@reading
def open_appeals(targets: Iterable[Target]) -> dict[Target, AppealFact]:
    """The open appeals for these texts."""
    wanted = sorted(set(targets))
    query = select(Appeal).where(tuple_(Appeal.kind, Appeal.target_id).in_(wanted), Appeal.settled_at.is_(None))
    return {(row.kind, row.target_id): _fact(row) for row in session().scalars(query)} if wanted else {}


@reading
def waiting_appeals(space_id: str, after: str, limit: int) -> list[tuple[Target, str]]:
    """Texts with an open appeal, with its id, oldest first."""
    query = select(Appeal).where(Appeal.space_id == space_id, Appeal.settled_at.is_(None), Appeal.id > after)
    return [((row.kind, row.target_id), row.id) for row in session().scalars(query.order_by(Appeal.id).limit(limit))]


def require_another(actor: Actor, space_id: str, found: AppealFact | None) -> None:
    """Raise Forbidden where an appeal is against this very moderator, unless there is no other one."""
    if found is not None and found.against == actor.person_id and set(team_ids(space_id)) - {actor.person_id}:
        raise Forbidden(_("This appeal is against your own decision. Another moderator looks at it."))


def settle_appeal(actor: Actor, found: AppealFact, granted: bool) -> None:
    """Note how an appeal ended; inside a verb."""
    values = {"settled_at": clock.now(), "settled_by": actor.person_id, "outcome": "upheld" if granted else "rejected"}
    session().execute(update(Appeal).where(Appeal.id == found.id).values(values))


def _fact(row: Appeal) -> AppealFact:
    return AppealFact(row.id, row.kind, row.target_id, row.against, row.created_at)
