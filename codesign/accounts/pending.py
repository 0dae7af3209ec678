"""What somebody began before they signed in is done right after it.

A page that must send somebody to the sign-in page keeps what they wanted first::

    pending.keep("vote", {"idea_id": idea_id, "value": 1})

and its room says at boot how it is done later, by whom it then is::

    pending.register("vote", lambda actor, content: Done(_("Your vote counts."), url))
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, session

from codesign.accounts import limits, queries, service
from codesign.kernel.actor import Actor
from codesign.kernel.errors import Problem
from codesign.kernel.text import _
from codesign.web.identity import client_address, current_actor

KEY = "pending"


@dataclass(frozen=True)
class Done:
    """What became of it: a sentence for the person, and where to see it."""

    sentence: str = ""
    url: str | None = None


_kinds: dict[str, Callable[[Actor, dict[str, Any]], Done]] = {}


def register(kind: str, function: Callable[[Actor, dict[str, Any]], Done]) -> None:
    """Say how actions of *kind* are done once it is known by whom. A Problem it raises is said to the person."""
    _kinds[kind] = function


def keep(kind: str, content: dict[str, Any]) -> None:
    """Keep an action until this browser has signed in; of several, the last one is kept. *content* is JSON."""
    if kind not in _kinds:
        raise ValueError(f"nobody has said how a kept {kind} is done")
    limits.kept.take(client_address() or "")
    session[KEY] = service.keep_action(kind, json.dumps(content))


def waiting() -> str | None:
    """The kind of the action this browser began, for a word on the sign-in page."""
    return session.get(KEY) and queries.kind_of_action(session[KEY])


def take() -> str | None:
    """The key of what this browser began; read before the session is made anew."""
    key: str | None = session.pop(KEY, None)
    return key


def complete(key: str | None) -> Done:
    """Do what was kept under *key*, as the current actor, and say how it went."""
    kept = service.take_action(key) if key else None
    if kept is None or kept.kind not in _kinds:
        return Done()
    try:
        done = _kinds[kept.kind](current_actor(), json.loads(kept.content))
    except Problem as problem:
        flash(problem.sentence)
        return Done()
    flash(done.sentence or _("What you began is done."))
    return done
