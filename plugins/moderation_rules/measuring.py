"""What the rules do with texts whose judgement is known: honest ideas, spam, insults, personal data, a real flood."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from codesign.sdk import ALLOW, WARN

from . import likeness
from .rules import Look, judge
from .settings import ModerationSettings
from .trust import NEW


@dataclass
class Line:
    """One set of texts: how many there are, how many are held (or warned of), by which rules."""

    name: str
    texts: int = 0
    held: int = 0
    rules: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        return self.held / self.texts if self.texts else 0.0


def defaults(languages: tuple[str, ...]) -> Mapping[str, Any]:
    """The settings a space starts with, for these languages."""
    return {**ModerationSettings().load({}), "languages": list(languages)}


def held(
    name: str, texts: Iterable[str], settings: Mapping[str, Any], kind: str = "comment", *, warned: bool = False
) -> Line:
    """What the rules do with texts of as many strangers: held, or with *warned* the warnings."""
    line = Line(name)
    for text in texts:
        found = judge(Look(kind, "", text, NEW, timedelta(0)) if kind == "comment" else _idea(text), settings)
        hits = {finding.rule for finding in found if (finding.decision == WARN) is warned and finding.decision != ALLOW}
        line.texts += 1
        line.held += bool(hits)
        line.rules.update(hits)
    return line


def _idea(title: str, twins: frozenset[int] = frozenset()) -> Look:
    return Look("idea", title, "", NEW, timedelta(0), twins)


def flood(rows: Iterable[Mapping[str, str]], settings: Mapping[str, Any]) -> tuple[Line, Line]:
    """Titles in the order they came, each by a stranger, against those of the days before: honest ones, then the flood.

    A row has ``title``, ``created_at`` (a day) and ``suspected_test_spam`` ("1" for the flood).
    """
    honest, spam = Line("Madrid, honest proposals"), Line("Madrid, the flood")
    recent: list[tuple[date, int]] = []
    for row in rows:
        day = date.fromisoformat(row["created_at"][:10])
        oldest = day - timedelta(days=settings["same_text_days"])
        recent = [pair for pair in recent if pair[0] >= oldest]
        look = _idea(row["title"], frozenset(mark for _day, mark in recent))
        hits = {finding.rule for finding in judge(look, settings) if finding.decision not in (ALLOW, WARN)}
        line = spam if row["suspected_test_spam"] == "1" else honest
        line.texts += 1
        line.held += bool(hits)
        line.rules.update(hits)
        mark = likeness.fingerprint("idea", f"{row['title']}\n")
        if mark is not None:
            recent.append((day, mark))
    return honest, spam


def measure(folder: Path, languages: tuple[str, ...]) -> Iterator[Line]:
    """The lines of the report, from the public data in *folder*."""
    settings, text = defaults(languages), folder / "text"
    polis = list(_rows(text / "moderation_polis.jsonl"))
    yield held("Polis, accepted by moderators", _texts(polis, lambda row: row["moderated"] == 1), settings)
    yield held("Polis, rejected by moderators", _texts(polis, lambda row: row["moderated"] == -1), settings)
    spam = list(_rows(text / "spam_sms.jsonl"))
    yield held("SMS, honest", _texts(spam, lambda row: row["label"] == "ham"), settings)
    yield held("SMS, spam", _texts(spam, lambda row: row["label"] == "spam"), settings)
    toxic = list(_rows(text / "toxicity_surge_en.jsonl"))
    yield held("English comments, friendly", _texts(toxic, lambda row: row["label"] == 0), settings)
    yield held("English comments, toxic", _texts(toxic, lambda row: row["label"] == 1), settings)
    german = list(_rows(text / "toxicity_germeval2018_de.jsonl"))
    yield held("German tweets, other", _texts(german, lambda row: row["label"] == "OTHER"), settings)
    yield held("German tweets, profane or abusive", _texts(german, _profane), settings)
    private = list(_rows(text / "pii_presidio_synth.jsonl"))
    yield held("No personal data: warned", _texts(private, lambda row: not _names(row)), settings, warned=True)
    yield held("Personal data: warned", _texts(private, _names), settings, warned=True)
    yield held("Polis, accepted: warned", _texts(polis, lambda row: row["moderated"] == 1), settings, warned=True)
    with gzip.open(folder / "ideas-decide-madrid" / "proposals.csv.gz", "rt", encoding="utf-8") as file:
        yield from flood(csv.DictReader(file), settings)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def _texts(rows: Iterable[dict[str, Any]], wanted: Callable[[dict[str, Any]], bool]) -> Iterator[str]:
    return (row["text"] for row in rows if wanted(row))


def _profane(row: dict[str, Any]) -> bool:
    return row["label"] == "OFFENSE" and row["fine"] in ("PROFANITY", "ABUSE")


def _names(row: dict[str, Any]) -> bool:
    return any(kind in ("EMAIL_ADDRESS", "CREDIT_CARD", "IBAN_CODE", "PHONE_NUMBER") for kind, *_place in row["spans"])
