"""What a draft holds, and the differences that lead from nothing to it."""

from __future__ import annotations

from codesign.configurations.changes import Choices, difference, turned


def test_a_difference_leads_back_and_forth_again() -> None:
    start = Choices({"city": True, "rack": False}, ("b800",))
    later = Choices({"city": False, "lights": True}, ("b625",), {"b400": True})
    made = difference(start, later)
    assert made.changes == {
        "rack": (False, None), "city": (True, False), "lights": (None, True), "b400": (None, True),
    }  # fmt: skip
    assert made.wished == {"b800": (True, False), "b625": (False, True)} and made.weight == 7
    assert turned(later, made, back=True).same(start)
    forth = turned(start, made, back=False)
    assert (forth.map, set(forth.wishes)) == (later.map, set(later.wishes))
    assert difference(later, later).weight == 1


def test_what_is_contested_is_part_of_the_draft_until_it_is_settled() -> None:
    choices = Choices({"m500": True}).contesting("b400", True)
    assert choices.map == {"m500": True, "b400": True} and choices.decisions == {"m500": True}
    assert choices.decided("b400", None).contested == {} and choices.without(["b400"]).contested == {}
    wished = choices.wishing("b400", True)
    assert (wished.contested, wished.wishes) == ({}, ("b400",))
    assert not choices.same(Choices({"m500": True}))


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
