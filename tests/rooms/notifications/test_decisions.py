"""Authors hear what moderators decided about their texts; who is mentioned in an official answer hears of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.ideas.service import answer_idea, hide_idea, publish_idea, remove_answer, unfollow_idea
from codesign.kernel.actor import Actor
from codesign.kernel.mentions import mark
from codesign.moderation.service import settle_flags
from codesign.moderation.texts import hold_text
from codesign.notifications import queries
from codesign.notifications.service import deliver
from tests.support.visitor import Visitor
from tests.support.world import World

pytestmark = pytest.mark.doors
Make = Callable[..., Any]


class Desk(World):
    """A space with a moderator, an author and a bystander."""

    def __init__(self, make_person: Make, make_space: Make) -> None:
        super().__init__(make_person, make_space)
        self.moderator, self.author = self.member("moderator"), self.member()

    def heard(self, actor: Any = None) -> list[str]:
        """What rang somebody's bell (the author's), oldest first."""
        deliver(self.space.id)
        deliver(self.space.id)
        return [notice.name for notice in reversed(queries.list_notices(actor or self.author))]


@pytest.fixture
def desk(make_person: Make, make_space: Make) -> Desk:
    return Desk(make_person, make_space)


@pytest.mark.parametrize("decision", ["hide", "hold", "refuse", "change"])
def test_an_author_hears_once_what_was_decided_about_an_idea(desk: Desk, decision: str) -> None:
    idea = desk.idea(desk.author)
    unfollow_idea(desk.author, idea.id)  # it is about the text, not about what happens around it
    settle_flags(desk.moderator, "idea", idea.id, decision, "It names somebody.")
    assert desk.heard() == [f"idea.{decision}"] and desk.heard(desk.moderator) == []
    settle_flags(desk.moderator, "idea", idea.id, "publish")
    assert desk.heard() == [f"idea.{decision}", "idea.publish"]


@pytest.mark.parametrize("decision", ["hide", "refuse", "change", "publish"])
def test_an_author_hears_what_was_decided_about_a_held_comment(desk: Desk, decision: str) -> None:
    idea = desk.idea(desk.author)
    comment = desk.comment(idea, desk.author)
    hold_text(desk.moderator, desk.space.id, "comment", comment.id, "Too many links.")
    settle_flags(desk.moderator, "comment", comment.id, decision, "Because.")
    assert desk.heard() == ["comment.hold", f"comment.{decision}"]
    seq = queries.list_notices(desk.author)[0].seq
    path = queries.where_to(desk.author, desk.space.id, seq)
    assert path is not None and path.endswith(f"#comment-{comment.id}")


def test_what_is_kept_or_decided_about_ones_own_text_rings_no_bell(desk: Desk) -> None:
    idea, own = desk.idea(desk.author), desk.idea(desk.moderator)
    settle_flags(desk.moderator, "idea", idea.id, "keep")
    hide_idea(desk.moderator, own.id, "A slip.")
    publish_idea(desk.moderator, own.id)
    assert desk.heard() == desk.heard(desk.moderator) == []


def test_the_page_says_it_in_words_and_names_no_moderator(desk: Desk, app: Flask) -> None:
    visitor = Visitor(app)
    visitor.register("Ann", "ann@example.org")
    author = Actor(person_id=visitor.me())
    idea = desk.idea(author)
    comment = desk.comment(idea, author)
    settle_flags(desk.moderator, "comment", comment.id, "hide", "Off topic.")
    settle_flags(desk.moderator, "idea", idea.id, "change", "Say which lamp.")
    desk.heard()
    page = visitor.words("/me/notices")
    assert "A moderator asks you to change your idea." in page and "A moderator hid your comment." in page
    assert visitor.get(f"/me/notices/{desk.space.id}/{queries.list_notices(author)[0].seq}").status_code in (302, 303)


def test_who_is_mentioned_in_an_answer_hears_it_once(desk: Desk) -> None:
    person = desk.member()
    idea = desk.idea(desk.author)
    desk.comment(idea, person, "Please!")
    named = mark("Whoever", str(person.person_id))
    answer_idea(desk.moderator, idea.id, f"Thank you, {named}.")
    assert desk.heard(person) == ["answer.mentioned"] and desk.heard() == ["comment.added", "idea.answered"]
    path = queries.where_to(person, desk.space.id, queries.list_notices(person)[0].seq)
    assert path is not None and path.endswith("#answer")
    answer_idea(desk.moderator, idea.id, f"Thank you again, {named}.")
    remove_answer(desk.moderator, idea.id)
    assert desk.heard(person).count("answer.mentioned") == 1
