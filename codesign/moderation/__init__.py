"""Moderation: flags, held texts, appeals, one queue, a public count of what was decided.

Announces ``flag.raised``, ``flag.settled``, ``text.claimed``, ``text.decided``, ``text.appealed``.
"""
