"""Passwords: what we take, and argon2id hashes of them. Hashing runs in a thread; it takes tens of milliseconds."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from codesign.kernel.errors import Invalid
from codesign.kernel.lane import run_in_thread
from codesign.kernel.text import _

SHORTEST, LONGEST = 8, 200
#: The floor OWASP names for argon2id; a hash made with other numbers is made anew when its person signs in.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
#: Passwords everybody tries first. A longer list helps little where tries are limited.
_WORST = {
    "password", "password1", "password12", "password123", "passw0rd", "12345678", "123456789", "1234567890",
    "87654321", "11111111", "00000000", "qwertyui", "qwertyuiop", "qwerty123", "1q2w3e4r", "1qaz2wsx",
    "asdfghjk", "asdfghjkl", "zxcvbnm1", "iloveyou", "sunshine", "princess", "football", "baseball",
    "superman", "starwars", "trustno1", "whatever", "welcome1", "letmein1", "changeme", "administrator",
    "codesign",
}  # fmt: skip


def check_password(password: str, *known: str | None, field: str = "password") -> None:
    """Raise Invalid unless *password* is long enough, none of the worst, and not what everybody knows of the person."""
    if len(password) < SHORTEST:
        raise Invalid.field(
            field, _("Take at least %(count)s characters. A few words in a row are easy to keep.", count=SHORTEST)
        )
    if len(password) > LONGEST:
        raise Invalid.field(field, _("Take at most %(count)s characters.", count=LONGEST))
    lowered = password.lower()
    if lowered in _WORST or len(set(password)) < 3 or lowered in {text.lower() for text in known if text}:
        raise Invalid.field(field, _("Everybody would try this one first. Take another."))


def hash_password(password: str) -> str:
    """The argon2id hash of *password*."""
    return run_in_thread(lambda: _hasher.hash(password))


def password_fits(hashed: str | None, password: str) -> bool:
    """Whether *password* is the one behind *hashed*; takes equally long where there is none."""
    if len(password) > LONGEST:
        return False
    return run_in_thread(lambda: _verify(hashed, password))


def _verify(hashed: str | None, password: str) -> bool:
    try:
        _hasher.verify(hashed or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def outdated(hashed: str) -> bool:
    """Whether *hashed* was made with other numbers than we use now."""
    return _hasher.check_needs_rehash(hashed)


_nobodys_hash = ""


def _nobody() -> str:
    global _nobodys_hash
    _nobodys_hash = _nobodys_hash or _hasher.hash("nobody has this password")
    return _nobodys_hash
