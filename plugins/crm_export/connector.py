"""What a connector is, and what all of them share: reading refusals, batches, retries.

A connector is a rule: a name and functions that get everything they need as arguments, the way out included. Another plugin
brings one as ``sdk.rule("crm_export.Connector", name=…, …)``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from codesign.sdk import Answer, Request, Send, Unreachable

KINDS = ("organization", "person", "idea", "activity")
UPSERT: Literal["upsert"] = "upsert"
DELETE: Literal["delete"] = "delete"
_AGAIN = {408, 425, 429}
#: What may be taken from the other system: what an organization is to the company. People, their words and names are ours.
TAKEN = ("segment", "revenue")


@dataclass(frozen=True)
class RemoteField:
    """A field of the other system: for which of our kinds, its name there, ``text number date yes/no``."""

    kind: str
    name: str
    type: str = "text"
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """One thing to write or to delete there. ``values`` have the names of the mapping; ``refs`` are ids there, by kind.

    ``message_id`` is the same for every try of the same content: whoever receives it twice can tell.
    """

    kind: str
    action: Literal["upsert", "delete"]
    external_id: str
    message_id: str
    at: datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    remote_id: str = ""
    refs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """An open connection: where it leads, its secret, the way out (the only one a connector may use), and what our fields
    are called there, by kind."""

    address: str
    secret: str
    send: Send
    space: str = ""
    preset: str = ""
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One request and the operations it carries out."""

    request: Request
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Outcome:
    """What came of one operation. ``code`` is a word of ours, never the other side's; ``stop`` is about the whole line."""

    fine: bool
    code: str = ""
    status: int | None = None
    remote_id: str = ""
    again: bool = False
    after: float | None = None
    stop: bool = False


@dataclass(frozen=True)
class Incoming:
    """What an organization that we sent is over there by now: our external id, and of our fields those of ``TAKEN``.

    ``at`` says when it changed there, where they come the longest ago first: then a long answer may be taken in parts.
    """

    external_id: str
    values: Mapping[str, Any]
    at: datetime | None = None


class NotPulled(Exception):
    """Asking what changed there did not work; ``outcome`` says what that means."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.code)
        self.outcome = outcome


def _pulls_nothing(line: Line, since: datetime | None) -> Iterable[Incoming]:
    return ()


def _healthy(line: Line) -> Outcome:
    return Outcome(True)


@dataclass(frozen=True)
class Connector:
    """A system to export to.

    ``describe(line)`` names its fields; ``plan(line, operations)`` is pure and gives the calls as they would go out;
    ``push(line, operations)`` carries them out and answers an outcome for each, in order; ``pull(line, since)`` gives what
    changed of organizations there, or raises ``NotPulled``; ``health(line)`` tries whether the address and the secret are good.
    """

    name: str
    title: str
    describe: Callable[[Line], Sequence[RemoteField]]
    plan: Callable[[Line, Sequence[Operation]], Sequence[Call]]
    push: Callable[[Line, Sequence[Operation]], Sequence[Outcome]]
    pull: Callable[[Line, datetime | None], Iterable[Incoming]] = _pulls_nothing
    health: Callable[[Line], Outcome] = _healthy
    description: str = ""
    #: The names of our fields there, to begin with: ``{preset: {kind: {field: name}}}``.
    presets: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    #: What to ask for: ``address``, ``secret``.
    asks: tuple[str, ...] = ()
    #: Whether there are no other fields there than those it describes.
    fixed: bool = False
    #: Most operations at a time, and calls a second on average.
    batch: int = 1
    per_second: float = 5.0

    @property
    def tells_health(self) -> bool:
        """Whether it can be tried without sending anything."""
        return self.health is not _healthy

    @property
    def pulls(self) -> bool:
        """Whether it can tell what changed there."""
        return self.pull is not _pulls_nothing


def refusal(answer: Answer) -> Outcome:
    """What an answer that is no success means: worth another try, in vain, or the end of the line."""
    status = answer.status
    if status in (401, 403):
        return Outcome(False, "secret_refused", status, again=True, stop=True)
    if status == 410:
        return Outcome(False, "gone", status, again=True, stop=True)
    if status in _AGAIN or status >= 500:
        return Outcome(False, "busy" if status == 429 else "out_of_order", status, again=True, after=wait_of(answer))
    if 300 <= status < 400:
        return Outcome(False, "moved", status)
    return Outcome(False, "refused", status)


def wait_of(answer: Answer) -> float | None:
    """``Retry-After`` in seconds, whether it is a number or a date; at most a day."""
    text = answer.headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (TypeError, ValueError):
            return None
        seconds = (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), 86_400.0) if seconds == seconds else None  # noqa: PLR0124 - not a number


def unreachable(error: Unreachable) -> Outcome:
    """No answer came."""
    return Outcome(
        False, "forbidden_address" if error.forbidden else "no_answer", again=not error.forbidden, stop=error.forbidden
    )


def json_of(answer: Answer) -> Mapping[str, Any] | None:
    """The JSON object of an answer; None for a page of HTML, half an answer, or anything else."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def asked(line: Line, request: Request) -> Mapping[str, Any]:
    """The JSON object that answers a question; raises ``NotPulled`` when none comes."""
    try:
        answer = line.send(request)
    except Unreachable as error:
        raise NotPulled(unreachable(error)) from None
    if not 200 <= answer.status < 300:
        raise NotPulled(refusal(answer))
    content = json_of(answer)
    if content is None:
        raise NotPulled(Outcome(False, "not_understood", answer.status, again=True))
    return content


def tried(ask: Callable[[], object]) -> Outcome:
    """What asking a connection something harmless says of it: fine, worth another try, or lacking what we need."""
    try:
        ask()
    except NotPulled as trouble:
        if trouble.outcome.again or trouble.outcome.stop:
            return trouble.outcome
        return replace(trouble.outcome, code="not_ready", stop=True)
    return Outcome(True)


def push_each(
    line: Line, calls: Iterable[Call], read: Callable[[Call, Answer], Sequence[Outcome]] | None = None
) -> list[Outcome]:
    """Send calls one after another. ``read`` makes outcomes of a success; without it 2xx is all there is to know.

    A call of several operations that is refused whole is sent again in halves, so that one bad row stops no other. After
    an outcome that ends the line (or asks for a pause) the rest is not sent and waits.
    """
    found: list[Outcome] = []
    halt: Outcome | None = None
    for call in calls:
        if halt is None:
            outcomes = list(_one(line, call, read))
            found += outcomes
            halt = next((each for each in outcomes if each.stop or (each.again and not each.fine)), None)
        else:
            found += [replace(halt, code="waits_for_others", status=None)] * len(call.operations)
    return found


def _one(line: Line, call: Call, read: Callable[[Call, Answer], Sequence[Outcome]] | None) -> Iterator[Outcome]:
    try:
        answer = line.send(call.request)
    except Unreachable as error:
        yield from [unreachable(error)] * len(call.operations)
        return
    if not 200 <= answer.status < 300:
        yield from [refusal(answer)] * len(call.operations)
    elif read is None:
        yield from [Outcome(True, status=answer.status)] * len(call.operations)
    else:
        yield from read(call, answer)


def not_understood(call: Call, answer: Answer) -> list[Outcome]:
    """A success that is none: HTML of a proxy, half an answer. Worth another try; what was done there is in doubt."""
    return [Outcome(False, "not_understood", answer.status, again=True)] * len(call.operations)
