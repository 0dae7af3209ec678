"""What the forms about ideas post."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from codesign.ideas.facts import IdeaFact
from codesign.ideas.texts import MOST_GROUP
from codesign.kernel.text import _
from codesign.pictures.taking import PictureForm
from codesign.web.forms import Form, Line, Prose, Query


class IdeaForm(PictureForm):
    """Proposing: ``seen`` says that the look-alikes have been shown and none of them fits."""

    title = Line(load_default="", validate=validate.Length(max=1000, error=_("This is too long.")))
    body = Prose(load_default="")
    tags = Line(load_default="", validate=validate.Length(max=1000, error=_("This is too long.")))
    configuration = Line(load_default="", validate=validate.Length(max=26))
    for_product = Line(load_default="", validate=validate.Length(max=26))
    for_group = Line(load_default="", validate=validate.Length(max=MOST_GROUP))
    seen = fields.Boolean(truthy={"1"}, falsy={"0", ""}, load_default=False)


class EditForm(IdeaForm):
    """Editing: the version the writer began with."""

    version = fields.Integer(required=True)


class TitleQuery(Query):
    """The words and tags a new idea starts with, the configuration it carries, the part of a product it is for."""

    title = Line(load_default="", validate=validate.Length(max=1000))
    tags = Line(load_default="", validate=validate.Length(max=1000))
    configuration = Line(load_default="", validate=validate.Length(max=26))
    for_product = Line(load_default="", validate=validate.Length(max=26))
    for_group = Line(load_default="", validate=validate.Length(max=MOST_GROUP))


class SimilarQuery(Query):
    """What is being typed, and the idea to leave out."""

    q = Line(load_default="", validate=validate.Length(max=1000))
    title = Line(load_default="", validate=validate.Length(max=1000))
    skip = Line(load_default=None, validate=validate.Length(max=26))


class StatusForm(Form):
    """The team sets a status."""

    status = Line(required=True, validate=validate.Length(max=26))


class AnswerForm(Form):
    """The team answers, or takes its answer back."""

    body = Prose(load_default="")
    do = Line(load_default="answer", validate=validate.OneOf(("answer", "remove")))


class FollowForm(Form):
    """Follow, or follow no more."""

    follow = fields.Boolean(truthy={"1"}, falsy={"0"}, required=True)


def split_tags(text: str) -> list[str]:
    """The tags in one field, separated by commas."""
    return [tag for tag in (part.strip() for part in text.split(",")) if tag]


def words_of(idea: IdeaFact) -> dict[str, Any]:
    """The words of an idea as its form shows them."""
    return {"title": idea.title, "body": idea.body, "tags": ", ".join(idea.tags)}
