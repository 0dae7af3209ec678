"""Pictures of a product's options: kept with the product, named in its model, shown as pictures and nothing else.

Drawings (SVG) are kept as they are and run nothing where they are shown; all others are drawn anew, as those in texts are.
A model may name a picture that was sent for a text as well, by its address.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from sqlalchemy import func, select

from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session, verb
from codesign.kernel.errors import Conflict, Invalid, NotFound, TooLarge
from codesign.kernel.pictured import MEDIA_TYPE
from codesign.kernel.text import _
from codesign.pictures.redrawing import redraw
from codesign.products.models import Product, ProductPicture
from codesign.products.queries import product_access

MOST_DRAWING = 200_000
#: As large as an option is ever shown, twice.
LONGEST_SIDE = 1024
MOST_PICTURES = 300
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,79}")
SVG = "image/svg+xml"
_BLANK = b"\xef\xbb\xbf \t\r\n"


@dataclass(frozen=True)
class PictureFact:
    """A picture: its name, what it is, and the file."""

    name: str
    media_type: str
    content: bytes


def put_picture(actor: Actor, product_id: str, name: str, content: bytes) -> str:
    """Keep a picture of a product under *name* (product team), in place of one of that name; returns its media type.

    Raises Invalid for a name or a file that cannot be used, TooLarge, Conflict for one picture too many.
    """
    product_access(actor, product_id, "product")  # nobody else makes us read a file
    if not NAME.fullmatch(name):
        raise Invalid.field("name", _("A name has letters, digits, “-”, “_” and “.”, at most 80."))
    if _is_drawing(content):
        return _store(actor, product_id, name, SVG, content)
    return _store(actor, product_id, name, MEDIA_TYPE, redraw(content, LONGEST_SIDE).content)


@verb
def _store(actor: Actor, product_id: str, name: str, media_type: str, content: bytes) -> str:
    product, _access = product_access(actor, product_id, "product")
    # Two new pictures of one name, or one too many, come one after the other.
    session().execute(select(Product.id).where(Product.id == product.id).with_for_update(key_share=True))
    row = session().get(ProductPicture, (product.id, name), with_for_update=True)
    if row is None:
        count = select(func.count()).select_from(ProductPicture).where(ProductPicture.product_id == product.id)
        if (session().scalar(count) or 0) >= MOST_PICTURES:
            raise Conflict(_("A product has at most %(most)s pictures.", most=MOST_PICTURES))
        row = ProductPicture(product_id=product.id, name=name, space_id=product.space_id)
        session().add(row)
    row.media_type, row.content = media_type, base64.b64encode(content).decode()
    row.created_at = clock.now()
    session().flush()
    return media_type


def _is_drawing(content: bytes) -> bool:
    if not content.lstrip(_BLANK).startswith(b"<"):
        return False
    if len(content) > MOST_DRAWING:
        raise TooLarge(_("A drawing has at most %(most)s kB.", most=MOST_DRAWING // 1000))
    try:
        return str(fromstring(content).tag).endswith("}svg")
    except (ParseError, DefusedXmlException, ValueError, LookupError):  # the last: an encoding nobody knows
        return False


@verb
def remove_picture(actor: Actor, product_id: str, name: str) -> None:
    """Throw a picture away (product team); options that name it show none. NotFound where there is none."""
    product, _access = product_access(actor, product_id, "product")
    row = session().get(ProductPicture, (product.id, name))
    if row is None:
        raise NotFound(_("There is no such picture."))
    session().delete(row)


@reading
def get_picture(product_id: str, name: str) -> PictureFact | None:
    """A picture, whoever asks: the caller has passed the gate of its product."""
    row = session().get(ProductPicture, (product_id, name))
    return PictureFact(row.name, row.media_type, base64.b64decode(row.content)) if row else None


@reading
def list_pictures(product_id: str) -> list[str]:
    """The names of a product's pictures."""
    query = select(ProductPicture.name).where(ProductPicture.product_id == product_id)
    return list(session().scalars(query.order_by(ProductPicture.name)))
