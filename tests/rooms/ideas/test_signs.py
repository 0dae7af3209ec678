"""How a text came through a form: what reviewers are told of it, and the warning an author confirms."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask import Flask

from codesign.comments.service import edit_comment
from codesign.ideas import service
from codesign.ideas.ports import ports
from codesign.kernel.contribution import PUBLISHED, WARN, Signs, TextDraft, Verdict
from codesign.kernel.errors import Invalid
from codesign.testing import Clock
from tests.support.visitor import Visitor
from tests.support.world import World


@pytest.fixture
def drafts(monkeypatch: pytest.MonkeyPatch) -> list[TextDraft]:
    """What the reviewer was shown; it warns of everything."""
    seen: list[TextDraft] = []

    def review(_space: Any, _actor: Any, draft: TextDraft, _newcomer: bool) -> Verdict:
        seen.append(draft)
        return Verdict(WARN, ("This names a telephone number.",))

    monkeypatch.setattr(ports, "review", review)
    return seen


def test_a_warning_asks_forms_once_and_programs_never(world: World, drafts: list[TextDraft]) -> None:
    with pytest.raises(Invalid) as refusal:
        world.idea(signs=Signs(9.0))
    assert [(error.field, error.code) for error in refusal.value.errors] == [("body", "confirm")]
    confirmed = world.idea(signs=Signs(9.0, confirmed=True))
    assert confirmed.state == PUBLISHED and confirmed.verdict is not None
    assert confirmed.verdict["reasons"] == ["This names a telephone number."]
    assert world.idea().state == PUBLISHED
    comment = world.comment(confirmed, signs=Signs(confirmed=True))
    with pytest.raises(Invalid):
        edit_comment(world.ben, comment.id, body="Call me", signs=Signs())
    with pytest.raises(Invalid):
        service.edit_idea(world.ann, confirmed.id, title="Call me tomorrow", signs=Signs())
    assert [draft.replaces for draft in drafts] == [None, None, None, None, comment.id, confirmed.id]


def test_the_form_tells_time_and_trap_and_shows_the_box(
    app: Flask, drafts: list[TextDraft], make_space: Any, clock: Clock
) -> None:
    space, visitor = make_space(), Visitor(app)
    visitor.register()
    address = f"/spaces/{space.slug}/ideas/new"

    def field(page: str, name: str) -> str:
        found = re.search(f'name="{name}" value="([^"]+)"', page)
        return html.unescape(found[1]) if found else ""

    page = visitor.get(address).get_data(as_text=True)
    opened = field(page, "form_opened")
    assert opened and 'name="form_confirmed"' not in page
    clock.advance(seconds=12)
    refused = visitor.send(address, title="Call me tonight", form_opened=opened, form_website="https://spam.example")
    again = refused.get_data(as_text=True)
    assert refused.status_code == 422 and 'name="form_confirmed"' in again and "Call me tonight" in again
    assert field(again, "form_opened") == opened  # the time does not begin anew
    assert drafts[-1].signs == Signs(12.0, True, False)
    done = visitor.send(address, title="Call me tonight", form_opened="forged.1", form_confirmed="1")
    assert done.status_code == 303 and drafts[-1].signs == Signs(None, False, True)
