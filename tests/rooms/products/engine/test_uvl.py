"""UVL: what is read, what is refused and how, what is written, and that writing and reading lose nothing but what is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.kernel.errors import Invalid
from codesign.products import engine
from codesign.products.engine import uvl
from codesign.products.engine.formula import holds
from codesign.products.engine.reading import LARGEST
from tests.support.small_models import configurations, ebike, models


def file(features: str, constraints: str = "") -> str:
    """A file whose features lie below an optional group of the feature at the top, from line 4 on."""
    body = "".join(f"\t\t\t{line}\n" for line in features.splitlines())
    return f"features\n\tTop\n\t\toptional\n{body}" + (f"constraints\n\t{constraints}\n" if constraints else "")


def nested(levels: int) -> str:
    """Features and groups by turns, each below the other, from the place of one feature on."""
    below = [f"{chr(9) * (3 + level)}{'or' if level % 2 else f'F{level}'}" for level in range(1, levels)]
    return "\n".join(["F0", *below])


def refusal(text: str) -> tuple[int, str]:
    with pytest.raises(Invalid) as refused:
        uvl.read(text)
    assert refused.value.errors[0].field == f"line.{refused.value.details['line']}"
    return refused.value.details["line"], str(refused.value.sentence)


# --- Reading ----------------------------------------------------------------------------------------------------------


def test_every_kind_of_group() -> None:
    model = uvl.read(
        "features\n  Top\n    mandatory\n      A\n        or\n          B\n          C\n    alternative\n      D\n      E\n"
        "    [2..3]\n      F\n      G\n      H\n    [1..*]\n      I\n      J\n    [0]\n      K\n".replace("[0]", "[1]")
    )
    assert {group.id: (group.least, group.most) for group, _parent in model.walk()} == {
        "Top": (1, 1), "Top-2": (1, 1), "Top-3": (2, 3), "Top-4": (1, 2), "Top-5": (1, 1), "A": (1, 2),
    }  # fmt: skip
    assert model.product == "Top"
    assert model.parents["B"] == "A"


def test_quirks_of_the_files_there_are() -> None:
    text = """// a comment
namespace "Shop, large"
/* another
one */
include
    Boolean.group-cardinality
features
    "Shop, large" {abstract true, base 3}
        optional
            Type {abstract true} // a word of UVL
            "i7 // 8, 4 GHz: \u00e4" {featureDescription__ "double: quoted", hidden}
            i3-7100.K
            optional {
                price 4.50,
                color 'red'
            }
            "Boolean" cardinality [1..1]
            Boolean Real
constraints
    Type => "i7 // 8, 4 GHz: \u00e4" |
""".replace("|\n", "| (\n  optional & !i3-7100.K)\n")
    model, notes = uvl.read_with_notes(text)
    assert list(model.options) == ["Type", "i7-8-4-GHz-a", "i3-7100.K", "optional", "Boolean", "Real"]
    assert model.options["i7-8-4-GHz-a"].label == "i7 // 8, 4 GHz: ä"
    assert model.options["i7-8-4-GHz-a"].description == "double: quoted"
    assert model.options["optional"].attributes == {"price": 450}
    assert model.base == {"base": 3}
    assert notes == ("The attribute “color” is no number and was left out.",)
    (rule,) = model.rules
    assert rule.shape == {"formula": "Type => i7-8-4-GHz-a | optional & !i3-7100.K"}


def test_names_that_look_alike_get_ids_of_their_own() -> None:
    model = uvl.read(file('"MSI X"\nMSI-X\n"MSI, X"\n"???"\n"Größe"'))
    assert {str(option.label): id for id, option in model.options.items()} == {
        "MSI X": "MSI-X-2", "MSI-X": "MSI-X", "MSI, X": "MSI-X-3", "???": "option", "Größe": "Grosse",
    }  # fmt: skip


def test_attributes() -> None:
    model, notes = uvl.read_with_notes(
        file("A {price 4.5, Weight -3, since 2009, list [1, 2], more {deep 1}, ok true}\nB {price 1.25}")
    )
    assert {one.id: one.decimals for one in model.attributes} == {"price": 2, "Weight": 0, "since-2": 0}
    assert model.options["A"].attributes == {"price": 450, "Weight": -3, "since-2": 2009}
    assert model.options["A"].since is None
    assert [note.split("”")[0].split("“")[1] for note in notes] == ["list", "more", "ok"]


@pytest.mark.parametrize(
    ("constraint", "on", "holds_there"),
    [
        ("A => B => C", "", False),  # to the left, as UVL's grammar says
        ("A => (B => C)", "", True),
        ("!A & B | C", "B", True),
        ("A | B & C", "A", True),
        ("A <=> B <=> C", "C", True),
        ("!!(A)", "A", True),
        ("Top => A", "A", True),
        ("!Top | A", "B", False),
    ],
)
def test_how_formulas_bind(constraint: str, on: str, holds_there: bool) -> None:
    model = uvl.read(file("A\nB\nC", constraint))
    assert holds(model.rules[0].formula, on.__contains__) is holds_there


def test_constraints_at_features_and_constraints_that_always_hold() -> None:
    model, notes = uvl.read_with_notes(file("A {constraint A => B, constraints [B => C, C => A]}\nB\nC", "A => Top"))
    assert [rule.shape["formula"] for rule in model.rules] == ["A => B", "B => C", "C => A"]
    assert notes == ("Line 8: this always holds, so it is no rule.",)


@pytest.mark.parametrize(
    ("constraint", "message"),
    [
        ("A => B", "A needs B."),
        ("A & B => C | D", "A and B needs C or D."),
        ("!A | B", "A needs B."),
        ("!A | !B", "A and B cannot be combined."),
        ("A => !B & !C", "A cannot be combined with B or C."),
        ("A => !(B | C)", "A cannot be combined with B or C."),
        ("A | B", "A or B is needed."),
        ("!A", "A cannot be chosen."),
        ("A <=> B", "This must hold: A <=> B"),
    ],
)
def test_messages_for_rules_that_have_none(constraint: str, message: str) -> None:
    assert uvl.read(file("A\nB\nC\nD", constraint)).rules[0].message == message


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "no features"),
        ("Top\n", 1, "begins with “features”"),
        ("imports\n  other as o\nfeatures\n  Top\n", 2, "Imports"),
        ("features\n  A\n  B\n", 3, "one feature at the top"),
        ("features\n  A\n    B\n", 3, "mandatory, optional"),
        ("features\n  A\n    optional\n", 3, "at least one feature"),
        ("features\n  A\n    [2..3]\n      B\n", 3, "[2..3]"),
        ("features\n  A\n    [x..3]\n      B\n", 3, "mandatory, optional"),
        (file("A\nA"), 5, "there twice; first in line 4"),
        (file("Integer A"), 4, "Integer"),
        (file("A cardinality [1..5]"), 4, "several times"),
        (file("A {price 1"), 4, "not closed"),
        (file("A }"), 4, "not opened"),
        (file('"A'), 4, "not closed"),
        (file("/* A"), 4, "comment is not closed"),
        (file("A {price red}"), 4, "no value"),
        (file("A {price 1 weight 2}"), 4, "comma"),
        (file("A {price 1, price 2}"), 4, "not expected"),
        (file("A {price 0.1234567}"), 4, "too many decimals"),
        (file(f"A {{price {LARGEST}0}}"), 4, "too large"),
        (file("A B"), 4, "not expected"),
        (file(f"A {{description '{'x' * 5001}'}}"), 4, "5000"),
        (file(f'"{"x" * 201}"'), 4, "200"),
        (file("A", "A => B"), 6, "no feature “B”"),
        (file("A", "A => "), 6, "ends too early"),
        (file("A", "A => )"), 6, "not opened"),
        (file("A", "A A"), 6, "not expected"),
        (file("A {price 3}", "A.price > 2"), 6, "comparisons"),
        (file("A {price 3}", "sum(price) == 3"), 6, "comparisons"),
        (file("A", "A + 1 == 2"), 6, "comparisons"),
        (file("A", "!Top"), 6, "never hold"),
        (file("A", "(" * 150 + "A" + ")" * 150), 6, "too deeply"),
        (file("A").replace("A", nested(110)), 107, "deep"),
    ],
)  # fmt: skip
def test_refusals_name_line_and_reason(text: str, line: int, reason: str) -> None:
    where, sentence = refusal(text)
    assert reason in sentence
    assert where == line


@given(st.text(alphabet="AB\"'{}[]()!&|=><,./* \n\t1features", max_size=80))
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    for whole in (text, "features\n\tTop\n\t\tor\n\t\t\tA\n" + text):
        try:
            uvl.read(whole)
        except Invalid as error:
            assert error.errors


# --- Writing ----------------------------------------------------------------------------------------------------------

RICH: dict[str, Any] = {
    "product": "The “Rich” bike. 2nd\nline",
    "version": 7,
    "attributes": {
        "price": {"unit": "EUR", "decimals": 2, "label": {"en": "Price", "de": "Preis"}},
        "co2.total": {"decimals": 1, "sum": False},
        "hidden": {},
    },
    "base": {"price": 499, "co2.total": -1.5},
    "groups": [
        {"id": "frame", "label": "Frame", "choose": "one", "description": "What holds\nit.", "options": [
            {"id": "s", "label": "S", "image": "s.svg", "since": 2, "replaces": "xs", "idea": "01J", "price": 0.5},
            {"id": "frame", "label": {"en": "It's L", "pt-BR": "O \\u0027 L"}, "description": "a\\b", "hidden": 3, "groups": [
                {"id": "in.ner", "choose": [2, 3], "options": [{"id": "a.b"}, {"id": "a_b"}, {"id": "c-d"}, {"id": "or"}]},
            ]},
        ]},
        {"id": "length", "label": "Length", "number": {"from": 0.5, "to": 2, "step": 0.5, "unit": "m", "each": {"price": 1}}},
    ],
    "rules": [
        {"id": "x.y", "forbid": ["s", "length-0.5"], "message": {"en": "Not 'so'.", "de": "Nicht so."}},
        {"id": "n", "formula": "frame => length >= 1", "message": "Long."},
        {"id": "m", "at_most": 2, "of": ["a.b", "a_b", "or"], "message": "Two."},
        {"id": "never", "formula": "length > 5", "message": "Never."},
        {"id": "always", "formula": "s | !s", "message": "Always."},
        {"id": "nothing", "formula": "length < 5 | s", "message": "Something."},
    ],
}  # fmt: skip


def test_everything_of_a_rich_model_comes_back() -> None:
    model = engine.read(RICH)
    text, losses = uvl.write(model)
    assert losses == (
        "The attribute “hidden” is left out: its name means something else in UVL.",
        "Rules of other forms than a formula, or that compare, are written as formulas of the same meaning.",
        "Stepped numbers are written as lists of options; only Codesign reads them as numbers again.",
    )
    again = uvl.read(text)
    assert uvl.write(again)[0] == text
    assert [(rule.id, rule.message) for rule in again.rules] == [(rule.id, rule.message) for rule in model.rules]
    assert configurations(again) == configurations(model)
    expected = engine.write(model)
    expected["attributes"].pop("hidden")
    expected["groups"][0]["options"][1].pop("hidden")
    written = engine.write(again)
    assert written.pop("rules")
    assert expected.pop("rules")
    assert written == expected


def test_the_text_is_plain_uvl() -> None:
    text, losses = uvl.write(ebike())
    assert text.startswith(
        'namespace "e-bike"\n\nfeatures\n\t"e-bike" {abstract, price 1499.00, weight 18000, codesign {'
    )
    assert "\t\tmandatory\n\t\t\tframe {abstract, label {en 'Frame', de 'Rahmen'}, codesign {group 'frame'}}\n" in text
    assert "\t\t\t\talternative\n\t\t\t\t\tcity {label 'City'}\n\t\t\t\t\ttrail {label 'Trail', price 200.00}\n" in text
    assert '\tcargo => "battery-625" | "battery-800"\n' in text
    assert '\t!(trail & "child-seat")\n' in text
    assert len(losses) == 1


def test_a_model_from_uvl_is_written_without_additions() -> None:
    text = file("A\n\tmandatory\n\t\tB\n\t\tC\nD", "A => D")
    written, losses = uvl.write(uvl.read(text))
    assert written.replace(
        " {abstract, codesign {format 1, product 'Top', rules {r1 {id 'rule-1', message 'A needs D.'}}}}", ""
    ) == ("namespace Top\n\n" + text.replace("constraints", "\nconstraints"))
    assert losses == ()


def test_at_most_that_would_be_too_long_is_told() -> None:
    many = [f"o{number}" for number in range(40)]
    model = engine.read(
        {
            "groups": [{"id": "g", "choose": "any", "options": [{"id": id} for id in many]}],
            "rules": [{"id": "few", "at_most": 5, "of": many, "message": "Five."}],
        }
    )
    text, losses = uvl.write(model)
    assert "constraints" not in text
    assert losses[-1] == "The rule “few” is LEFT OUT: spelled out, it would be too long."


def test_messages_are_made_anew_where_constraints_were_added_elsewhere() -> None:
    text, _losses = uvl.write(ebike())
    model, notes = uvl.read_with_notes(text + "\tcargo => lights\n")
    assert model.rules[-1].message == "Cargo needs Lights."
    assert len(notes) == 1


@given(models())
def test_writing_and_reading_keep_the_model(model: engine.Model) -> None:
    text, _losses = uvl.write(model)
    again = uvl.read(text)
    assert again.groups == model.groups
    assert again.attributes == model.attributes
    assert again.base == model.base
    assert (again.product, again.version) == (model.product, model.version)
    assert configurations(again) == configurations(model)
    messages = {rule.id: rule.message for rule in model.rules}
    assert all(messages[rule.id] == rule.message for rule in again.rules)
    second, losses = uvl.write(again)
    assert (second, losses) == (text, ())
    assert uvl.read(second) == again


texts = st.text(max_size=30).filter(lambda text: "\0" not in text)
labels = st.one_of(texts, st.dictionaries(st.sampled_from(["en", "de", "or", "pt-BR"]), texts, min_size=1))


@given(st.data())
def test_writing_and_reading_keep_every_text(data: st.DataObject) -> None:
    names = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,6}", fullmatch=True)
    ids = data.draw(st.lists(names, min_size=2, max_size=4, unique=True))
    groups = data.draw(st.lists(names, min_size=2, max_size=2, unique=True))
    some = {"label": labels, "description": labels, "image": texts, "since": st.integers(0, 9)}
    options = [{"id": id, **data.draw(st.fixed_dictionaries({}, optional=some))} for id in ids]
    options[0]["groups"] = [
        {
            "id": groups[0],
            "choose": "any",
            "label": data.draw(labels),
            "description": data.draw(labels),
            "options": options[1:],
        }
    ]
    document = {
        "product": data.draw(texts),
        "groups": [{"id": groups[1], "choose": "one", "options": options[:1]}],
        "rules": [{"id": "r", "message": data.draw(labels) or "x", "formula": " & ".join(ids)}],
    }
    try:
        model = engine.read(document)
    except Invalid:
        return
    text, losses = uvl.write(model)
    assert uvl.read(text) == model
    assert losses == ()
