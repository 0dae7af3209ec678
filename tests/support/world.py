"""A space with its people, for tests of rooms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codesign.comments.service import add_comment
from codesign.events import log
from codesign.ideas import service
from codesign.ideas.facts import IdeaFact
from codesign.kernel import db
from codesign.kernel.actor import Actor
from codesign.spaces import service as spaces
from codesign.spaces.access import standing
from codesign.spaces.facts import Access
from codesign.testing import actor_of

Make = Callable[..., Any]


class World:
    """A space with an owner, a moderator, two members and a stranger who only signed in."""

    def __init__(self, make_person: Make, make_space: Make, **fields: Any) -> None:
        owner = make_person("Olga")
        self.make_person = make_person
        self.space = make_space(owner=owner, **fields)
        self.owner = actor_of(owner)
        self.moderator = self.member("moderator")
        self.ann, self.ben = self.member(), self.member()
        self.stranger = actor_of(make_person("Stranger"))

    def member(self, role: str = "contributor") -> Actor:
        """One more person of the space."""
        person = self.make_person()
        spaces.add_member(self.owner, self.space.id, person_id=person.id, role=role)
        return actor_of(person)

    def idea(self, author: Actor | None = None, title: str = "A lamp that lights up", **values: Any) -> IdeaFact:
        """A proposal, Ann's if nobody else is named."""
        return service.submit_idea(author or self.ann, self.space.id, title, **values)

    def comment(self, idea: IdeaFact, author: Actor | None = None, body: str = "I agree", **values: Any) -> Any:
        """A comment, Ben's if nobody else is named."""
        return add_comment(author or self.ben, idea.id, body, **values)

    def access(self, actor: Actor) -> Access:
        """How somebody stands to the space now."""
        return standing(actor, self.space.id)

    def names(self) -> list[str]:
        """What the log tells, by name."""
        with db.read():
            return [fact.name for fact in log.since(self.space.id, 0, 5000)]


def token(actor: Actor, *scopes: str) -> Actor:
    """The same person, coming with a token."""
    return Actor(person_id=actor.person_id, scopes=frozenset(scopes), token_id="T", is_admin=actor.is_admin)


@pytest.fixture
def world(make_person: Make, make_space: Make) -> World:
    """A public space with the plain defaults, and its people."""
    return World(make_person, make_space)


@pytest.fixture
def make_world(make_person: Make, make_space: Make) -> Callable[..., World]:
    """A space of another kind: ``make_world(results="at_close")``."""
    return lambda **fields: World(make_person, make_space, **fields)
