"""Where the parts outside the package lie: beside it in a checkout, inside it (``_dist``) in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def find(name: str) -> Path:
    """The folder *name* (``migrations``, ``plugins``, ``static/dist``), which may not exist yet."""
    packed = _PACKAGE / "_dist" / name
    return packed if packed.exists() else _PACKAGE.parent / name


def in_checkout() -> bool:
    """Whether this runs from a checkout (and not from an installed wheel)."""
    return (_PACKAGE.parent / "pyproject.toml").exists()
