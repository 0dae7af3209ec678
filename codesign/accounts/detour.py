"""Doors that need to know who knocks: by way of the sign-in page, with what was begun kept for right after it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import redirect
from werkzeug.wrappers import Response

from codesign.accounts import pending
from codesign.kernel.actor import Actor
from codesign.kernel.errors import Unauthenticated
from codesign.web.registry import current_registry, page_view


def is_stranger(actor: Actor) -> bool:
    """Whether signing in could give *actor* more rights: nobody is known, or only a guest."""
    return not actor.known or actor.guest


def sign_in_first(kind: str, content: dict[str, Any], back: str) -> Response:
    """Keep what was begun and lead to the sign-in page; afterwards it is done and the person is at *back*."""
    address = current_registry().url("sign_in", page_view())
    if address is None:
        raise Unauthenticated()
    pending.keep(kind, content)
    return redirect(f"{address}{'&' if '?' in address else '?'}next={quote(back)}", 303)
