"""What tests of several rooms start from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.world import World


@pytest.fixture
def world(make_person: Callable[..., Any], make_space: Callable[..., Any]) -> World:
    """A public space with the plain defaults, and its people."""
    return World(make_person, make_space)


@pytest.fixture
def make_world(make_person: Callable[..., Any], make_space: Callable[..., Any]) -> Callable[..., World]:
    """A space of another kind: ``make_world(results="at_close")``."""
    return lambda **fields: World(make_person, make_space, **fields)
