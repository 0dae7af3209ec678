"""What journeys start from: a space with its people, and browsers for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from codesign.kernel.actor import Actor
from tests.support.pages import Browser


@pytest.fixture
def browser_of(app: Flask) -> Callable[[Actor | None], Browser]:
    """The browser of a person of the world; of nobody: ``browser_of(None)``."""
    return lambda actor: Browser.of(app, actor.person_id) if actor else Browser(app)
