"""Several people at one desk: who chose what, what somebody else did last, who edits along and by which link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from codesign.configurations import service
from codesign.configurations.facts import ConfigurationFact, EditFact
from codesign.configurations.history import editors_of, edits_after, latest_edits, own_edits
from codesign.configurations.pages.begin import composer
from codesign.configurations.pages.blueprint import blueprint
from codesign.configurations.pages.forms import JoinForm, TogetherForm
from codesign.configurations.queries import find_configuration, partners_of
from codesign.configurations.steps import Overtaken
from codesign.configurations.views import configuration_url, label, option_name
from codesign.ideas.limits import count_text
from codesign.ideas.people import Author, authors
from codesign.kernel.actor import Actor
from codesign.kernel.db import read
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.products.engine import Model
from codesign.products.queries import get_version, model_of
from codesign.spaces.facts import Access
from codesign.web.forms import Form, posted
from codesign.web.identity import current_actor

#: How far back the last edit of somebody else is looked for.
MOST_LATEST = 20

#: What somebody did, told to the others.
TOLD = {
    "on": _("%(name)s chose %(option)s"),
    "off": _("%(name)s ruled out %(option)s"),
    "open": _("%(name)s left %(option)s open"),
    "swap": _("%(name)s made %(option)s possible"),
    "wish": _("%(name)s wished for %(option)s"),
    "unwish": _("%(name)s gave up the wish for %(option)s"),
    "completed": _("%(name)s completed the rest"),
    "reset": _("%(name)s began anew"),
    "many": _("%(name)s changed several things"),
    "migrated": _("%(name)s moved the draft to the new version"),
    "undo": _("%(name)s took a step back"),
    "redo": _("%(name)s took a step forth again"),
}


@dataclass(frozen=True)
class Latest:
    """What somebody else did last. ``lost``: it took the place of a choice of the viewer's."""

    number: int
    words: Markup
    name: str
    guest: bool
    lost: bool
    at: datetime


@dataclass(frozen=True)
class Partner:
    """Somebody who edits along."""

    id: str
    name: str
    guest: bool


@dataclass(frozen=True)
class Company:
    """Who is at a desk besides the viewer: ``who`` names them by the option they decided."""

    who: Mapping[str, str] = field(default_factory=dict)
    latest: Latest | None = None
    partners: tuple[Partner, ...] = ()


NOBODY = Company()


def company_of(access: Access, configuration: ConfigurationFact, model: Model) -> Company:
    """Who else is at this desk. Needs a read block around it."""
    if not configuration.together:
        return NOBODY
    decided = [*configuration.decisions, *configuration.contested]
    marks = {option: configuration.marks[option] for option in decided if option in configuration.marks}
    editors = editors_of(configuration.id, set(marks.values()))
    edits = [each for each in latest_edits(configuration.id, MOST_LATEST) if each.person_id != access.person_id]
    partners = partners_of(configuration.id)
    named = authors(access, [*editors.values(), *partners, *(edit.person_id for edit in edits[:1])])
    who = {
        option: name_of(named.get(editors[number]))
        for option, number in marks.items()
        if number in editors and editors[number] != access.person_id
    }
    people = tuple(Partner(each, name_of(named.get(each)), _is_guest(named.get(each))) for each in partners)
    latest = _latest(access, model, edits[0], named.get(edits[0].person_id)) if edits else None
    return Company(who, latest, people)


def name_of(author: Author | None) -> str:
    """How somebody is called at a desk."""
    if author is None or not author.name:
        return gettext("somebody")
    return gettext("a guest") if author.guest else author.name


def _is_guest(author: Author | None) -> bool:
    return author is None or author.guest or not author.name


def _latest(access: Access, model: Model, edit: EditFact, author: Author | None) -> Latest:
    lost = _taken_from(edit, own_edits(edit.configuration_id, access.person_id, edit.number, MOST_LATEST))
    name = name_of(author)
    return Latest(edit.number, told(model, edit, name, lost), name, _is_guest(author), bool(lost), edit.at)


def _taken_from(edit: EditFact, mine: list[EditFact]) -> list[str]:
    """The choices of mine that an edit of somebody else put away."""
    found = []
    for option, (before, after) in edit.changes.items():
        last = next((each.changes[option][1] for each in mine if option in each.changes), None)
        if before and not after and last is before:
            found.append(option)
    return found


def told(model: Model, edit: EditFact, name: str, lost: list[str]) -> Markup:
    """What somebody did, in words; *lost* are choices of the viewer's that it put away."""
    did = edit.did
    if did == "many" and len(edit.changes) == 1 and edit.option in edit.changes:  # a form, but one choice
        did = {True: "on", False: "off", None: "open"}[edit.changes[edit.option][1]]
    words: dict[str, Any] = {"name": Markup("<b>{}</b>").format(name)}
    words["option"] = Markup("<b>{}</b>").format(option_name(model, edit.option))
    group = model.group_of.get(edit.option)
    if did == "on" and group is not None and any(before for before, _after in edit.changes.values()):
        words["group"] = label(group.label, group.id)
        said = escape(gettext("%(name)s changed %(group)s to %(option)s")) % words
    else:
        said = escape(gettext(TOLD.get(did, TOLD["many"]).message)) % words
    if lost:
        gone = Markup(", ").join(Markup("<b>{}</b>").format(option_name(model, each)) for each in lost[:3])
        return escape(gettext("%(said)s, in place of your %(options)s")) % {"said": said, "options": gone}
    return said


# --- What is said after a press ---------------------------------------------------------------------------------------


def say_clash(actor: Actor, configuration_id: str, seen: int | None) -> None:
    """Say it where somebody else set the same option at the same moment: the last one decided, or it has to be settled."""
    if seen is None:
        return
    with read():
        access, fact = find_configuration(actor, configuration_id)
        edits = edits_after(configuration_id, seen) if fact.together and fact.may_edit else []
        own = edits[-1] if edits and edits[-1].person_id == actor.person_id else None
        others = [each for each in edits if each.person_id != actor.person_id and own and each.options & own.options]
        version = get_version(fact.product_version_id)
        named = authors(access, [each.person_id for each in others[-1:]])
    if own is None or version is None:
        return
    model = model_of(version)
    contested = [each for each in own.options if each in fact.contested]
    if contested:
        options = Markup(", ").join(option_name(model, each) for each in contested[:3])
        flash(
            gettext("%(options)s contradicts what was chosen at the same moment. Settle it together.", options=options)
        )
    elif others:
        said = told(model, others[-1], name_of(named.get(others[-1].person_id)), []).striptags()
        flash(gettext("%(said)s at the same moment. Your choice came last and holds.", said=said))


def overtaken_words(actor: Actor, configuration_id: str, problem: Overtaken) -> str:
    """Why a step of mine is not taken back."""
    with read():
        access, fact = find_configuration(actor, configuration_id)
        version = get_version(fact.product_version_id)
        named = authors(access, [problem.by.person_id])
    option = option_name(model_of(version), problem.option) if version else problem.option
    name = name_of(named.get(problem.by.person_id))
    return gettext(
        "%(name)s changed %(option)s since you did. Your step stays; undo again takes back the one before it.",
        name=name[:1].upper() + name[1:],
        option=option,
    )


# --- Forms ------------------------------------------------------------------------------------------------------------


@blueprint.post("/spaces/<space>/configure/<configuration_id>/together")
def together(space: str, configuration_id: str) -> Response:
    """Let others edit along, or no more."""
    word, _colon, person_id = posted(TogetherForm())["do"].partition(":")
    actor = current_actor()
    if word == "open":
        service.open_to_others(actor, configuration_id)
        flash(_("Whoever opens the link you find under Share can join now."))
    elif word == "close":
        service.close_to_others(actor, configuration_id)
        flash(_("You edit alone again. What others did stays."))
    elif word == "remove":
        service.remove_partner(actor, configuration_id, person_id)
        flash(_("They edit along no more, and the link is a new one."))
    else:
        raise Invalid.field("do", _("This page does not know that button."), "unknown")
    return redirect(_desk(space, configuration_id), 303)


@blueprint.post("/spaces/<space>/configure/<configuration_id>/join")
def join(space: str, configuration_id: str) -> Response:
    """Edit along, by the key of the link; who must sign in first comes back to it."""
    key = posted(JoinForm())["key"]
    with read():
        access, _fact = find_configuration(current_actor(), configuration_id, key)
    actor = composer(access, "join", {"configuration_id": configuration_id, "key": key})
    if isinstance(actor, Response):
        return actor
    count_text(actor)
    flash(_("You edit this draft together now."))
    return redirect(configuration_url(service.join_draft(actor, configuration_id, key)), 303)


@blueprint.post("/spaces/<space>/configure/<configuration_id>/leave")
def leave(space: str, configuration_id: str) -> Response:
    """Edit along no more."""
    posted(Form())
    service.leave_draft(current_actor(), configuration_id)
    flash(_("You edit this draft no more."))
    return redirect(url_for("configurations.begin", space=space), 303)


def _desk(space: str, configuration_id: str) -> str:
    return url_for("configurations.show", space=space, configuration_id=configuration_id)
