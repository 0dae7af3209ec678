"""XML of FeatureIDE and of S.P.L.O.T.: what is read, and what is refused and how."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.kernel.errors import Invalid
from codesign.products.engine import feature_ide
from codesign.products.engine.formula import holds


def ide(struct: str, rules: str = "") -> bytes:
    """A file of FeatureIDE; the features stand in line 3, the rules in line 5."""
    return (
        f'<featureModel>\n<struct><and name="Top">\n{struct}\n</and></struct>\n'
        f"<constraints>{rules}</constraints>\n</featureModel>"
    ).encode()


def splot(tree: str, clauses: str = "") -> bytes:
    """A file of S.P.L.O.T.; below the feature at the top the tree begins in line 4."""
    return (
        f'<feature_model name="x">\n<feature_tree>\n:r Top (top)\n{tree}\n</feature_tree>\n'
        f"<constraints>\n{clauses}\n</constraints>\n</feature_model>"
    ).encode()


def test_groups_of_feature_ide() -> None:
    model = feature_ide.read(
        ide(
            '<feature name="A"/><and mandatory="true" name="B" abstract="true" hidden="true">'
            '<description>\n  What\n  it is.\n</description><graphics key="x"/><feature name="C"/></and>'
            '<alt name="D" mandatory="true"><feature name="E"/><feature name="F"/></alt>'
            '<or name="G"><feature name="H"/><feature name="I" mandatory="true"/></or><or name="J"/>'
        )
    )
    assert [(group.least, group.most, [option.id for option in group.options]) for group, _parent in model.walk()] == [
        (2, 2, ["B", "D"]), (0, 3, ["A", "G", "J"]), (0, 1, ["C"]), (1, 1, ["E", "F"]), (1, 2, ["H", "I"]),
    ]  # fmt: skip
    assert model.options["B"].description == "What\nit is."


def test_attributes_of_feature_ide() -> None:
    model, notes = feature_ide.read_with_notes(
        ide(
            '<feature name="A"><attribute name="Price" type="double" unit="€" value="4.0"/>'
            '<attribute name="label" type="long" value="7"/><attribute name="Colour" type="string" value="red"/>'
            '<attribute name="Weight" type="long" unit="g"/></feature>'
        )
    )
    assert [(one.id, one.unit, one.decimals, one.label) for one in model.attributes] == [
        ("Price", "€", 2, "Price"), ("label-number", "", 0, "label (number)"),
    ]  # fmt: skip
    assert model.options["A"].attributes == {"Price": 400, "label-number": 7}
    assert notes == ("The attribute “Colour” is no number and was left out.",)


@pytest.mark.parametrize(
    ("rule", "formula"),
    [
        ("<imp><var>A</var><var>B</var></imp>", "A => B"),
        ("<eq><var>A</var><not><var>B</var></not></eq>", "A <=> !B"),
        ("<disj><var>A</var><disj><var>B</var><disj><var>C</var></disj></disj></disj>", "A | B | C"),
        ("<conj><var>A</var><disj><var>B</var><var>C</var></disj></conj>", "A & (B | C)"),
        ("<atmost1><var>A</var><var>B</var><var>C</var></atmost1>", "(!A | !B) & (!A | !C) & (!B | !C)"),
        ("<imp><var>Top</var><var>B</var></imp>", "B"),
    ],
)
def test_formulas_of_feature_ide(rule: str, formula: str) -> None:
    features = "".join(f'<feature name="{name}"/>' for name in "ABC")
    model = feature_ide.read(ide(features, f"<rule><description> Because\n so. </description>{rule}<tags/></rule>"))
    assert model.rules[0].shape == {"formula": formula}
    assert model.rules[0].message == "Because so."


def test_quirks_of_splot() -> None:
    model = feature_ide.read(
        splot(
            "\t:m First (with) brackets (first)  \n\t:o Again\n\t:o Again\n\t:m Later (later)\n"
            "\t:g [1,2]\n\t\t:m In\n\t\t: Out (out)\n\t:g (id) [0,*]\n\t\t: Last\r",
            "c1: ~first or out\t \n\nc3:~out OR later or first",
        )
    )
    assert model.product == "Top"
    assert list(model.options) == ["first", "Again", "Again-2", "later", "In", "out", "Last"]
    assert model.options["first"].label == "First (with) brackets"
    assert [(group.least, group.most) for group in model.groups] == [(1, 1), (0, 2), (1, 1), (1, 2), (0, 1)]
    assert [rule.id for rule in model.rules] == ["c1", "c3"]
    assert not holds(model.rules[1].formula, {"out"}.__contains__)


A = '<feature name="A"/>'


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", 1, "well-formed"),
        (b"<featureModel>\n<struct>", 2, "well-formed"),
        (b"<html/>", 1, "no feature model"),
        (b'<?xml version="1.0" encoding="no-such"?><featureModel/>', 1, ""),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><featureModel/>', 1, "entities"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><featureModel/>', 1, "entities"),
        (b"<featureModel/>", 1, "one feature at the top"),
        (b'<featureModel>\n<struct><and name="A"/><and name="B"/></struct></featureModel>', 2, "one feature at the top"),
        (ide('<feature name=" "/>'), 3, "needs a name"),
        (ide('<card name="A"/>'), 3, "“card”"),
        (ide(A + A), 3, "there twice"),
        (ide(f'<feature name="{"x" * 201}"/>'), 3, "200"),
        (ide('<feature name="A"><attribute name="p" type="long" value="red"/></feature>'), 3, "not a number"),
        (ide('<feature name="A"><attribute name="p" type="double" value="1e-9"/></feature>'), 3, "decimals"),
        (ide(f'<feature name="A"><description>{"x" * 5001}</description></feature>'), 3, "5000"),
        (ide(A, "<rule><var>B</var></rule>"), 5, "no feature “B”"),
        (ide(A, "<rule/>"), 5, "one formula"),
        (ide(A, "<rule><imp><var>A</var></imp></rule>"), 5, "number of parts"),
        (ide(A, "<rule><disj><var>A</var><alt/></disj></rule>"), 5, "“alt”"),
        (ide(A, "<rule><not><var>Top</var></not></rule>"), 5, "never hold"),
        (ide(A, f"<rule>{'<imp><var>A</var>' * 120}<var>A</var>{'</imp>' * 120}</rule>"), 5, "deeply"),
        (ide("<and>" * 400), 3, "too deep"),
        (ide("".join(f'<and name="f{number}">' for number in range(60)) + "</and>" * 60), 3, "too deep"),
        (splot("\tOpen"), 4, "begins with"),
        (splot("\t:x Open"), 4, "begins with"),
        (splot("\t:r Second"), 4, "at the top"),
        (splot(":r Second"), 4, "at the top"),
        (splot("\t:g one of"), 4, "how many"),
        (splot("\t:g [1,1]\n\t\t:g [1,1]"), 5, "below a feature"),
        (splot("\t:m "), 4, "needs a name"),
        (splot("\t:m A (a)\n\t:m B (a)"), 5, "there twice; first in line 4"),
        (splot("\t:g [1,3]\n\t\t: A"), 4, "[1..3]"),
        (splot("\t:m A (a)", "a or b"), 7, "a colon"),
        (splot("\t:m A (a)", "c: a or b"), 7, "no feature “b”"),
        (splot("\t:m A (a)", "c: a and top"), 7, "Only clauses"),
        (b'<feature_model name="x"/>', 1, "no features"),
    ],
)  # fmt: skip
def test_refusals_name_line_and_reason(data: bytes, line: int, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        feature_ide.read(data)
    assert reason in str(refused.value.sentence)
    assert refused.value.details["line"] == line


@given(st.text(alphabet="<>/= \"'\n\tabcdefgimnorstu:[]1,*~()&;", max_size=80))
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    for data in (text.encode(), ide(text), ide(A, text), splot(f"\t: A (a)\n{text.replace('<', '').replace('&', '')}")):
        try:
            feature_ide.read(data)
        except Invalid as error:
            assert error.errors
