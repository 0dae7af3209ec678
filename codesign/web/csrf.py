"""Requests that change something prove they come from our own page: a masked token, and the browser's word for it."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets

from flask import Flask, Request, Response, current_app, g, request
from itsdangerous import BadSignature, Signer
from markupsafe import Markup

from codesign.kernel.errors import Forbidden, Unauthenticated
from codesign.kernel.text import _

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
_SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
_LENGTH = 18
_YEAR = 31_536_000


def install(app: Flask, *, secure: bool, origins: tuple[str, ...] = ()) -> None:
    """Check every changing request that rests on cookies; *origins* are further addresses this server is reached at."""
    cookie = "__Host-codesign-form" if secure else "codesign-form"
    open_doors = _open_doors(app)

    @app.before_request
    def _check() -> None:
        if request.method in _SAFE or carries_bearer(request) or request.endpoint in open_doors:
            return
        if not (came_from_here(request, origins) and token_fits(request, cookie)):
            if not request.cookies and request.path.startswith("/api/"):
                raise Unauthenticated()  # a program that forgot its token: there is nobody to protect
            raise Forbidden(_("This page lay open too long to send from. Reload it and send again; your text is kept."))

    @app.after_request
    def _keep(response: Response) -> Response:
        if secret := g.get("csrf_new"):
            value = _signer().sign(secret).decode()
            response.set_cookie(cookie, value, max_age=_YEAR, secure=secure, httponly=True, samesite="Lax", path="/")
        return response

    app.config["CSRF_COOKIE"] = cookie
    app.jinja_env.globals.update(csrf_token=csrf_token, csrf_field=csrf_field)


def leave_open(app: Flask, endpoint: str) -> None:
    """Let *endpoint* be posted to from anywhere: what its address holds is all it goes by, whoever is signed in."""
    _open_doors(app).add(endpoint)


def _open_doors(app: Flask) -> set[str]:
    doors: set[str] = app.extensions.setdefault("codesign.web.csrf", set())
    return doors


def carries_bearer(incoming: Request) -> bool:
    """Whether the request shows a token instead of cookies; then identity must not be read from cookies at all."""
    return incoming.headers.get("Authorization", "").lower().startswith("bearer ")


def came_from_here(incoming: Request, origins: tuple[str, ...] = ()) -> bool:
    """What the browser says of where the request started: this very origin, or the person's own doing."""
    site = incoming.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = incoming.headers.get("Origin")
    return origin is None or origin == incoming.host_url.rstrip("/") or origin in origins


def _signer() -> Signer:
    return Signer(str(current_app.secret_key), salt="codesign.web.csrf")


def _secret(cookie: str) -> bytes | None:
    try:
        return _signer().unsign(request.cookies.get(cookie, ""))
    except BadSignature:
        return None


def csrf_token() -> str:
    """The token of this page: the browser's secret, masked so that no two pages carry the same bytes."""
    if "csrf_token" not in g:
        secret = _secret(current_app.config["CSRF_COOKIE"])
        if secret is None:
            secret = g.csrf_new = base64.urlsafe_b64encode(secrets.token_bytes(_LENGTH))
        mask = secrets.token_bytes(len(secret))
        g.csrf_token = base64.urlsafe_b64encode(mask + _xor(secret, mask)).decode()
    token: str = g.csrf_token
    return token


def csrf_field() -> Markup:
    """The token as a hidden field; every form that posts holds one."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, csrf_token())


def token_fits(incoming: Request, cookie: str) -> bool:
    """Whether the token sent unmasks to the secret of the cookie sent."""
    if (secret := _secret(cookie)) is None:  # asked first: looking for the token reads the body
        return False
    sent = incoming.headers.get(HEADER) or incoming.form.get(FIELD, "")
    if not sent:
        return False
    try:
        raw = base64.urlsafe_b64decode(sent.encode())
    except (binascii.Error, ValueError):
        return False
    half = len(raw) // 2
    return hmac.compare_digest(_xor(raw[half:], raw[:half]), secret)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=False))
