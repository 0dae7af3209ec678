"""Moderation: flags, held texts, one queue. Announces ``flag.raised``, ``flag.settled``."""
