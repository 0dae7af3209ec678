"""Doors of the exchange: a space as a file for its owners, ideas of other systems, the switch of the demo pulse."""

from __future__ import annotations

from flask import Flask

from codesign.exchange.pages import archive, demo, foreign
from codesign.exchange.pages.blueprint import blueprint
from codesign.kernel.config import Settings
from codesign.web.registry import registry_of

__all__ = ["archive", "blueprint", "demo", "foreign", "install"]


def install(app: Flask, settings: Settings) -> None:
    """Offer the archive where a space is deleted, and the switch in the banner of the demo."""
    registry = registry_of(app)
    registry.slot("space.export").add("archive", archive.offer_archive)
    if settings.demo:
        registry.slot("demo.banner").add("pulse", demo.draw_switch)
