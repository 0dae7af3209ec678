"""What every text a person adds has in common: a state, a verdict, an author, a version."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Moment

DRAFT, HELD, PUBLISHED, HIDDEN, REMOVED = "draft", "held", "published", "hidden", "removed"
STATES = (DRAFT, HELD, PUBLISHED, HIDDEN, REMOVED)

ALLOW, WARN, HOLD, REFUSE = "allow", "warn", "hold", "refuse"

#: Code of the errors that a tick in the box of a form answers.
CONFIRM = "confirm"


@dataclass(frozen=True)
class Verdict:
    """What the reviewers think of a text: the decision and their reasons in words.

    ``WARN`` asks the author once, on the form, whether to publish it all the same.
    """

    decision: str = ALLOW
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signs:
    """How a text came through a form: how long the form lay open (None: nobody knows), whether its trap for programs
    was stepped into, whether its author has read a warning and wants to publish all the same."""

    seconds: float | None = None
    trapped: bool = False
    confirmed: bool = False


@dataclass(frozen=True)
class TextDraft:
    """A text before it is accepted; what ``review_contribution`` gets to see.

    ``replaces`` is the id of the text that is being edited, ``signs`` is None for what came by no form.
    """

    kind: str
    title: str = ""
    body: str = ""
    tags: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    replaces: str | None = None
    signs: Signs | None = None


class ContributionMixin:
    """Columns of every text row, so that a hold or a hiding needs no call to a higher room."""

    state: Mapped[str] = mapped_column(String(16), default=PUBLISHED)
    verdict: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)
    author_id: Mapped[str | None] = mapped_column(String(26), index=True, default=None)
    body: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    edited_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
