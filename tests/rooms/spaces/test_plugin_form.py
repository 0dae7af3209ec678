"""The settings form of a plugin: what was changed in it, and nothing else, is set."""

from __future__ import annotations

from typing import Any

import pytest

from codesign.hooks.card import Plugin
from codesign.hooks.facts import SettingFact
from codesign.kernel.errors import Invalid
from codesign.spaces.pages.plugins import changes

CARD = Plugin(name="sample", title="Sample", version="1.0.0")


def fact(name: str, kind: str, value: Any, **more: Any) -> SettingFact:
    return SettingFact(name, kind, name, "", value, "default", value, **more)


FORM = (
    fact("strict", "switch", True),
    fact("most", "whole", 3),
    fact("weight", "number", 0.5),
    fact("words", "list", ["a", "b"]),
    fact("mode", "choice", "hold", choices=("hold", "pass")),
    fact("note", "text", "one\ntwo"),
)
AS_IT_IS = {"strict": "1", "most": "3", "weight": "0.5", "words": "a\r\nb\r\n", "mode": "hold", "note": "one\r\ntwo"}


def test_a_form_sent_as_it_was_drawn_sets_nothing() -> None:
    assert changes(FORM, AS_IT_IS, CARD) == {}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"most": "5"}, {"most": 5}), ({"most": ""}, {"most": ""}), ({"weight": "0.75"}, {"weight": 0.75}),
        ({"words": "a\n\n c \n"}, {"words": ["a", "c"]}), ({"mode": "pass"}, {"mode": "pass"}),
        ({"note": "three"}, {"note": "three"}), ({"default.most": "1", "most": "9"}, {"most": None}),
        ({"most": "many"}, {"most": "many"}),
    ],
)  # fmt: skip
def test_what_differs_is_set(typed: dict[str, str], expected: dict[str, Any]) -> None:
    assert changes(FORM, {**AS_IT_IS, **typed}, CARD) == expected


def test_a_switch_that_sends_nothing_is_off() -> None:
    sent = {name: text for name, text in AS_IT_IS.items() if name != "strict"}
    assert changes(FORM, sent, CARD) == {"strict": False}


def test_fields_of_nobody_are_refused() -> None:
    with pytest.raises(Invalid):
        changes(FORM, {**AS_IT_IS, "is_admin": "1"}, CARD)
