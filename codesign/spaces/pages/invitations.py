"""The page behind an invitation link. Looking uses nothing up; joining does."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template

from codesign.kernel.db import read
from codesign.kernel.text import _
from codesign.spaces import queries, service, words
from codesign.spaces.pages.base import blueprint
from codesign.web.forms import Form, done, posted
from codesign.web.identity import current_actor


@blueprint.get("/invitations/<secret>")
def invitation(secret: str) -> Any:
    """What somebody is invited to."""
    actor = current_actor()
    with read():
        found, space = queries.open_invitation(secret)
        member = queries.get_member(space.id, actor.person_id) if actor.person_id else None
    signed_in = actor.known and not actor.guest
    html = render_template(
        "spaces/invitation.html", invitation=found, invited_to=space, secret=secret, words=words, signed_in=signed_in,
        is_member=member is not None and member.role != "" and not member.banned,
    )  # fmt: skip
    response = make_response(html)
    # The address itself is the secret: no cache keeps it and no link passes it on.
    response.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    return response


@blueprint.post("/invitations/<secret>")
def accept(secret: str) -> Any:
    """Join."""
    posted(Form())
    space = service.accept_invitation(current_actor(), secret)
    return done(_("Welcome to %(name)s.", name=space.name), "spaces.about", space=space.slug)
