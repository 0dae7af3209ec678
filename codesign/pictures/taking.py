"""The picture that comes with a form: taken for whoever sends it, and named at the end of the text."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import validate

from codesign.kernel.actor import Actor
from codesign.kernel.errors import Conflict, Invalid, TooLarge
from codesign.kernel.pictured import reference
from codesign.kernel.text import _
from codesign.pictures.limits import count_picture
from codesign.pictures.service import add_picture
from codesign.web.forms import Form, Line

MOST_WORDS = 300


class PictureForm(Form):
    """A form whose text may get a picture: the file comes beside it as ``picture``."""

    picture_words = Line(load_default="", validate=validate.Length(max=MOST_WORDS, error=_("This is too long.")))


def has_picture() -> bool:
    """Whether a file came with the form."""
    sent = request.files.get("picture")
    return sent is not None and bool(sent.filename)


def drop_picture(values: dict[str, Any]) -> None:
    """Leave the picture of the form where it is: a text that waits for its author to sign in comes along without it."""
    del values["picture_words"]


def take_picture(actor: Actor, space_ref: str, values: dict[str, Any]) -> None:
    """Put the picture of the form, if one came, at the end of ``values["body"]`` and drops the words for it.

    Raises Invalid with what to say beside the field, TooMany, Closed; Unauthenticated and Forbidden for who may not.
    """
    if not has_picture():
        drop_picture(values)
        return
    if not (words := values["picture_words"]):
        raise Invalid.field("picture_words", _("Say what the picture shows, for those who cannot see it."), "required")
    count_picture(actor)
    try:
        picture = add_picture(actor, space_ref, request.files["picture"].read())
    except (TooLarge, Conflict) as problem:
        raise Invalid.field("picture", problem.sentence, problem.code) from None
    del values["picture_words"]
    values["body"] = f"{values['body']}\n\n{reference(picture.address, words)}".lstrip()
