"""Signed links of letters: to stop them, and to show that an address is one's own. They need no signing in."""

from __future__ import annotations

from collections.abc import Iterable

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

from codesign.notifications.letters import signing_key

#: Seconds in which an address can be confirmed.
CONFIRM_WITHIN = 7 * 86_400


def stop_path(person_id: str, kinds: Iterable[str]) -> str:
    """The path that ends these kinds of letters. It works for ever: so do old letters in a mailbox."""
    return f"/letters/stop/{_stopping().dumps([person_id, sorted(kinds)])}"


def read_stop(token: str) -> tuple[str, list[str]] | None:
    """Whose letters of which kinds a link ends; None where it is not one of ours."""
    try:
        person_id, kinds = _stopping().loads(token)
    except (BadData, ValueError):
        return None
    return person_id, kinds


def confirm_path(person_id: str, address: str) -> str:
    """The path that confirms an address; who reads the letter can open it."""
    return f"/letters/confirm/{_confirming().dumps([person_id, address])}"


def read_confirm(token: str) -> tuple[str, str] | None:
    """Who confirms which address; None where the link is too old or not one of ours."""
    try:
        person_id, address = _confirming().loads(token, max_age=CONFIRM_WITHIN)
    except (BadData, ValueError):
        return None
    return person_id, address


def _stopping() -> URLSafeSerializer:
    return URLSafeSerializer(signing_key(), salt="codesign.notifications.stop")


def _confirming() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(signing_key(), salt="codesign.notifications.confirm")
