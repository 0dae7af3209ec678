"""Real Chromium against a real server."""

from __future__ import annotations

from tests.support.town import town, whole_town

__all__ = ["town", "whole_town"]
