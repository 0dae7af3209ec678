"""What is due by the clock in spaces; the worker calls it every few seconds."""

from __future__ import annotations

from codesign.spaces.service import finish_deletions, run_due_phases

__all__ = ["finish_deletions", "run_due_phases"]
