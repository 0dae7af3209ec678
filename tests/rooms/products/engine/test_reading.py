"""Documents of product models: what is understood, what is refused, and where the mistake is."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.kernel.errors import Conflict, Invalid, TooLarge
from codesign.products import engine
from codesign.products.engine import source
from tests.support.small_models import ebike, models


def small(**changes: Any) -> dict[str, Any]:
    """A document with one group, one rule."""
    return {
        "attributes": {"price": {"decimals": 2}},
        "groups": [{"id": "g", "choose": "any", "options": [{"id": "a", "price": 1.25}, {"id": "b"}]}],
        "rules": [{"id": "r", "formula": "a => b", "message": "Both."}],
    } | changes


def mistakes(document: object) -> set[str]:
    """The fields that are refused."""
    with pytest.raises(Invalid) as caught:
        engine.read(document)
    return {error.field for error in caught.value.errors}


@given(models())
def test_writing_and_reading_give_the_same_model(model: engine.Model) -> None:
    again = engine.read(json.loads(json.dumps(engine.write(model))))
    assert again == model and again.content_hash == model.content_hash
    assert engine.read(engine.parse(engine.show(engine.write(model)))) == model


def test_everything_a_document_may_say_survives() -> None:
    document = {
        "product": "bike",
        "version": 3,
        "attributes": {"price": {"label": {"de": "Preis", "en": "Price"}, "unit": "EUR", "decimals": 2, "sum": True}},
        "base": {"price": 499.99},
        "groups": [
            {
                "id": "frame",
                "label": "Frame",
                "description": "What carries you.",
                "choose": [1, 1],
                "options": [
                    {
                        "id": "frame-s",
                        "label": {"en": "Small", "de": "Klein"},
                        "image": "small.svg",
                        "description": "Up to 1.70 m",
                        "since": 2,
                        "replaces": "frame-xs",
                        "price": -20,
                        "groups": [{"id": "bell", "choose": "optional-one", "options": [{"id": "ding"}]}],
                    }
                ],
            },
            {
                "id": "length",
                "label": "Length",
                "number": {"from": 0.5, "to": 2, "step": 0.5, "unit": "m", "each": {"price": "2.50"}},
            },
        ],
        "rules": [{"id": "r", "at_most": 1, "of": ["frame-s", "ding"], "message": {"en": "No.", "de": "Nein."}}],
    }
    model = engine.read(document)
    written = engine.write(model)
    assert engine.read(written) == model
    assert written["groups"][0]["choose"] == "one" and written["groups"][1]["choose"] == "one"
    assert model.base == {"price": 49999} and model.options["frame-s"].attributes == {"price": -2000}
    assert list(model.options)[-1] == "ding" and model.order[1] == "ding"
    assert model.parents["ding"] == "frame-s" and model.group_of["ding"].id == "bell"


def test_a_stepped_number_is_one_option_per_step_and_can_be_compared() -> None:
    model = engine.read({
        "attributes": {"price": {"decimals": 2}},
        "groups": [
            {"id": "length", "number": {"from": -5, "to": 10, "step": 2.5, "unit": "cm", "each": {"price": 1.5}}},
            {"id": "extra", "choose": "any", "options": [{"id": "bag"}]},
        ],
        "rules": [{"id": "long", "if": "bag", "then": "length >= 5 & length != 7.5", "message": "Too short."}],
    })  # fmt: skip
    assert list(model.options)[:3] == ["length--5", "length--2.5", "length-0"]
    assert engine.say(model.options["length-2.5"].label) == "2.5 cm"
    assert model.options["length-10"].attributes == {"price": 900}
    compiled = engine.compile(model)
    states = compiled.propagate({"bag": True}).states
    assert [id for id, state in states.items() if state == "free"] == ["length-5", "length-10"]
    assert compiled.totals({"bag": True})["price"] == engine.Totals(0, 600, 900)


def group(**changes: Any) -> dict[str, Any]:
    """A change to its one group."""
    return {"groups": [{"id": "g", "choose": "any", "options": [{"id": "a"}]} | changes], "rules": []}


def option(**changes: Any) -> dict[str, Any]:
    """A change to the one option of its group."""
    return group(options=[{"id": "a"} | changes])


def rule(**shape: Any) -> dict[str, Any]:
    """A change to its one rule."""
    return {"rules": [{"id": "r", "message": "Because."} | shape]}


def number(**shape: Any) -> dict[str, Any]:
    """A stepped number in place of its group."""
    return {"groups": [{"id": "g"} | shape], "rules": []}


def test_a_comparison_that_nothing_meets_is_false() -> None:
    length = {"id": "length", "number": {"from": 1, "to": 3, "step": 1}}
    never = {"id": "never", "formula": "length > 7", "message": "Longer."}
    compiled = engine.compile(engine.read({"groups": [length], "rules": [never]}))
    assert not compiled.propagate({}).possible
    assert [reason.id for reason in compiled.analysis().why_void] == ["never"]
    only = {"id": "only", "if": "length-1", "then": "length > 7", "message": "Not the shortest."}
    assert engine.compile(engine.read({"groups": [length], "rules": [only]})).analysis().count == 2


def test_a_model_of_nothing_has_one_configuration() -> None:
    compiled = engine.compile(engine.read({"attributes": {"price": {}}, "base": {"price": 7}}))
    assert compiled.propagate({}).possible and compiled.analysis().count == 1
    assert compiled.complete({}, "cheapest") == compiled.complete({}, {}, {"price": 7}) == {}
    assert compiled.totals({}) == {"price": engine.Totals(7, 7, 7)}
    with pytest.raises(Conflict):
        compiled.complete({}, {}, {"price": 6})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"groups": "many"}, "groups"),
        (group(options=[]), "groups.0.options"),
        (group(choose="two"), "groups.0.choose"),
        (group(choose=[2, 1]), "groups.0.choose"),
        (group(choose=[0, 2]), "groups.0.choose"),
        (group(number={"from": 1, "to": 2, "step": 1}), "groups.0.options"),
        (group(options=[{"id": "a"}, {"id": "a"}]), "groups.0.options.1.id"),
        (option(smell=1), "groups.0.options.0.smell"),
        (option(id="a b"), "groups.0.options.0.id"),
        (option(id=250), "groups.0.options.0.id"),
        (option(price=0.001), "groups.0.options.0.price"),
        (option(price=1e300), "groups.0.options.0.price"),
        (option(price=True), "groups.0.options.0.price"),
        (option(price="nan"), "groups.0.options.0.price"),
        (option(label={"english": "A"}), "groups.0.options.0.label"),
        (number(number={"from": 1, "to": 9, "step": 0}), "groups.0.number"),
        (number(number={"from": 1, "to": 10000, "step": 1}), "groups.0.number"),
        (number(number={"from": 1, "to": 2, "step": 0.3}), "groups.0.number.to"),
        (number(choose="any", number={"from": 1, "to": 2, "step": 1}), "groups.0.choose"),
        ({"attributes": {"id": {}}}, "attributes.id"),
        ({"attributes": {"price": {"decimals": 9}}}, "attributes.price.decimals"),
        ({"base": {"beauty": 3}}, "base.beauty"),
        ({"version": "three"}, "version"),
        ({"product": "\ud800"}, "product"),
        (rule(formula="a & c"), "rules.0.formula"),
        (rule(formula="a", message=None), "rules.0.message"),
        (rule(formula=3), "rules.0.formula"),
        (rule(**{"if": "a"}), "rules.0"),
        (rule(formula="a", forbid=["a"]), "rules.0"),
        (rule(**{"if": "a", "then": "(b"}), "rules.0.then"),
        (rule(option="a", requires=["c"]), "rules.0.requires.0"),
        (rule(option="c", requires=["a"]), "rules.0.option"),
        (rule(forbid=["a", "a"]), "rules.0.forbid.1"),
        (rule(at_most=-1, of=["a"]), "rules.0.at_most"),
    ],
)
def test_a_mistake_is_named_by_its_place(change: dict[str, Any], field: str) -> None:
    assert field in mistakes(small(**change))


def test_what_is_no_document_is_refused() -> None:
    for given_ in (
        None,
        [],
        "x",
        3,
        {"groups": {"a": 1}},
        {"groups": [None, 3]},
        {"rules": ["a"]},
        {"attributes": [1]},
    ):
        assert mistakes(given_)


def test_the_first_mistakes_are_told_not_a_million() -> None:
    with pytest.raises(Invalid) as caught:
        engine.read({"groups": [{"id": "g", "choose": "any", "options": [{"id": 1}] * 10_000}]})
    assert len(caught.value.errors) == 50


def test_bounds_of_size_and_depth() -> None:
    nested: dict[str, Any] = {"id": "g", "choose": "any", "options": [{"id": "a"}]}
    for level in range(60):
        nested = {"id": f"g{level}", "choose": "any", "options": [{"id": f"a{level}", "groups": [nested]}]}
    assert any(field.startswith("groups.0.options.0.groups") for field in mistakes({"groups": [nested]}))
    many = [{"id": f"o{number}"} for number in range(20_001)]
    assert "groups.0.options" in mistakes({"groups": [{"id": "g", "choose": "any", "options": many}]})


KEYS = ["id", "groups", "options", "rules", "choose", "number", "attributes", "formula", "of", "x"]
LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
ANYTHING: st.SearchStrategy[object] = st.deferred(
    lambda: LEAF | st.lists(ANYTHING, max_size=4) | st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=4)
)


@given(ANYTHING)
def test_any_document_is_read_or_refused(document: object) -> None:
    with contextlib.suppress(Invalid):
        engine.read(document)


# ---- text ------------------------------------------------------------------------------------------------------------


def test_yaml_and_json_say_the_same() -> None:
    document = engine.write(ebike())
    assert engine.parse(json.dumps(document)) == engine.parse(engine.show(document)) == document


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [1, 2", 3),
        ("a: 1\nb: &x [1]\nc: *x\n", 3),
        ("a: 1\na: 2\n", 2),
        ("a: 1\n? [b]\n: 2\n", 2),
        ('{"a": 1,\n "b": }', 2),
        ('{"a": 1, "a": 2}', 1),
        ("a: !!python/object/apply:os.system [ls]", 1),
        ("[" * 5000, 1),
        ('{"a":' * 100_000, 1),
        ("a: \x00", 1),
        (r'{"\ud800": 1}', 1),
        (r'{"a": [{"b": "\udc00"}]}', 1),
        (r'"\ud800": 1', 1),
        ("a: \ud800", 1),
    ],
)
def test_unreadable_text_names_the_line(text: str, line: int) -> None:
    with pytest.raises(Invalid) as caught:
        engine.parse(text)
    assert caught.value.errors[0].message.startswith(f"Line {line}: ")


def test_yaml_has_no_dates_and_no_merging() -> None:
    assert engine.parse("since: 2026-11-22") == {"since": "2026-11-22"}
    assert engine.parse("<<: {a: 1}") == {"<<": {"a": 1}}


def test_a_huge_text_is_refused() -> None:
    with pytest.raises(TooLarge):
        engine.parse("x" * 9_000_000)


def test_yaml_of_very_many_values_is_refused_before_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    many = f"[{'1, ' * 200_000}]"
    monkeypatch.setattr(source.yaml, "load", lambda *given, **named: pytest.fail("it was made"))
    with pytest.raises(TooLarge):
        engine.parse(many)
    assert len(engine.parse(f'{{"a": {many.replace(", ]", "]")}}}')["a"]) == 200_000, "JSON is read at once"


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(Invalid):
        engine.parse(text)
