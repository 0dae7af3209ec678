"""What tests of people share."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from codesign.kernel import limits


@pytest.fixture
def no_refill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buckets stand still: how long a test takes on a busy machine does not count."""
    monkeypatch.setattr(limits, "time", SimpleNamespace(monotonic=lambda: 1000.0))
