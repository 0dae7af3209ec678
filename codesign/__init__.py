"""Codesign: a self-hosted place where a company and its customers design products together, live."""

__version__ = "0.1.0"
