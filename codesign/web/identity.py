"""Who knocks: a person's session, a program's token, a guest's cookie, or nobody.

``current_actor()`` is a function, not a request hook, so pages, API and sockets ask the same one. It costs at most one
indexed query per request. What is known of people comes from functions that ``accounts`` gives at boot (``People``).
"""

from __future__ import annotations

import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request, session
from itsdangerous import BadSignature, URLSafeSerializer

from codesign.kernel import clock
from codesign.kernel.actor import ANONYMOUS, Actor
from codesign.kernel.config import Settings
from codesign.kernel.errors import Invalid, Unauthenticated
from codesign.kernel.text import _
from codesign.web.csrf import carries_bearer

log = logging.getLogger(__name__)

EXTENSION = "codesign.identity"
ACT_AS = "X-Act-As"
SESSION_LASTS = timedelta(days=30)
GUEST_LASTS = timedelta(days=365)
#: How long a token that was looked up is believed, in seconds; so long may one revoked elsewhere still work.
TOKEN_CACHED = 3.0
TOUCH_PAUSE = 3600.0
MOST_CACHED = 10_000
_WHO, _GUEST_NEWS, _TOUCH = "codesign.who", "codesign.guest_cookie", "codesign.touch_token"


class Known(Protocol):
    """What is known of a person who may enter."""

    @property
    def person_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def guest(self) -> bool: ...
    @property
    def is_admin(self) -> bool: ...
    @property
    def epoch(self) -> int: ...


class KnownToken(Protocol):
    """What is known of a token that may be used."""

    @property
    def token_id(self) -> str: ...
    @property
    def scopes(self) -> frozenset[str]: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def last_used_at(self) -> datetime | None: ...
    @property
    def person(self) -> Known: ...


@dataclass(frozen=True)
class People:
    """How this module learns of people; ``accounts`` fills it in at boot."""

    by_session: Callable[[str, str], Known | None]
    by_reference: Callable[[str], Known | None]
    by_token: Callable[[str], KnownToken | None]
    hash_secret: Callable[[str], str]
    make_guest: Callable[[str | None], str]
    end_session: Callable[[str], None]
    touch_token: Callable[[str], None]
    guest_may_vote: Callable[[str], object]  # raises where nobody may vote without an account
    speak: Callable[[str, str], None]  # keeps the language a person chose


@dataclass(frozen=True)
class Who:
    """Who knocks: the actor for verbs, the name for the frame, the session for sockets."""

    actor: Actor = ANONYMOUS
    name: str = ""
    session_id: str | None = None


NOBODY = Who()

_listeners: list[Callable[[str, str | None], None]] = []


@dataclass
class Identity:
    """What one app keeps for this module."""

    secure: bool
    signer: URLSafeSerializer
    people: People | None = None
    tokens: OrderedDict[str, tuple[float, KnownToken]] = field(default_factory=OrderedDict)
    touched: dict[str, float] = field(default_factory=dict)

    @property
    def guest_cookie(self) -> str:
        return "__Host-guest" if self.secure else "guest"

    def asked(self) -> People:
        """The functions of ``accounts``."""
        if self.people is None:
            raise RuntimeError("no room has said how people are known")
        return self.people


def install(app: Flask, settings: Settings) -> None:
    """Give *app* its cookies. ``people_from`` must follow before the first request."""
    secure = bool(app.config.get("SESSION_COOKIE_SECURE"))
    app.config.update(
        # A cookie of this prefix cannot be set by a neighbour under the same domain.
        SESSION_COOKIE_NAME="__Host-session" if secure else "session",
        PERMANENT_SESSION_LIFETIME=SESSION_LASTS,
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    app.extensions[EXTENSION] = Identity(secure, URLSafeSerializer(settings.signing_key(), salt="codesign.web.guest"))
    app.after_request(_finish)


def people_from(app: Flask, people: People) -> None:
    """Tell *app* how to learn of people."""
    app.extensions[EXTENSION].people = people


def _ours() -> Identity:
    ours: Identity = current_app.extensions[EXTENSION]
    return ours


# --- Asking -----------------------------------------------------------------------------------------------------------


def current_actor() -> Actor:
    """Who does this request; ``ANONYMOUS`` when nobody is known. Unauthenticated for a token that does not work."""
    return who().actor


def who() -> Who:
    """Who knocks, worked out once per request."""
    known: Who | None = request.environ.get(_WHO)
    if known is None:
        known = request.environ[_WHO] = _by_bearer() if carries_bearer(request) else _by_cookies()
    return known


def ensure_actor(idea_id: str | None = None) -> Actor:
    """The current actor; somebody unknown becomes a guest now.

    For doors to what a space lets everyone do. With *idea_id* it is asked first whether guests may vote on that idea;
    other doors pass their gate before they call this.
    """
    actor = current_actor()
    if actor.known:
        return actor
    if idea_id is not None:
        _ours().asked().guest_may_vote(idea_id)
    guest_id = _ours().asked().make_guest(client_address())
    request.environ[_GUEST_NEWS] = guest_id
    request.environ[_WHO] = Who(Actor(person_id=guest_id, guest=True))
    return current_actor()


def actor_for_socket(auth: dict[str, Any] | None) -> tuple[Actor, str | None, datetime | None]:
    """Who opens a socket, the session it hangs on, and when its token ends.

    By ``auth {token, act_as?}``, else by the cookies of our pages.
    """
    if auth and auth.get("token") is not None:
        token, act_as = auth["token"], auth.get("act_as")
        if not isinstance(token, str) or not isinstance(act_as, str | None):
            raise Invalid.field("token", _("Token and act_as are texts."))
        known = _known_token(token)
        _touch(known)
        return _as_token(known, act_as).actor, None, known.expires_at
    found = _by_cookies() if _is_our_page() else NOBODY
    return found.actor, found.session_id, None


def _is_our_page() -> bool:
    """Whether a page of ours asks for a socket: cookies alone do not say so, for browsers send them for others too.

    The socket server refuses other people's Origin before this is asked. Polling sends none, but where the page is from.
    """
    if request.headers.get("Origin") or request.headers.get("Sec-Fetch-Site") == "same-origin":
        return True
    # Browsers leave Sec-Fetch-Site out where the address is neither https nor this machine.
    return "Sec-Fetch-Site" not in request.headers and _host_of(request.referrer) == request.host


def _host_of(address: str | None) -> str:
    try:
        return urlsplit(address or "").netloc
    except ValueError:
        return ""


def keep_language(language: str) -> None:
    """Remember the language that this browser's person chose, for letters and for other browsers."""
    actor = current_actor()
    if actor.person_id is not None and actor.token_id is None:
        _ours().asked().speak(actor.person_id, language)


def client_address() -> str | None:
    """The network address the request came from (that of a trusted proxy's client)."""
    return request.remote_addr


# --- Cookies ----------------------------------------------------------------------------------------------------------


def _by_cookies() -> Who:
    person_id, session_id = session.get("person"), session.get("sid")
    if person_id and session_id:
        known = _ours().asked().by_session(person_id, session_id)
        if known is not None and not known.guest and known.epoch == session.get("epoch"):
            _keep_fresh()
            return Who(_actor(known), known.name, session_id)
        session.clear()
    return _by_guest_cookie()


def _keep_fresh() -> None:
    """Write the cookie anew once a day, so that it ends a month after it was last used."""
    today = int(time.time()) // 86_400
    if session.get("day") != today:
        session["day"] = today


def _by_guest_cookie() -> Who:
    ours = _ours()
    cookie = request.cookies.get(ours.guest_cookie, "")
    if not cookie:
        return NOBODY
    try:
        guest_id = ours.signer.loads(cookie)
    except BadSignature:
        return NOBODY
    known = ours.asked().by_reference(guest_id) if isinstance(guest_id, str) else None
    return Who(_actor(known), known.name) if known is not None and known.guest else NOBODY


def _actor(known: Known) -> Actor:
    return Actor(person_id=known.person_id, is_admin=known.is_admin, guest=known.guest)


# --- Tokens -----------------------------------------------------------------------------------------------------------


def _by_bearer() -> Who:
    secret = request.headers["Authorization"][len("bearer ") :].strip()
    token = request.environ[_TOUCH] = _known_token(secret)
    return _as_token(token, request.headers.get(ACT_AS))


def _as_token(token: KnownToken, act_as: str | None) -> Who:
    actor = Actor(
        person_id=token.person.person_id,
        is_admin=token.person.is_admin,
        scopes=token.scopes,
        token_id=token.token_id,
    )
    return Who(act_for(actor, act_as) if act_as else actor, token.person.name)


def _known_token(secret: str) -> KnownToken:
    ours = _ours()
    hashed = ours.asked().hash_secret(secret)
    moment = time.monotonic()
    cached = ours.tokens.get(hashed)
    if cached is not None and cached[0] > moment:
        token = cached[1]
    else:
        ours.tokens.pop(hashed, None)
        found = ours.asked().by_token(hashed)
        if found is None:
            raise Unauthenticated(_("This token is not known here, was revoked, or has ended."))
        token = found
        ours.tokens[hashed] = moment + TOKEN_CACHED, token
        while len(ours.tokens) > MOST_CACHED:
            ours.tokens.popitem(last=False)
    if token.expires_at is not None and token.expires_at <= clock.now():
        raise Unauthenticated(_("This token is not known here, was revoked, or has ended."))
    return token


def act_for(actor: Actor, reference: str) -> Actor:
    """*actor*, with an ``act_as`` token, as the person *reference* (id or external id) names; ``by`` keeps who."""
    known = _ours().asked().by_reference(reference) if actor.may_act_for_others else None
    return actor.acting_for(known.person_id if known else None, bool(known and known.guest))


def forget_token(hashed: str) -> None:
    """Believe a token no longer (its hash), because it was revoked just now."""
    _ours().tokens.pop(hashed, None)


def _touch(token: KnownToken) -> None:
    """Note at most once an hour that a token was used; that this fails must not be felt."""
    ours, moment = _ours(), time.monotonic()
    recently = token.last_used_at is not None and clock.now() - token.last_used_at < timedelta(hours=1)
    if recently or ours.touched.get(token.token_id, -TOUCH_PAUSE) > moment - TOUCH_PAUSE:
        return
    ours.touched[token.token_id] = moment
    try:
        ours.asked().touch_token(token.token_id)
    except Exception:
        log.exception("the use of a token could not be noted")


# --- Coming and going -------------------------------------------------------------------------------------------------


def sign_in_person(person_id: str, epoch: int) -> None:
    """Let the browser in as a person: with a new session, so that nobody who knew the old one comes along."""
    _end_session()
    session.clear()
    session.permanent = True
    session.update(person=person_id, epoch=epoch, sid=secrets.token_urlsafe(24), day=int(time.time()) // 86_400)
    request.environ.pop(_WHO, None)
    if request.cookies.get(_ours().guest_cookie):
        request.environ[_GUEST_NEWS] = ""


def sign_out() -> None:
    """Forget the browser. Its session is void on the server too, and its sockets are closed."""
    _end_session()
    session.clear()
    request.environ[_WHO] = NOBODY
    request.environ[_GUEST_NEWS] = ""


def _end_session() -> None:
    person_id, session_id = session.get("person"), session.get("sid")
    if person_id and session_id:
        _ours().asked().end_session(session_id)
        announce_change(person_id, session_id)


def on_identity_change(function: Callable[[str, str | None], None]) -> None:
    """Have *function(person_id, session_id)* called when sockets of a person must close; no session: all of theirs.

    That is signing out, a ban, a lost role, a new password, joining, erasing. What other processes do shows in the
    server's log.
    """
    _listeners.append(function)


def announce_change(person_id: str, session_id: str | None = None) -> None:
    """Say that what a person may do has changed, after the commit that changed it."""
    ours = _ours()
    for hashed in [hashed for hashed, (_until, token) in ours.tokens.items() if token.person.person_id == person_id]:
        del ours.tokens[hashed]
    for tell in _listeners:
        tell(person_id, session_id)


def _finish(response: Response) -> Response:
    ours = _ours()
    news = request.environ.get(_GUEST_NEWS)
    if news:
        value, lasts = str(ours.signer.dumps(news)), int(GUEST_LASTS.total_seconds())
        response.set_cookie(ours.guest_cookie, value, max_age=lasts, secure=ours.secure, httponly=True, samesite="Lax")
    elif news == "":
        response.delete_cookie(ours.guest_cookie, secure=ours.secure, httponly=True, samesite="Lax")
    if token := request.environ.pop(_TOUCH, None):
        _touch(token)
    return response
