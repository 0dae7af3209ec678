"""Secrets of other systems (a CRM's token) lie in the database encrypted: a copy of the tables alone opens nothing."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from codesign.kernel.errors import Invalid
from codesign.kernel.text import _

if TYPE_CHECKING:  # a heavy library: loaded when the first secret is kept
    from cryptography.fernet import Fernet


def _fernet(key: str, purpose: str) -> Fernet:
    """A key for one purpose, derived from the server's secret key by HKDF (RFC 5869)."""
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(SHA256(), 32, None, f"codesign sealed {purpose}".encode()).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def seal(key: str, purpose: str, text: str) -> str:
    """*text* as it is kept; only ``unseal`` with the same secret *key* and *purpose* reads it."""
    return _fernet(key, purpose).encrypt(text.encode()).decode()


def unseal(key: str, purpose: str, sealed: str) -> str:
    """What was sealed; Invalid when it was sealed with another secret key, or changed."""
    from cryptography.fernet import InvalidToken

    try:
        return _fernet(key, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Invalid(_("This secret was kept with another secret key of the server. Enter it anew.")) from None
