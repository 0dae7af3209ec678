"""Runs every benchmark, or those named: ``python -m tests.load votes lists desk``."""

from __future__ import annotations

import importlib
import sys

ALL = ("start", "votes", "fanout", "lists", "desk", "large", "scores", "isolation", "search", "configure", "compose")

for name in sys.argv[1:] or ALL:
    importlib.import_module(f"tests.load.{name}").main()
