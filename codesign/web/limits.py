"""How many requests one network address may send. Votes have limits of their own; what comes with a token counts there."""

from __future__ import annotations

from flask import Flask, request

from codesign.kernel.config import Settings
from codesign.kernel.limits import Buckets, Rate
from codesign.web.csrf import carries_bearer

_FREE = ("/assets/", "/health/", "/socket.io")


def install(app: Flask, settings: Settings) -> None:
    """Refuse, with 429 and the seconds to wait, whoever asks faster than ``CODESIGN_REQUESTS_PER_MINUTE``."""
    per_minute = settings.requests_per_minute
    buckets = Buckets(Rate(per_minute, max(1, per_minute // 4)))

    @app.before_request
    def count() -> None:
        if request.path.startswith(_FREE) or request.path.endswith("/vote") or carries_bearer(request):
            return
        buckets.take(request.remote_addr or "")
