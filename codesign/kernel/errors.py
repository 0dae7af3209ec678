"""Everything that can be refused. One tree, one shape at every door (RFC 9457 problems)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from codesign.kernel.text import Sentence, _


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field: its name as sent, a machine code, a sentence."""

    field: str
    code: str
    message: str


class Problem(Exception):
    """A refusal that a person can understand and a program can act on.

    ``sentence`` is shown to people, ``code`` is stable for programs, ``retry_after`` is in seconds.
    """

    code: ClassVar[str] = "failed"
    status: ClassVar[int] = 500
    default: ClassVar[Sentence] = _("Something broke on our side; your text is kept.")

    def __init__(
        self,
        sentence: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        retry_after: float | None = None,
        **details: Any,
    ) -> None:
        self.sentence = sentence or self.default
        self.errors = tuple(errors)
        self.retry_after = retry_after
        self.details = details
        super().__init__(str(self.sentence))


class Invalid(Problem):
    """The input is not what this door takes."""

    code, status = "invalid", 422
    default = _("Some of this cannot be used as it is.")

    @classmethod
    def field(cls, field: str, message: str, code: str = "invalid") -> Invalid:
        """One wrong field, said in one sentence."""
        return cls(message, errors=[FieldError(field, code, message)])


class Unauthenticated(Problem):
    """Nobody is signed in, or the token is not known."""

    code, status = "unauthenticated", 401
    default = _("Sign in to do this.")


class Forbidden(Problem):
    """May see it, may not do it."""

    code, status = "forbidden", 403
    default = _("You may look at this, but not change it.")


class NotFound(Problem):
    """Is not there, or may not be seen: both look the same."""

    code, status = "not_found", 404
    default = _("There is nothing here, or you may not see it.")


class Conflict(Problem):
    """Somebody was faster, or the thing is in another state than you think."""

    code, status = "conflict", 409
    default = _("This was changed in the meantime.")


class Closed(Problem):
    """Not in this phase."""

    code, status = "closed", 409
    default = _("This is closed now.")


class TooLarge(Problem):
    """More than this door takes."""

    code, status = "too_large", 413
    default = _("This is too large.")


class TooMany(Problem):
    """Too fast; ``retry_after`` says when to come back."""

    code, status = "too_many", 429
    default = _("That was quick. Try again in a moment.")


class Unavailable(Problem):
    """Not now; ``retry_after`` says when to come back."""

    code, status = "unavailable", 503
    default = _("This cannot be reached right now. Try again in a moment.")
