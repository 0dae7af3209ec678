"""The pages of products. Each module hangs its doors on the one blueprint."""

from __future__ import annotations

from codesign.products.pages import editing, look, publishing, write
from codesign.products.pages.base import blueprint

__all__ = ["blueprint", "editing", "look", "publishing", "write"]
