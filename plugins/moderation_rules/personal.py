"""Personal data in a text: e-mail, telephone, card and account numbers. Numbers count only when their check digits fit.

Every pattern is bounded, so no text is slow: nothing repeats inside a repetition over the same letters.
"""

from __future__ import annotations

import re

from stdnum import iban, luhn

EMAIL, PHONE, CARD, ACCOUNT = "email", "phone", "card", "account"

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}")
_DIGITS = re.compile(r"(?<![\w+])[+(]?\d(?:[ ./()-]{0,2}\d){6,18}(?!\w)")
_ACCOUNT = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?!\w)")
_DATE = re.compile(r"(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})\Z")
_IN_GROUPS = re.compile(r"\(?\d{2,4}\)?[ .-]\d{3,4}[ .-]?\d{3,4}\Z")


def personal_data(text: str) -> tuple[str, ...]:
    """The kinds of personal data in a text."""
    kinds: set[str] = set()
    if _EMAIL.search(text):
        kinds.add(EMAIL)
    if any(iban.is_valid(found) for found in _ACCOUNT.findall(text)):
        kinds.add(ACCOUNT)
    for found in _DIGITS.findall(_ACCOUNT.sub("", text)):
        kinds.update(_kind_of_number(found))
    return tuple(kind for kind in (EMAIL, PHONE, CARD, ACCOUNT) if kind in kinds)


def _kind_of_number(text: str) -> tuple[str, ...]:
    """Card or telephone number, or neither: years, prices, dates and bare counts are neither."""
    digits = re.sub(r"\D", "", text)
    if 13 <= len(digits) <= 19 and luhn.is_valid(digits) and len(set(digits)) > 1:
        return (CARD,)
    if not 9 <= len(digits) <= 15 or _DATE.match(text):
        return ()
    begins = text.startswith(("+", "(", "0"))
    return (PHONE,) if begins or (len(digits) in (9, 10) and _IN_GROUPS.match(text)) else ()
