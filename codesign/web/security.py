"""Headers that keep a page to itself: a content security policy with a nonce, no framing, no sniffing."""

from __future__ import annotations

import gzip
import re
import secrets

from flask import Flask, Response, g, request

_COMPRESSED_TYPES = {"text/html", "application/json", "application/problem+json"}
_SMALLEST_COMPRESSED = 1500
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9a-fA-F:]+\](:\d+)?")


def install(app: Flask, *, secure: bool) -> None:
    """Give every answer of *app* its headers; *secure* when the public address is https."""

    @app.before_request
    def _start() -> None:
        g.csp_nonce = secrets.token_urlsafe(16)
        g.request_id = secrets.token_hex(4).upper()

    @app.after_request
    def _finish(response: Response) -> Response:
        add_headers(response, secure=secure)
        return compress(response)

    app.jinja_env.globals["csp_nonce"] = lambda: g.csp_nonce


def content_policy() -> str:
    """The content security policy of this page."""
    host = request.host if _HOST.fullmatch(request.host) else ""
    sockets = f" ws://{host} wss://{host}" if host else ""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{g.get('csp_nonce', '')}'",
            "style-src 'self'",
            "img-src 'self' data:",
            f"connect-src 'self'{sockets}",
            "object-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "require-trusted-types-for 'script'",
            "trusted-types codesign lit-html",
        )
    )


def add_headers(response: Response, *, secure: bool) -> None:
    """Security headers; a header the view set itself stays."""
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("X-Request-Id", g.get("request_id", ""))
    if secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if response.mimetype == "text/html":
        headers.setdefault("Content-Security-Policy", content_policy())
        headers.setdefault("Cache-Control", "private, no-cache")
    elif response.mimetype == "image/svg+xml":
        headers.setdefault("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")


def compress(response: Response) -> Response:
    """Compress pages and JSON. The only secret in them, the form token, is masked anew on every page."""
    if (
        response.direct_passthrough
        or response.is_streamed
        or "Content-Encoding" in response.headers
        or response.mimetype not in _COMPRESSED_TYPES
        or not request.accept_encodings.quality("gzip")
    ):
        return response
    body = response.get_data()
    if len(body) < _SMALLEST_COMPRESSED:
        return response
    response.set_data(gzip.compress(body, compresslevel=4, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response
