"""What journeys start from: a space with its people, and browsers for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.kernel.actor import Actor
from tests.support.pages import Browser
from tests.support.world import World


@pytest.fixture
def world(make_person: Callable[..., Any], make_space: Callable[..., Any]) -> World:
    """A public space with the plain defaults, and its people."""
    return World(make_person, make_space)


@pytest.fixture
def make_world(make_person: Callable[..., Any], make_space: Callable[..., Any]) -> Callable[..., World]:
    """A space of another kind: ``make_world(results="at_close")``."""
    return lambda **fields: World(make_person, make_space, **fields)


@pytest.fixture
def browser_of(app: Flask) -> Callable[[Actor | None], Browser]:
    """The browser of a person of the world; of nobody: ``browser_of(None)``."""
    return lambda actor: Browser.of(app, actor.person_id) if actor else Browser(app)
