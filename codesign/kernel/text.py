"""Sentences for people, made below the web: English text that remembers how it was made, so a door can translate it."""

from __future__ import annotations

from typing import Any


class Sentence(str):
    """An English sentence that keeps its message id and parameters."""

    message: str
    parameters: dict[str, Any]

    def __new__(cls, message: str, **parameters: Any) -> Sentence:
        sentence = super().__new__(cls, message % parameters if parameters else message)
        sentence.message = message
        sentence.parameters = parameters
        return sentence


def _(message: str, **parameters: Any) -> Sentence:
    """Mark *message* for translation and fill in its ``%(name)s`` parameters."""
    return Sentence(message, **parameters)
