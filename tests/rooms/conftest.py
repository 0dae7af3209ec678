"""What tests of several rooms start from."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from codesign.accounts.facts import PersonFact
from codesign.kernel.actor import Actor
from tests.support.visitor import Visitor


@pytest.fixture
def enter(app: Flask) -> Callable[[Actor | PersonFact | None], Visitor]:
    """The browser in which a person is signed in; None: nobody."""
    return lambda who: Visitor.of(app, who)
