"""Reading pictures: through the gate of the texts that show them."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import select

from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session
from codesign.kernel.errors import NotFound, Problem
from codesign.kernel.pictured import NAME
from codesign.kernel.text import _
from codesign.pictures.facts import PictureFact
from codesign.pictures.models import Picture, PictureUse
from codesign.pictures.ports import ports
from codesign.spaces.access import look

MISSING = _("There is no such picture, or you may not see it.")
COLUMNS = [Picture.__table__.columns[field.name] for field in fields(PictureFact)]


@reading
def get_picture(actor: Actor, picture_id: str) -> PictureFact:
    """A picture *actor* may see: its own, or one in a text it may read. NotFound else, whatever the reason."""
    row = session().execute(select(*COLUMNS).where(Picture.id == picture_id)).first()
    if row is None or not _sees(actor, fact := PictureFact(**row._mapping)):
        raise NotFound(MISSING)
    return fact


def _sees(actor: Actor, picture: PictureFact) -> bool:
    try:
        look(actor, picture.space_id)
    except Problem:
        return False
    if actor.person_id is not None and picture.owner_id == actor.person_id:
        return True
    uses = select(PictureUse.kind, PictureUse.text_id).where(PictureUse.picture_id == picture.id)
    return any(ports.reads(actor, use.kind, use.text_id) for use in session().execute(uses))


@reading
def get_file(actor: Actor, name: str) -> bytes:
    """What lies at an address, for whom ``get_picture`` answers; a name that says another size is the name of nothing."""
    found = NAME.fullmatch(name)
    if found is None or get_picture(actor, found[1]).name != name:
        raise NotFound(MISSING)
    return session().scalars(select(Picture.content).where(Picture.id == found[1])).one()
