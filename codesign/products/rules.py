"""What the fields of a product may hold."""

from __future__ import annotations

import re
import unicodedata

from codesign.kernel.errors import Invalid
from codesign.kernel.text import _

MOST_NAME, MOST_DESCRIPTION, MOST_SLUG = 120, 5_000, 64
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
#: Ends of addresses that pages use themselves.
RESERVED_SLUGS = frozenset({"new"})


def check_name(name: str) -> str:
    """The name as it is kept; raises Invalid."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not 2 <= len(name) <= MOST_NAME:
        raise Invalid.field("name", _("Give it a name of 2 to %(most)s letters.", most=MOST_NAME), "length")
    return name


def check_description(text: str) -> str:
    """The words as they are kept; raises Invalid."""
    text = text.strip()
    if len(text) > MOST_DESCRIPTION:
        raise Invalid.field("description", _("At most %(most)s letters.", most=MOST_DESCRIPTION), "length")
    return text


def check_slug(slug: str) -> str:
    """The end of an address as it is kept; raises Invalid."""
    if not SLUG.fullmatch(slug) or len(slug) > MOST_SLUG or slug in RESERVED_SLUGS:
        raise Invalid.field("slug", _("Use small letters, digits and single dashes, like city-bike."), "invalid")
    return slug


def slug_of(name: str) -> str:
    """An address made of a name."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MOST_SLUG].strip("-")
    return slug if slug and slug not in RESERVED_SLUGS else "product"
