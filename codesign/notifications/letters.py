"""Writing letters: plain text, no names that somebody chose (a name can look like a link), links to this server only.

Each is written in the language of its reader, where that is known; otherwise in the server's.
"""

from __future__ import annotations

from codesign.kernel.config import Settings
from codesign.kernel.text import _, said

#: Where a server is found that nobody told its public address.
ADDRESS_FILE = "address"
LOCAL = "http://127.0.0.1:5000"

_settings: Settings | None = None


def use(settings: Settings) -> None:
    """Write letters for the server with these *settings*."""
    global _settings
    _settings = settings


def signing_key() -> str:
    """What links in letters are signed with."""
    if _settings is None:
        raise RuntimeError("no server writes letters yet")
    return _settings.signing_key()


def base_address(settings: Settings | None = None) -> str:
    """The address links in letters begin with: the public one, else where the server last listened. Never a header."""
    settings = settings or _settings
    if settings is None:
        return LOCAL
    if settings.base_url:
        return str(settings.base_url).rstrip("/")
    file = settings.instance_folder / ADDRESS_FILE
    return file.read_text().strip() if file.exists() else LOCAL


def reset_letter(path: str, language: str | None) -> tuple[str, str]:
    """Subject and body of the letter to somebody who forgot a password."""
    body = _(
        "Somebody, probably you, wants to choose a new password for your account here.\n\n"
        "This link does it, once, within an hour:\n%(link)s\n\n"
        "If it was not you, throw this letter away: your password stays as it is.\n",
        link=base_address() + path,
    )
    return said(_("Choose a new password"), language), said(body, language)


def ringing_letter(says: str, path: str, language: str | None) -> tuple[str, str]:
    """Subject and body of the letter to somebody who has to look after a space: what happened, and where."""
    body = _(
        "%(says)s\n\nSee what it is, and what to do:\n%(link)s\n\nYou get this letter because you look after this space.\n",
        says=says,
        link=base_address() + path,
    )
    return said(says, language), said(body, language)


def invitation_letter(path: str, days: int, language: str | None) -> tuple[str, str]:
    """Subject and body of the letter to somebody who is invited."""
    body = _(
        "You are invited to a space where people design products together: ideas, votes and comments.\n\n"
        "This link lets you in. It works once, for %(days)s days:\n%(link)s\n\n"
        "If you do not know what this is about, throw this letter away.\n",
        link=base_address() + path,
        days=days,
    )
    return said(_("You are invited"), language), said(body, language)
