"""What the plugin does: judge texts before they are written, follow the log to know people, weigh reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from codesign import sdk
from codesign.sdk import Actor, Recorded, SpaceFact, TextDraft, TextFact, Verdict, _, hookimpl

from . import likeness, store, trust
from .rules import Look, judge, verdict

NAME = "moderation_rules"
Settings = Mapping[str, Any]
_TEXTS = {
    "idea.published": ("idea", "idea_id"), "idea.held": ("idea", "idea_id"), "idea.edited": ("idea", "idea_id"),
    "comment.added": ("comment", "comment_id"), "comment.held": ("comment", "comment_id"),
    "comment.published": ("comment", "comment_id"), "comment.edited": ("comment", "comment_id"),
}  # fmt: skip
_COUNTS = {"idea.published": "ideas", "comment.added": "comments", "comment.published": "comments"}
_HIDDEN = {"idea.hidden": "idea_id", "comment.hidden": "comment_id"}


@hookimpl
def review_contribution(space: SpaceFact, actor: Actor, draft: TextDraft, settings: Settings) -> Verdict | None:
    """All rules; programs of ours, administrators and the system itself are not asked."""
    if actor.person_id is None or actor.is_admin:
        return None
    return verdict(judge(look_at(space.id, actor.person_id, draft, settings), settings))


def look_at(space_id: str, person_id: str, draft: TextDraft, settings: Settings) -> Look:
    """What the rules may know of a draft: three short reads."""
    now = sdk.now()
    with sdk.read():
        author = store.person(space_id, person_id)
        twins = store.recent(space_id, now, settings["same_text_days"])
        last_minute = store.written_since(space_id, person_id, now - timedelta(minutes=1))
    signs = draft.signs
    return Look(
        kind=draft.kind,
        title=draft.title,
        body=draft.body,
        level=trust.level(author, settings, now),
        age=author.age(now),
        twins=twins,
        last_minute=last_minute,
        seconds=signs.seconds if signs else None,
        trapped=bool(signs and signs.trapped),
        editing=draft.replaces is not None,
    )


@hookimpl
def events_recorded(space: SpaceFact, events: Sequence[Recorded], settings: Settings) -> None:
    """Count what people do, keep fingerprints of what they write, weigh reports. Thinks first and writes last."""
    texts = sdk.texts(space.id, {_target(event) for event in events if event.name in _TEXTS})
    notes = [_note(event, texts.get(_target(event))) for event in events if event.name in _TEXTS]
    crowded = [text for text in _reported(events) if _outweighed(space.id, *text, settings)]
    for note in notes:
        if note:
            store.note_text(**note)
    for event in events:
        _count(event)
    for kind, text_id in crowded:
        sdk.hold(NAME, space.id, kind, text_id, str(_("Several members reported it.")))


def _target(event: Recorded) -> tuple[str, str]:
    kind, field = _TEXTS[event.name]
    return kind, event.payload[field]


def _note(event: Recorded, text: TextFact | None) -> dict[str, Any] | None:
    """What is kept of a text; nothing of one that is gone or too old for any rule."""
    if text is None or text.created_at < sdk.now() - store.KEPT_FOR:
        return None
    words = f"{text.title}\n{text.body}" if text.kind == "idea" else text.body
    return {
        "text_id": text.id,
        "space_id": event.space_id,
        "person_id": text.author_id,
        "fingerprint": likeness.fingerprint(text.kind, words),
        "written_at": text.created_at,
    }


def _count(event: Recorded) -> None:
    """Count an event for whom it is of. What a moderator takes back out of sight counts against its author."""
    payload, more = event.payload, dict[str, int]()
    author: str | None = payload.get("author_id") or payload.get("person_id")
    if event.name in _HIDDEN:
        author, more = store.went_out(payload[_HIDDEN[event.name]])
    elif event.name in _COUNTS:
        more = store.came_in(_target(event)[1], _COUNTS[event.name])
    elif event.name == "vote.withdrawn":
        more = {"votes": -1}
    elif event.name == "vote.cast" and payload["old"] is None:
        more = {"votes": 1}
    if author:
        store.count(event.space_id, author, event.seq, event.occurred_at, **more)


def _reported(events: Sequence[Recorded]) -> list[tuple[str, str]]:
    found = ((event.payload["kind"], event.payload["target_id"]) for event in events if event.name == "flag.raised")
    return list(dict.fromkeys(found))


def _outweighed(space_id: str, kind: str, text_id: str, settings: Settings) -> bool:
    """Whether the open reports of a text weigh enough: each its author's accuracy, half of it from a newcomer."""
    if not settings["reports_hold_at"]:
        return False
    found = sdk.reports(space_id, kind, text_id)
    known = store.people(space_id, [report.person_id for report in found])
    weight = 0.0
    for report in found:
        level = trust.level(known.get(report.person_id, trust.Person()), settings, sdk.now())
        weight += report.accuracy * (0.5 if level == trust.NEW else 1.0)
    return weight >= settings["reports_hold_at"]


@hookimpl
def erase_person(person_id: str) -> None:
    """Forget somebody."""
    store.forget(person_id)
