"""What plugins get to know of texts and reports, and how they hold one."""

from __future__ import annotations

from codesign import sdk
from codesign.comments.service import remove_comment
from codesign.ideas.queries import get_idea
from codesign.kernel.contribution import HELD
from codesign.kernel.db import read, verb
from codesign.moderation.service import raise_flag, settle_flags
from codesign.moderation.texts import accuracy_of
from tests.support.world import World


def test_plugins_read_texts_in_any_state_but_no_notes(world: World) -> None:
    idea = world.idea(body="Bright")
    comment, gone = world.comment(idea), world.comment(idea)
    note = world.comment(idea, world.moderator, "For us", internal=True)
    remove_comment(world.ben, gone.id)
    settle_flags(world.moderator, "idea", idea.id, "hide", "No")
    wanted = [("idea", idea.id), *(("comment", each.id) for each in (comment, gone, note)), ("idea", "0" * 26)]
    found = sdk.texts(world.space.id, wanted)
    assert set(found) == {("idea", idea.id), ("comment", comment.id)}
    assert found["idea", idea.id].state == "hidden" and found["idea", idea.id].body == "Bright"
    assert found["comment", comment.id].idea_id == idea.id and found["comment", comment.id].title == idea.title


def test_a_report_weighs_what_its_author_was_right_about(world: World) -> None:
    for decision in ("hide", "keep", "hide"):
        idea = world.idea()
        raise_flag(world.ben, "idea", idea.id)
        settle_flags(world.moderator, "idea", idea.id, decision, "Because")
    again = world.idea()
    raise_flag(world.ben, "idea", again.id)
    raise_flag(world.stranger, "idea", again.id)
    weights = [(report.person_id, report.accuracy) for report in sdk.reports(world.space.id, "idea", again.id)]
    assert weights == [(world.ben.person_id, (2 + 1) / (3 + 2)), (world.stranger.person_id, 0.5)]
    assert accuracy_of(world.space.id, []) == {}


def test_a_plugin_holds_what_is_published_and_the_log_names_it(world: World) -> None:
    idea, comment = world.idea(), world.comment(world.idea())

    @verb
    def both() -> None:
        for kind, text_id in (("idea", idea.id), ("comment", comment.id), ("comment", comment.id)):
            sdk.hold("acme", world.space.id, kind, text_id, "Reported by many")

    both()
    held = get_idea(world.ann, idea.id)
    assert held.state == HELD and held.verdict is not None
    assert [(line["act"], line["by"]) for line in held.verdict["history"]] == [("hold", "plugin:acme")]
    with read():
        assert world.names().count("comment.held") == 1
