"""What plugins may read of core: published texts in bulk, and facts as a viewer may see them."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask

from codesign import sdk
from codesign.accounts.service import change_profile
from codesign.comments import service as comments
from codesign.ideas import service as ideas
from codesign.kernel import db
from codesign.kernel.actor import ANONYMOUS, SYSTEM
from codesign.testing import actor_of


def test_texts_are_those_everybody_may_read(app: Flask, make_space: Any, make_person: Any, make_idea: Any) -> None:
    ann = make_person("Ann Author")
    space = make_space()
    seen, hidden = make_idea(space, "A louder bell", author=ann, tags=["bell"]), make_idea(space, "Something rude")
    said = comments.add_comment(actor_of(ann), seen.id, "It should ring twice.")
    note = comments.add_comment(SYSTEM, seen.id, "Ask the workshop.", internal=True)
    ideas.hide_idea(SYSTEM, hidden.id, "rude")
    assert [(text.id, text.tags, text.author_id) for text in sdk.idea_texts(space.id)] == [(seen.id, ("bell",), ann.id)]
    assert [text.id for text in sdk.comment_texts(space.id)] == [said.id]
    assert sdk.comment_texts(space.id, [note.id]) == [] and sdk.idea_texts(space.id, [hidden.id]) == []
    assert sdk.idea_texts(space.id, after=seen.id) == [] and sdk.count_ideas(space.id) == 1
    assert [text.id for text in sdk.comment_texts(space.id, idea_ids=[seen.id])] == [said.id]


def test_texts_asked_for_by_id_are_looked_up(app: Flask, make_space: Any, make_idea: Any, count_queries: Any) -> None:
    """SQLite goes through none of the others to find a few: what follows the log asks so for each fact."""
    if not db.current().is_sqlite:
        return
    space, ids = make_space(), [f"x{number}" for number in range(40)]
    make_idea(space, "A louder bell")
    with count_queries() as statements:
        sdk.idea_texts(space.id, ids)
        sdk.comment_texts(space.id, ids)
        sdk.comment_texts(space.id, idea_ids=ids)
    plans = ""
    with sdk.read() as session:
        for statement in statements:
            asked = session.connection().exec_driver_sql(
                f"EXPLAIN QUERY PLAN {statement}", ("x",) * statement.count("?")
            )
            plans += f"{' '.join(row.detail for row in asked)}\n"
    for table, column in (("idea", "id"), ("comment", "id"), ("comment", "idea_id")):
        assert re.search(rf"^SEARCH {table} USING INDEX \w+ \({column}=\?\)", plans, re.MULTILINE), plans


def test_facts_and_names_are_those_the_viewer_may_see(
    app: Flask, make_space: Any, make_person: Any, make_idea: Any
) -> None:
    shy, ann, owner = make_person("Annabel"), make_person("Ann"), make_person("Olga")
    change_profile(actor_of(shy), name="Annabel", show_name=False)
    make_person("Anna Elsewhere")  # wrote nothing here
    space = make_space(owner=owner)
    first, second = make_idea(space, "A louder bell", author=ann), make_idea(space, "A softer seat", author=shy)
    ideas.hide_idea(SYSTEM, second.id, "twice")
    third = make_idea(space, "A third thing", author=shy)
    assert set(sdk.ideas(ANONYMOUS, space.id, [first.id, second.id, third.id])) == {first.id, third.id}
    assert sdk.people(ANONYMOUS, space.id, "ann") == {ann.id: "Ann"}
    assert sdk.people(actor_of(owner), space.id, "ann") == {ann.id: "Ann", shy.id: "Annabel"}
    assert sdk.people(ANONYMOUS, space.id, "example.org") == {}
    assert sdk.names(ANONYMOUS, space.id, [ann.id, shy.id]) == {ann.id: "Ann"}
    assert [status.kind for status in sdk.statuses(space.id)][:1] == ["open"]


def test_places_are_spaces_one_may_see_with_the_plugin_on(
    app: Flask, plugins: Any, make_space: Any, make_person: Any
) -> None:
    member = make_person()
    public, private, off = make_space(), make_space(visibility="private", owner=member), make_space()
    for space in (public, private):
        plugins.enable("scoring", space)
    with app.app_context():
        assert [space.id for space in sdk.places(ANONYMOUS, "scoring")] == [public.id]
        assert {space.id for space in sdk.places(actor_of(member), "scoring")} == {public.id, private.id}
    assert sdk.find_space(off.slug) == sdk.find_space(off.id) and sdk.find_space("nowhere") is None
