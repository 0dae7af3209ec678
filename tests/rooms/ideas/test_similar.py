"""Look-alikes in a large space: by how the words of titles begin, which are kept beside the ideas."""

from __future__ import annotations

import importlib.util

import pytest
from sqlalchemy import select

from codesign.ideas import belongings, similar
from codesign.ideas.models import TitleWord
from codesign.ideas.queries import find_similar
from codesign.ideas.service import edit_idea
from codesign.ideas.team import hide_idea
from codesign.ideas.titles import beginnings
from codesign.kernel import db, paths
from tests.support.world import World


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every space counts as large."""
    monkeypatch.setattr(similar, "MOST_READ", -1)


def titles(world: World, text: str, **more: str) -> list[str]:
    return [found.idea.title for found in find_similar(world.access(world.ben), text, **more)]


def test_titles_that_share_rare_words_are_found(world: World) -> None:
    first = world.idea(title="Swappable batteries for long trips")
    world.idea(title="Louder bell in the city", body="A swappable battery must stay reachable.")
    world.idea(title="A battery that lasts for a winter")
    assert titles(world, "Make the battery swappable, please") == [first.title, "A battery that lasts for a winter"]
    assert titles(world, "A swappable battery", skip=first.id) == ["A battery that lasts for a winter"]
    for nothing in ("", "the and of", "%", "x" * 100_000, "\n", "Unheard of"):
        assert titles(world, nothing) == []


def test_what_is_hidden_is_not_found(world: World) -> None:
    idea = world.idea(title="Swappable batteries for long trips")
    hide_idea(world.moderator, idea.id, "Not for everybody")
    assert titles(world, "Swappable batteries") == []


def test_words_that_were_changed_or_forgotten_are_not_kept(world: World) -> None:
    idea = world.idea(title="Swappable batteries for long trips")
    edit_idea(world.ann, idea.id, title="Louder bell in the city", body="", version=idea.version)
    assert titles(world, "Swappable batteries") == [] and titles(world, "A louder bell") == ["Louder bell in the city"]
    belongings.erase(str(world.ann.person_id), remove_texts=True)
    with db.read() as session:
        assert "bell" not in set(session.scalars(select(TitleWord.word)))


def test_ideas_of_before_get_the_same_words(world: World) -> None:
    """As the migration reads them, from what the search box compares."""
    idea = world.idea(title="Ähnlich große Größen, für 1500 Räder", body="Nothing of this")
    [file] = (paths.find("migrations") / "versions").glob("0016_*.py")
    spec = importlib.util.spec_from_file_location("revision_0016", file)
    assert spec is not None and spec.loader is not None
    revision = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(revision)
    with db.read() as session:
        [row] = session.execute(select(*revision.IDEA.c))
        kept = set(session.scalars(select(TitleWord.word).where(TitleWord.idea_id == idea.id)))
    assert set(revision.words(row)) == kept and "große"[:4] not in kept and beginnings(["grosse"]) == ["gros"]
