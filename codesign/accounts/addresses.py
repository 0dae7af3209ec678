"""E-mail addresses: which we take, how we write them, and which two mean the same person.

The rules, told in docs/use/account.md:

- Outer spaces are cut, everything is lower case, the domain is written the way the mail system does (IDNA, UTS 46).
- Before the ``@`` stand plain letters, digits and ``.!#$%&'*+/=?^_`{|}~-``; no quotes, no comments, no other alphabets,
  no encoded words: what only looks like another address is refused, not guessed at.
- Two addresses mean the same person when they differ in what follows a ``+``, and at Gmail in dots. Letters still go to
  the address as it was given.
"""

from __future__ import annotations

import re

import idna

from codesign.kernel.errors import Invalid
from codesign.kernel.text import _

LONGEST = 254
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_ENCODED_WORD = re.compile(r"=\?.*\?=")
_DOTS_MEAN_NOTHING = {"gmail.com", "googlemail.com"}


def tidy_address(address: str) -> str:
    """*address* the way we write and use it; raises Invalid for one we do not take."""
    local, at, domain = address.strip().rpartition("@")
    local = local.lower()
    fits = at and len(local) <= 64 and _LOCAL.fullmatch(local) and not _ENCODED_WORD.search(local)
    tidy = f"{local}@{_tidy_domain(domain)}" if fits else ""
    if not tidy or tidy.endswith("@") or len(tidy) > LONGEST:
        raise Invalid.field("email", _("This does not look like an e-mail address, e.g. mira@example.org."))
    return tidy


def _tidy_domain(domain: str) -> str:
    try:
        plain = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return ""
    return plain if "." in plain or plain == "localhost" else ""


def person_key(address: str) -> str:
    """What two tidy addresses of one person have in common."""
    local, _at, domain = address.rpartition("@")
    local = local.split("+", 1)[0] or local
    if domain in _DOTS_MEAN_NOTHING:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def same_person(address: str, other: str) -> bool:
    """Whether two tidy addresses lead to the same person."""
    return person_key(address) == person_key(other)
