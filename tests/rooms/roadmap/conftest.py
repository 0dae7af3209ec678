"""Browsers as journeys have them."""

from __future__ import annotations

from tests.journeys.conftest import browser_of

__all__ = ["browser_of"]
