"""How well it finds: the figures on public questions and duplicates, and a small twin on rows of our own.

The floors are those of a good default product, measured with this analysis on these data; ``python -m tests.load search``
prints what is reached.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codesign.testing import Database
from tests.load import search as figures


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """The default engine; that the others find the same stands in ``test_engines.py``."""
    return sqlite_database


OURS = [
    {"id": "bell", "title": "A louder bell", "body": "Nobody hears it on a busy road."},
    {"id": "lamp", "title": "A brighter lamp", "body": "It should light the road at night."},
    {"id": "seat", "title": "A softer seat", "body": "After two hours it hurts, whatever the weather."},
    {"id": "lock", "title": "A lock that opens by telephone", "body": "I lose my keys all the time."},
]


def test_a_small_twin(app: Any) -> None:
    corpus = figures.Corpus("ours".ljust(26, "0"), "en").fill(OURS)
    assert figures.searched(corpus, "How can the road be lit when it is night?")[:1] == ["lamp"]
    assert figures.searched(corpus, "locks and keys")[:1] == ["lock"]
    assert figures.alike(corpus, "Louder bells please", "") == ["bell"]
    assert figures.alike(corpus, figures.slip("A locket telephone opens"), "")[:1] == ["lock"]
    assert figures.known_item(corpus, OURS) == figures.known_item(corpus, OURS, figures.one_slip) == 1.0
    assert figures.ndcg(["a", "b"], ["b"]) == pytest.approx(0.631, abs=0.001)


@pytest.mark.full
@pytest.mark.needs_data("text")
@pytest.mark.parametrize(
    ("name", "language", "floor", "every"),
    [
        ("xquad_en", "en", 0.95, 5),
        ("xquad_de", "de", 0.94, 3),
        ("jsquad_ja", "ja", 0.93, 20),
        ("cnil_fr", "fr", 0.70, 1),
    ],
)
def test_questions_find_their_paragraph(
    app: Any, data: Path, name: str, language: str, floor: float, every: int
) -> None:
    assert figures.relevance(data, name, language, every) >= floor


@pytest.mark.full
@pytest.mark.needs_data("text")
def test_duplicates_are_among_the_five_shown(app: Any, data: Path) -> None:
    recall, hit = figures.duplicates(data)
    assert recall >= 0.43 and hit >= 0.57
