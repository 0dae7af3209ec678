"""Sentences for people, made below the web: English text that remembers how it was made, so a door can translate it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

    def format(self, *_args: object, **_values: object) -> Sentence:
        """Itself: marshmallow formats what its validators say, and would leave plain text of it."""
        return self


def _(message: str, **parameters: Any) -> Sentence:
    """Mark *message* for translation and fill in its ``%(name)s`` parameters."""
    return Sentence(message, **parameters)


# --- Where there is no page: letters, names a new space begins with ---------------------------------------------------

_languages: Sequence[str] = ("en",)
_translate: Callable[[str, str], str] = lambda message, language: message  # noqa: E731


def use(languages: Sequence[str], translate: Callable[[str, str], str]) -> None:
    """Speak these languages, the first where none is known, by *translate(message, language)*."""
    global _languages, _translate
    _languages, _translate = languages, translate


def offered(language: str | None) -> str:
    """*language* if it is spoken here, else the server's own."""
    return language if language is not None and language in _languages else _languages[0]


def said(text: str, language: str | None) -> str:
    """*text* in *language*: sentences are translated, their parameters too; other text stays."""
    if not isinstance(text, Sentence):
        return text
    parameters = {
        name: said(value, language) if isinstance(value, str) else value for name, value in text.parameters.items()
    }
    message = _translate(text.message, offered(language))
    return message % parameters if parameters else message
