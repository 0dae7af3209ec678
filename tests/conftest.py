"""Hands the fixtures of tests/support to every test of this folder."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.support.speed",
    "tests.support.server",
    "tests.support.browser",
    "tests.support.databases",
    "tests.support.network",
    "tests.support.skips",
    "tests.support.world",
]

# The same examples every time in `make test`, fresh and many in `make test-full`.
_CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}
settings.register_profile("everyday", max_examples=25, stateful_step_count=25, derandomize=True, **_CALM)
settings.register_profile("full", max_examples=200, stateful_step_count=50, **_CALM)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))
