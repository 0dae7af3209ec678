"""Addresses of ideas, for the pages of every room."""

from __future__ import annotations

from typing import Any

from flask import url_for

from codesign.ideas.facts import IdeaFact


def idea_url(idea: IdeaFact, **query: Any) -> str:
    """The page of an idea; *query* may hold ``_anchor`` and ``_external``."""
    return url_for("ideas.show", space=idea.space_slug, reference=f"{idea.id}-{idea.slug}", **query)


def board_url(space_slug: str, **query: Any) -> str:
    """The list of ideas of a space, sorted and filtered as *query* says."""
    return url_for("ideas.board", space=space_slug, **{name: value for name, value in query.items() if value})
