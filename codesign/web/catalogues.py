"""Catalogues of translated sentences: ours, and that of each plugin that has a folder ``translations``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from babel.support import Translations
from flask import Flask
from flask_babel import get_babel

OURS = Path(__file__).resolve().parent.parent / "translations"


def add_folder(app: Flask, folder: Path) -> None:
    """Speak a plugin's sentences too. Ours are read last, so no plugin changes what a sentence of ours says."""
    get_babel(app).translation_directories.insert(0, str(folder))


def speaker(app: Flask) -> Callable[[str, str], str]:
    """``translate(message, language)`` for where there is no request."""
    read: dict[str, Translations] = {}

    def translate(message: str, language: str) -> str:
        if language not in read:
            read[language] = _read(get_babel(app).translation_directories, language)
        return str(read[language].gettext(message))

    return translate


def _read(folders: list[str], language: str) -> Translations:
    every = Translations()
    for folder in folders:
        found = Translations.load(folder, [language.replace("-", "_")])
        if isinstance(found, Translations):
            every.merge(found)
    return every
