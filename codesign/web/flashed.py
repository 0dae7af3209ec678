"""Sentences that wait in the session for the next page: kept as they were made, so that page says them in its language."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.json.tag import JSONTag, TaggedJSONSerializer
from flask.sessions import SecureCookieSessionInterface

from codesign.kernel.text import Sentence


class _SentenceTag(JSONTag):
    """A sentence as its message and parameters."""

    key = " s"

    def check(self, value: Any) -> bool:
        return isinstance(value, Sentence)

    def to_json(self, value: Any) -> Any:
        return [value.message, self.serializer.tag(value.parameters)]

    def to_python(self, value: Any) -> Any:
        message, parameters = value
        return Sentence(message, **parameters)


class _Sessions(SecureCookieSessionInterface):
    serializer = TaggedJSONSerializer()


_Sessions.serializer.register(_SentenceTag, index=0)


def install(app: Flask) -> None:
    """Let the sessions of *app* keep sentences."""
    app.session_interface = _Sessions()
