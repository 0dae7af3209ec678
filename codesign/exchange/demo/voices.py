"""What customers of the demo said elsewhere, as its team entered it: votes, evidence, and what votes of segments weigh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class EnteredText:
    """A customer's vote that somebody of the team (``by``) entered: whose it is (an address), and where it came from."""

    space: str
    by: str
    days: float
    idea: str
    person: str
    name: str
    source: str
    organization: str = ""
    note: str = ""


@dataclass(frozen=True)
class EvidenceText:
    """What a customer said about an idea: a quote, or a link to it."""

    space: str
    by: str
    days: float
    idea: str
    quote: str = ""
    url: str = ""
    organization: str = ""
    person: str = ""
    name: str = ""


@dataclass(frozen=True)
class WeightsText:
    """What votes of segments weigh from then on, and why."""

    space: str
    by: str
    days: float
    note: str
    weights: Mapping[str, float]
    idea: str = ""


VoiceText = EnteredText | EvidenceText | WeightsText


def read_voices(tables: Mapping[str, Any]) -> Iterator[VoiceText]:
    """Everything in the tables, as written; texts on one line each."""
    kinds: tuple[tuple[str, type[VoiceText]], ...] = (
        ("vote", EnteredText), ("evidence", EvidenceText), ("weights", WeightsText),
    )  # fmt: skip
    for name, kind in kinds:
        for table in tables[name]:
            clean: dict[str, Any] = {
                key: " ".join(value.split()) if isinstance(value, str) else value for key, value in table.items()
            }
            yield kind(space=tables["space"], **clean)
