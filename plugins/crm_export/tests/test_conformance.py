"""What every plugin must bear."""

from __future__ import annotations

from pathlib import Path

from codesign.testing import check_plugin


def test_it_conforms() -> None:
    assert check_plugin(Path(__file__).parents[1]) == []
