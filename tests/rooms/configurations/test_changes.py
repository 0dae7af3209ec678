"""Drafts change step by step, and every step can be taken back."""

from __future__ import annotations

from codesign.configurations.changes import MOST_STEPS, Choices, Past


def test_steps_lead_back_and_forth_again() -> None:
    start, past = Choices({}), Past()
    first = start.decided("city", True)
    past = past.after(start, "on", "city")
    second = first.decided("rack", False)
    past = past.after(first, "off", "rack")
    back, past = past.undone(second)
    assert back.same(first) and past.future[-1]["option"] == "rack"
    forth, past = past.redone(back)
    assert forth.same(second) and not past.future
    assert Past().undone(start) == (start, Past()) and Past().redone(start) == (start, Past())


def test_a_decision_made_anew_is_the_newest() -> None:
    choices = Choices({"city": True, "rack": True}).decided("city", False)
    assert list(choices.decisions.items()) == [("rack", True), ("city", False)]
    assert list(choices.without(["rack"]).decisions) == ["city"]
    assert choices.decided("city", None).decisions == {"rack": True}


def test_a_wish_that_is_had_is_no_wish_any_more() -> None:
    choices = Choices({}, ("b800",)).wishing("lights", True)
    assert choices.wishes == ("b800", "lights")
    assert choices.decided("b800", True).wishes == ("lights",)
    assert choices.decided("b800", False).wishes == ("b800", "lights")


def test_the_oldest_steps_are_forgotten() -> None:
    past, now = Past(), Choices({})
    for number in range(MOST_STEPS + 5):
        past, now = past.after(now, "on", f"o{number}"), now.decided(f"o{number}", True)
    assert len(past.past) == MOST_STEPS and past.past[-1]["option"] == f"o{MOST_STEPS + 4}"
    large = Choices({f"o{number}": True for number in range(1500)})
    for number in range(6):
        past = past.after(large, "on", str(number))
    assert len(past.past) == 3
