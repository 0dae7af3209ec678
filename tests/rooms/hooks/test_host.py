"""Who is asked where, in which order, with which settings; switching without a restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import pytest
from marshmallow import Schema, fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from codesign.events import log
from codesign.events.base import SERVER
from codesign.hooks import asking, queries, service, tasks
from codesign.hooks.card import Plugin, Task
from codesign.hooks.facts import Found, Hit
from codesign.hooks.host import PluginHost
from codesign.hooks.rules import BallotKind, Score, ScoreRule
from codesign.hooks.settings import form
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.contribution import ALLOW, HOLD, REFUSE, TextDraft, Verdict
from codesign.kernel.errors import Conflict, Invalid, NotFound
from codesign.testing import Clock, Statements

from .conftest import SPACE, hooks_module, host_with, make_plugin

pytestmark = [pytest.mark.usefixtures("ground"), pytest.mark.doors]
OTHER = "01SPACE0000000000000000002"
ANN = Actor(person_id="01PERSON000000000000000001")
DRAFT = TextDraft("idea", "A belt")


@dataclass(frozen=True)
class Place:
    """A space, as far as these tests need one."""

    id: str = SPACE
    settings: dict[str, Any] = field(default_factory=dict)


class Words(Schema):
    """Settings of a test plugin."""

    most = fields.Integer(
        load_default=3, validate=validate.Range(min=1, max=9), metadata={"label": "Most", "unit": "links"}
    )
    words = fields.List(fields.String(), load_default=lambda: ["spam"])
    strict = fields.Boolean(load_default=False)

    @validates_schema
    def both(self, values: dict[str, Any], **_: Any) -> None:
        if values["strict"] and values["most"] > 5:
            raise ValidationError("Strict means five at most.", "most")


def reviewer(name: str, verdict: object, **parts: Any) -> Plugin:
    def review_contribution() -> object:
        if isinstance(verdict, Exception):
            raise verdict
        return verdict() if callable(verdict) else verdict

    return make_plugin(name, hooks=hooks_module(review_contribution=review_contribution), **parts)


def switch(host: PluginHost, *names: str, space: str = SPACE) -> None:
    for name in names:
        service.switch_plugin(SYSTEM, host, space, name, True)


def review(host: PluginHost, when_down: str = "newcomers", newcomer: bool = False) -> Verdict:
    return asking.review(host, Place(settings={"when_down": when_down}), ANN, DRAFT, newcomer)  # type: ignore[arg-type]


def test_only_where_it_is_on_and_without_a_restart() -> None:
    host = host_with(reviewer("one", Verdict(HOLD, ("three links",))))
    assert review(host).decision == ALLOW and not host.is_enabled("one", SPACE)
    switch(host, "one")
    assert review(host) == Verdict(HOLD, ("three links",)) and host.is_enabled("one", SPACE)
    assert asking.review(host, Place(OTHER), ANN, DRAFT, True).decision == ALLOW  # type: ignore[arg-type]
    service.switch_plugin(SYSTEM, host, SPACE, "one", False)
    assert review(host).decision == ALLOW


def test_the_strictest_verdict_counts_and_all_reasons_are_told() -> None:
    host = host_with(
        reviewer("a", Verdict(HOLD, ("links",))),
        reviewer("b", Verdict(REFUSE, ("words", "links"))),
        reviewer("c", None),
    )
    switch(host, "a", "b", "c")
    assert review(host) == Verdict(REFUSE, ("links", "words"))


@pytest.mark.parametrize(
    ("when_down", "newcomer", "decision"),
    [("hold", False, HOLD), ("newcomers", True, HOLD), ("newcomers", False, ALLOW), ("pass", True, ALLOW)],
)
@pytest.mark.parametrize("broken", [ValueError("boom"), "a text is no verdict", lambda: time.sleep(1.5)])
def test_a_silent_reviewer_counts_as_the_space_has_chosen(
    when_down: str, newcomer: bool, decision: str, broken: object
) -> None:
    host = host_with(reviewer("one", broken))
    switch(host, "one")
    started = time.monotonic()
    assert review(host, when_down, newcomer).decision == decision
    assert time.monotonic() - started < 1.2, "its 150 ms and not its second and a half"


def test_one_that_fails_stops_no_other() -> None:
    host = host_with(reviewer("a", ValueError()), reviewer("b", Verdict(REFUSE, ("words",))))
    switch(host, "a", "b")
    assert review(host).decision == REFUSE


def test_the_order_is_the_space_s_then_by_name() -> None:
    host = host_with(*(reviewer(name, None) for name in ("c", "a", "b")))
    switch(host, "a", "b", "c")
    assert [item.name for item in host.enabled(SPACE)] == ["a", "b", "c"]
    service.order_plugins(SYSTEM, host, SPACE, ["c", "a"])
    assert [item.name for item in host.enabled(SPACE)] == ["b", "c", "a"]


def test_hooks_are_asked_before_a_change_never_inside() -> None:
    host = host_with(reviewer("one", None))
    with pytest.raises(RuntimeError, match="never inside"):
        db.verb(lambda: review(host))()


def test_a_hook_gets_the_arguments_it_names() -> None:
    seen: list[object] = []

    def find_similar(text: str, settings: dict[str, Any], space: Place) -> list[Hit]:
        seen.extend([text, settings["most"], space.id])
        return []

    host = host_with(make_plugin(settings=Words, hooks=hooks_module(find_similar=find_similar)))
    switch(host, "listener")
    asking.find_similar(host, Place(), ANN, "belt")  # type: ignore[arg-type]
    assert seen == ["belt", 3, SPACE]


def finder(name: str, answer: object) -> Plugin:
    hooks = hooks_module(find_similar=lambda: answer, search_contributions=lambda: answer)
    return make_plugin(name, hooks=hooks)


def test_look_alikes_are_merged_best_first() -> None:
    host = host_with(
        finder("a", [Hit("idea", "1", SPACE, 0.5), Hit("idea", "2", SPACE, 0.9)]),
        finder("b", [Hit("idea", "1", SPACE, 0.7)]),
    )
    switch(host, "a", "b")
    found = asking.find_similar(host, Place(), ANN, "belt")  # type: ignore[arg-type]
    assert [(name, hit.id, hit.weight) for name, hit in found or ()] == [("a", "2", 0.9), ("b", "1", 0.7)]


def test_a_hit_elsewhere_is_dropped_and_held_against_the_plugin() -> None:
    host = host_with(finder("a", [Hit("idea", "1", OTHER), Hit("idea", "2", SPACE)]))
    switch(host, "a")
    found = asking.find_similar(host, Place(), ANN, "belt")  # type: ignore[arg-type]
    assert [hit.id for _, hit in found or ()] == ["2"]
    assert "outside the spaces" in host.runner.health("a").failures[-1].error


def test_a_search_takes_the_first_answer_of_those_on_in_every_space() -> None:
    host = host_with(finder("a", [Hit("idea", "1", SPACE)]), finder("b", None), finder("c", [Hit("idea", "3", OTHER)]))
    places: list[Any] = [Place(), Place(OTHER)]
    assert asking.search(host, places, ANN, "belt") is None
    switch(host, "a", "b", "c")
    switch(host, "b", "c", space=OTHER)
    found = asking.search(host, places, ANN, "belt")
    assert found is not None and found[0] == "c" and [hit.id for hit in found[1].hits] == ["3"]
    assert asking.search(host, places[:1], ANN, "belt") == ("a", Found([Hit("idea", "1", SPACE)]))


def test_forgetting_a_person_asks_all_whether_on_or_off() -> None:
    asked: list[str] = []

    def erase_person(person_id: str) -> None:
        asked.append(person_id)

    def fails() -> None:
        raise ValueError("no")

    host = host_with(
        make_plugin("a", hooks=hooks_module(erase_person=erase_person)),
        make_plugin("b", hooks=hooks_module(erase_person=fails)),
    )
    assert [(answer.plugin, answer.error) for answer in host.erase_person("p")] == [
        ("a", None),
        ("b", "ValueError: no"),
    ]
    assert asked == ["p"]


# --- Switching --------------------------------------------------------------------------------------------------------


def test_switching_is_recorded_once() -> None:
    host = host_with(make_plugin("one"))
    assert service.switch_plugin(SYSTEM, host, SPACE, "one", True) is True
    assert service.switch_plugin(SYSTEM, host, SPACE, "one", True) is False
    service.switch_plugin(SYSTEM, host, SPACE, "one", False)
    with db.read():
        facts = log.since(SPACE, 0)
    assert [(fact.name, fact.payload) for fact in facts] == [
        ("plugin.enabled", {"plugin": "one"}),
        ("plugin.disabled", {"plugin": "one"}),
    ]


def test_what_cannot_be_switched_says_why() -> None:
    host = host_with(make_plugin("one", scope="server"), make_plugin("bad", rules=(ScoreRule("top", print),)))
    with pytest.raises(NotFound):
        service.switch_plugin(SYSTEM, host, SPACE, "gone", True)
    with pytest.raises(Conflict, match="brought by both"):
        service.switch_plugin(SYSTEM, host, SPACE, "bad", True)
    with pytest.raises(Conflict, match="whole server"):
        service.switch_plugin(SYSTEM, host, SPACE, "one", True)
    service.switch_plugin(SYSTEM, host, SERVER, "one", True)
    assert host.is_enabled("one", SPACE) and host.is_enabled("one")


def test_what_works_in_single_spaces_is_not_switched_on_for_the_server() -> None:
    host = host_with(make_plugin("one"))
    with pytest.raises(Conflict, match="single spaces"):
        service.switch_plugin(SYSTEM, host, SERVER, "one", True)
    with db.read():
        assert log.since(SERVER, 0) == []
    assert service.switch_plugin(SYSTEM, host, SPACE, "one", True) is True


def test_what_is_on_is_read_once_per_snapshot(count_queries: Callable[[], AbstractContextManager[Statements]]) -> None:
    host = host_with(reviewer("one", None), reviewer("two", None))
    switch(host, "one", "two")
    with db.read(), count_queries() as statements:
        for _ in range(3):
            host.enabled(SPACE)
            review(host)
    assert len(statements) == 1, statements


def test_a_plugin_that_is_gone_leaves_its_switch_alone() -> None:
    switch(host_with(make_plugin("one")), "one")
    host = PluginHost()
    assert host.enabled(SPACE) == [] and review(host).decision == ALLOW
    assert host_with(make_plugin("one")).is_enabled("one", SPACE)


# --- Settings ---------------------------------------------------------------------------------------------------------


def save(host: PluginHost, space: str = SPACE, **values: Any) -> dict[str, Any]:
    return service.save_settings(SYSTEM, host, space, "one", values)


@pytest.fixture
def settled() -> PluginHost:
    return host_with(make_plugin("one", settings=Words))


def test_settings_are_looked_up_space_then_server_then_default(settled: PluginHost) -> None:
    assert settled.settings("one", SPACE) == {"most": 3, "words": ["spam"], "strict": False}
    save(settled, SERVER, most=4, words=["x"])
    save(settled, most=5)
    assert settled.settings("one", SPACE) == {"most": 5, "words": ["x"], "strict": False}
    assert settled.settings("one", OTHER)["most"] == 4
    assert save(settled, most=None) == {}
    assert settled.settings("one", SPACE)["most"] == 4
    with pytest.raises(TypeError):
        settled.settings("one", SPACE)["most"] = 9  # type: ignore[index]


@pytest.mark.parametrize(
    ("values", "field_name", "code"),
    [
        ({"mots": 3}, "mots", "unknown"),
        ({"most": 10}, "most", "invalid"),
        ({"most": "many"}, "most", "invalid"),
        ({"most": 6, "strict": True}, "most", "invalid"),
    ],
)
def test_wrong_settings_are_refused_by_field(
    settled: PluginHost, values: dict[str, Any], field_name: str, code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        save(settled, **values)
    assert [(error.field, error.code) for error in refusal.value.errors] == [(field_name, code)]
    assert settled.settings("one", SPACE) == {"most": 3, "words": ["spam"], "strict": False}


def test_settings_are_checked_together_with_those_in_force(settled: PluginHost) -> None:
    save(settled, SERVER, strict=True)
    with pytest.raises(Invalid, match="cannot be used"):
        save(settled, most=6)
    assert save(settled, most=5) == {"most": 5}


def test_a_kept_value_the_schema_no_longer_takes_counts_as_not_set(settled: PluginHost) -> None:
    save(settled, most=8)

    class Newer(Words):
        most = fields.Integer(load_default=2, validate=validate.Range(max=4))

    assert host_with(make_plugin("one", settings=Newer)).settings("one", SPACE)["most"] == 2


def test_a_change_is_recorded_with_its_keys(settled: PluginHost) -> None:
    save(settled, most=5, strict=False)
    save(settled, most=5)
    with db.read():
        (fact,) = log.since(SPACE, 0)
    assert fact.payload == {"plugin": "one", "keys": ["most", "strict"]}


def test_the_form_is_drawn_from_the_schema(settled: PluginHost) -> None:
    save(settled, SERVER, most=5)
    row = queries.rows(SPACE)["one"]
    most, words, strict = form(Words, row.server_settings, row.settings)
    assert (most.kind, most.label, most.unit, most.value, most.origin, most.default) == (
        "whole", "Most", "links", 5, "server", 3,
    )  # fmt: skip
    assert (most.least, most.most) == (1, 9)
    assert (words.kind, words.value, words.origin) == ("list", ["spam"], "default")
    assert strict.kind == "switch"


# --- Rules ------------------------------------------------------------------------------------------------------------


def test_a_space_offers_what_its_ballot_can_feed() -> None:
    class Settings(Schema):
        z = fields.Float(load_default=1.96)

    def compute(statistics: object, z: float) -> Score:
        return Score(z, ())

    sure = ScoreRule("sure", compute, needs=("up", "down"), parameters={"z": "z"})
    host = host_with(make_plugin("one", settings=Settings, rules=(ScoreRule("fresh", print, needs=("up",)), sure)))

    def names(kind: str) -> list[str]:
        return [rule.name for rule, _, _ in host.score_rules(SPACE, kind)]

    assert names("upvote") == names("updown") == ["new", "top"]
    switch(host, "one")
    assert names("upvote") == ["new", "top", "fresh"] and names("updown") == ["new", "top", "fresh", "sure"]
    assert names("unheard-of") == ["new"]
    save(host, z=2.5)
    assert dict(host.score_rules(SPACE, "updown")[-1][2]) == {"z": 2.5}


def test_core_s_own_are_rules_too() -> None:
    host = PluginHost()
    kinds = [(kind.name, kind.values, owner) for kind, owner in host.rules.all(BallotKind)]
    assert kinds == [("upvote", (1,), "core"), ("updown", (1, 0, -1), "core")]
    assert [(rule.name, rule.tells_votes) for rule, _ in host.rules.all(ScoreRule)] == [("new", False), ("top", True)]


# --- Tasks ------------------------------------------------------------------------------------------------------------


def test_a_task_runs_once_per_interval_and_space_where_it_is_on(clock: Clock) -> None:
    ran: list[tuple[str, int]] = []
    task = Task("nightly", "1d", lambda space_id, settings: ran.append((space_id, settings["most"])))
    host = host_with(make_plugin("one", settings=Words, tasks=(task,)))
    assert tasks.run_due(host) == 0
    switch(host, "one")
    switch(host, "one", space=OTHER)
    save(host, most=7)
    assert tasks.run_due(host) == 2 and tasks.run_due(host) == 0
    clock.advance(hours=23)
    assert tasks.run_due(host) == 0
    clock.advance(hours=1)
    assert tasks.run_due(host) == 2 and sorted(ran) == sorted([(SPACE, 7), (OTHER, 3)] * 2)


def test_a_task_that_fails_waits_for_its_next_turn(clock: Clock) -> None:
    def fail(space_id: str, settings: object) -> None:
        raise ValueError

    host = host_with(make_plugin("one", tasks=(Task("hourly", "1h", fail),)))
    switch(host, "one")
    assert tasks.run_due(host) == 1 and tasks.run_due(host) == 0
    clock.advance(hours=1)
    assert tasks.run_due(host) == 1
