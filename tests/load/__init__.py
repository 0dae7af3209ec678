"""Benchmarks: every speed we speak of is measured here, beside a peer, in one run. ``make bench`` runs them all."""
