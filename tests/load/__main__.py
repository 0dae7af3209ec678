"""Runs every benchmark: ``python -m tests.load [votes] [fanout] [lists] [scores] [isolation] [search] [configure] [compose]``."""

from __future__ import annotations

import importlib
import sys

ALL = ("votes", "fanout", "lists", "scores", "isolation", "search", "configure", "compose")

for name in sys.argv[1:] or ALL:
    importlib.import_module(f"tests.load.{name}").main()
