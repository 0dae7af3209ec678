"""A text's pages lie below its own space; below another one there is nothing, also for those who may see both."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from codesign.spaces.service import add_member
from tests.support.visitor import Visitor

pytestmark = pytest.mark.doors


def test_no_page_of_a_text_answers_below_another_space(app: Flask, make_world: Any) -> None:
    here, there = make_world(), make_world(visibility="private")
    add_member(there.owner, there.space.id, person_id=here.owner.person_id, role="owner")
    idea = here.idea(here.owner)
    comment = here.comment(idea, here.owner)
    names = {"idea_id": idea.id, "comment_id": comment.id, "target_id": idea.id, "kind": "idea"}
    visitor = Visitor.of(app, here.owner)

    def ask(rule: Rule, slug: str, **values: str) -> int:
        known = {**names, "space": slug, **values}
        built = rule.build({name: known.get(name, "x") for name in rule.arguments})
        assert built is not None
        path = built[1]
        return int((visitor.get(path) if "GET" in (rule.methods or ()) else visitor.send(path)).status_code)

    pages = [
        rule for rule in app.url_map.iter_rules()
        if "space" in rule.arguments and {"idea_id", "comment_id", "target_id"} & rule.arguments
        and not rule.rule.startswith("/api/")
    ]  # fmt: skip
    assert {"ideas.edit", "ideas.withdraw", "comments.save", "moderation.ask", "merging.choose", "customers.voice"} <= {
        rule.endpoint for rule in pages
    }
    for rule in pages:
        assert ask(rule, there.space.slug) == 404, rule.rule
        if "target_id" in rule.arguments:
            assert ask(rule, there.space.slug, kind="comment", target_id=comment.id) == 404, rule.rule
        if "GET" in (rule.methods or ()):
            assert ask(rule, here.space.slug) == 200, rule.rule
