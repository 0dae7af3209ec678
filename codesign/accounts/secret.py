"""Random secrets of links and tokens. Only their hashes are kept; with 256 random bits a plain hash is enough."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_PREFIX = "cds_"  # noqa: S105 - how a token begins, so that scanners of leaked secrets know it


def new_secret() -> str:
    """A secret for a link: 43 letters that fit an address."""
    return secrets.token_urlsafe(32)


def new_token() -> str:
    """A secret for a program."""
    return TOKEN_PREFIX + new_secret()


def hash_secret(secret: str) -> str:
    """What is kept of *secret*."""
    return hashlib.blake2b(secret.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()
