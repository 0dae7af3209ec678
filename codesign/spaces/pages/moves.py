"""The settings page of rules for moves: which change of status needs what."""

from __future__ import annotations

from typing import Any

from flask import request

from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, Invalid
from codesign.kernel.text import _
from codesign.spaces import queries
from codesign.spaces.facts import MOVERS, Access
from codesign.spaces.pages.base import blueprint
from codesign.spaces.pages.forms import MoveRuleForm
from codesign.spaces.service import workflow
from codesign.spaces.tabs import entered, settings_page
from codesign.web.forms import Form, done, posted, refusals
from codesign.web.identity import current_actor

TITLES = {
    "moderator": _("Everybody in the team"), "product": _("Product people and owners"), "owner": _("Owners"),
    "nobody": _("Nobody"),
}  # fmt: skip


@blueprint.get("/spaces/<space>/settings/statuses/moves")
def moves(space: str) -> Any:
    """The rules, for owners."""
    return _moves(entered(space, "own"))


def _moves(access: Access, errors: Any = (), status: int = 200) -> Any:
    with read():
        statuses = queries.list_statuses(access.space.id, retired=True)
        rules = workflow.list_rules(access.space.id)
    return settings_page(
        "spaces/moves.html", access, "statuses", status, errors=errors, typed=request.form, rules=rules,
        by_id={each.id: each for each in statuses}, titles=TITLES, roles=[(each, TITLES[each]) for each in MOVERS],
        choices=[("", _("Any status")), *((each.id, each.name) for each in statuses if not each.retired)],
    )  # fmt: skip


@blueprint.post("/spaces/<space>/settings/statuses/moves")
def add_rule(space: str) -> Any:
    """Add a rule."""
    try:
        content = posted(MoveRuleForm())
        workflow.add_rule(
            current_actor(), space, content["from_id"] or None, content["to_id"] or None, content["role"],
            bool(content["needs_answer"]),
        )  # fmt: skip
    except (Invalid, Conflict) as problem:
        return _moves(entered(space, "own"), refusals(problem), problem.status)
    return done(_("From now on."), "spaces.moves", space=space)


@blueprint.post("/spaces/<space>/settings/statuses/moves/<rule_id>/remove")
def remove_rule(space: str, rule_id: str) -> Any:
    """Take a rule away."""
    posted(Form())
    workflow.remove_rule(current_actor(), space, rule_id)
    return done(_("The rule is gone."), "spaces.moves", space=space)
