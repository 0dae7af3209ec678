"""Catalogues of sentences: ``make translations`` reads what the sources say and brings each catalogue up to date.

One stands in ``codesign/translations``, one in the folder ``translations`` of each plugin that says anything. A sentence
that is new stays empty until somebody writes it; ``tests/contracts/test_translations.py`` is red until then.
"""

from __future__ import annotations

import datetime
import functools
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "codesign/translations/babel.cfg"
LANGUAGES = ("de",)
_KEYWORDS = DEFAULT_KEYWORDS | {"plural_forms": (1, 2)}
_BORN = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)  # dates in files only make changes that nobody reads
_HEADER = (
    "# Sentences of %s.\n# `make translations` brings this file up to date; what is empty here is shown in English."
)


def homes() -> list[Path]:
    """The packages with a catalogue of their own: Codesign, and each plugin that comes with it."""
    return [ROOT / "codesign", *(card.parent for card in sorted(ROOT.glob("plugins/*/__init__.py")))]


def catalogue_file(home: Path, language: str) -> Path:
    """Where the catalogue of a package lies."""
    return home / "translations" / language / "LC_MESSAGES" / "messages.po"


@functools.cache
def extracted(home: Path) -> Catalog:
    """What the sources of a package say."""
    found = Catalog(charset="utf-8")
    with CONFIGURATION.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    for name, _line, message, comments, context in extract_from_dir(
        home, methods, options, keywords=_KEYWORDS, strip_comment_tags=True
    ):
        found.add(
            message, None, [((home / name).relative_to(ROOT).as_posix(), 0)], auto_comments=comments, context=context
        )
    return found


def written(home: Path, language: str) -> Catalog:
    """The catalogue as it stands in its file; an empty one where there is none."""
    file = catalogue_file(home, language)
    if not file.exists():
        return Catalog(locale=language, charset="utf-8")
    with file.open("rb") as stream:
        return read_po(stream, locale=language, charset="utf-8")


def brought_up_to_date(home: Path, language: str) -> Catalog:
    """What is said now, with what was translated before. Guesses are not made: what changed is written anew."""
    before = written(home, language)
    now = Catalog(
        locale=language, domain="messages", charset="utf-8", fuzzy=False, creation_date=_BORN, revision_date=_BORN,
        project="Codesign", version="1", msgid_bugs_address="-", last_translator="Codesign", language_team=language,
        header_comment=_HEADER % home.relative_to(ROOT).as_posix(),
    )  # fmt: skip
    for message in sorted((each for each in extracted(home) if each.id), key=_place):
        known = before.get(message.id, message.context)
        now.add(message.id, known.string if known else "", message.locations, auto_comments=message.auto_comments)
    return now


def _place(message: Message) -> tuple[str, str]:
    return min(name for name, _line in message.locations), str(message.id)


def main() -> None:
    """Write every catalogue anew and say what is still to be translated."""
    for home in homes():
        if not any(message.id for message in extracted(home)):
            continue
        for language in LANGUAGES:
            fresh, file, content = brought_up_to_date(home, language), catalogue_file(home, language), BytesIO()
            write_po(content, fresh, width=0, include_lineno=False)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.getvalue())
            empty = sum(1 for message in fresh if message.id and not is_whole(message))
            print(f"{file.relative_to(ROOT)}: {len(fresh)} sentences, {empty} to be translated")


def is_whole(message: Message) -> bool:
    """Whether every form of a sentence is translated."""
    return all([message.string] if isinstance(message.string, str) else message.string)


if __name__ == "__main__":
    main()
