"""The form of a model can write everything the language has."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from codesign.products import changes, engine, queries, service
from codesign.products.facts import ProductFact
from codesign.products.pages.parts import Opened, typed
from tests.support.world import World

pytestmark = pytest.mark.doors

Make = Callable[..., ProductFact]
EVERYTHING = """\
product: everything
attributes:
  price: {unit: EUR, decimals: 2, label: {en: Price, de: Preis}}
  weight: {unit: g}
  warranty: {unit: years, sum: false}
base: {price: 499.9, weight: 9100}
groups:
  - {id: bells, choose: [1, 2], options: [{id: brass}, {id: steel, warranty: 5}, {id: electric, price: -3.5}]}
  - {id: length, label: Length, choose: one, number: {from: 100, to: 180, step: 20, unit: cm, each: {price: 12.5}}}
  - id: load
    label: {en: Load, de: Last}
    description: What you carry.
    choose: optional-one
    options:
      - id: box
        label: Box
        image: box.svg
        since: 2
        replaces: crate
        idea: 01ABC
        groups:
          - {id: wood, label: Wood, choose: some, options: [{id: birch}, {id: larch, price: 80}]}
rules:
  - {id: r1, if: brass, then: steel | electric, message: Brass alone is too quiet.}
  - {id: r2, option: box, requires: [brass, steel], message: {en: Who carries rings., de: Wer trägt klingelt.}}
  - {id: r3, forbid: [larch, electric], message: No power near larch.}
  - {id: r4, at_most: 1, of: [birch, larch], message: One wood.}
  - {id: r5, formula: length > 140 => box, message: Long ones carry.}
"""


class Hand:
    """Somebody who fills in the form of a product."""

    def __init__(self, world: World, enter: Any, product: ProductFact) -> None:
        self.team, self.product = enter(world.owner), product
        self.address = f"/spaces/{world.space.slug}/products/{product.slug}/form"

    def send(self, do: str, **values: Any) -> int:
        """Press a button of the form; ``_`` at the end of a name is left out, and ``__`` is a point."""
        draft = queries.draft_of(self.product.id)
        fields = {name.rstrip("_").replace("__", "."): value for name, value in values.items()}
        content = {"do": do, "seen": draft.content_hash if draft else "", **fields}
        answer = self.team.send(self.address, **content)
        self.text = answer.text
        return int(answer.status_code)

    def open(self, token: str) -> str:
        """The page with one part open."""
        answer = self.team.get(f"{self.address}?open={token}")
        assert answer.status_code == 200
        return str(answer.text)

    def model(self) -> engine.Model:
        """What the draft says now."""
        draft = queries.draft_of(self.product.id)
        assert draft is not None
        return queries.model_of(draft)


@pytest.fixture
def hand(world: World, enter: Any, make_product: Make) -> Hand:
    return Hand(world, enter, make_product())


def test_groups_of_every_kind(hand: Hand) -> None:
    assert hand.send("add:group:", id="colour", label="Colour", choose="one", first="red", first_label="Red") == 303
    assert hand.send("add:option:colour", id="blue", label="Blue", amount__price="20") == 303
    for choose in ("optional-one", "any", "some", "all"):
        assert hand.send("save:group:colour", label="Colour", choose=choose) == 303
        assert hand.model().group("colour")[0].choose == choose
    assert hand.send("save:group:extras", label="Extras", choose="range", least="1", most="2") == 303
    assert hand.model().group("extras")[0].choose == (1, 2)
    assert 'value="range" selected' in hand.open("save:group:extras")
    for least, most in (("2", "1"), ("0", "9"), ("", "2"), ("²", "2"), ("9" * 5000, "1"), ("1.5", "2")):
        assert hand.send("save:group:extras", label="Extras", choose="range", least=least, most=most) == 422
    assert hand.send("save:group:extras", label="Extras", choose="many") == 422
    assert hand.send("add:group:rack", id="wood", label="Wood", choose="one", first="birch") == 303
    group, above = hand.model().group("wood")
    assert above is not None and above.id == "rack" and group.options[0].label == "birch"
    assert hand.send("down:group:frame") == 303 and hand.model().groups[1].id == "frame"
    assert hand.send("remove:group:wood") == 303 and "birch" not in hand.model().options
    assert hand.send("remove:group:wood") == 404


def test_numbers_in_steps(hand: Hand) -> None:
    values = {
        "id": "length",
        "label": "Length",
        "choose": "one",
        "from_": "100",
        "to": "180",
        "step": "20",
        "unit": "cm",
    }
    assert hand.send("add:number:", **values, each__price="12,50") == 303
    assert hand.model().options["length-140"].attributes == {"price": 2500}
    shown = hand.open("save:number:length")
    assert 'value="100"' in shown and 'value="12.5"' in shown
    changed = {**values, "choose": "optional-one", "step": "40", "unit": ""}
    assert hand.send("save:number:length", **changed) == 303
    number = hand.model().group("length")[0]
    assert number.choose == "optional-one" and len(number.options) == 3 and number.number and not number.number.each
    assert hand.send("save:number:length", **{**values, "step": "much"}) == 422
    assert hand.send("save:number:length", **{**values, "to": ""}) == 422
    assert "Write a number." in hand.text


def test_every_kind_of_rule(hand: Hand) -> None:
    assert (
        hand.send("add:rule:requires", form="requires", id="n1", message="Lit.", option="city", requires="lights")
        == 303
    )
    assert hand.send("add:rule:forbid", form="forbid", id="n2", message="No.", forbid=["trail", "lights"]) == 303
    assert hand.send("add:rule:at_most", form="at_most", id="n3", message="Two.", at_most="2", of="rack, lights") == 303
    assert hand.send("add:rule:formula", form="formula", id="n4", message="So.", formula="rack => lights") == 303
    assert hand.send("add:rule:if", form="if", id="n5", message="Thus.", if_="rack", then="lights") == 303
    shapes = {rule.id: rule.shape for rule in hand.model().rules}
    assert shapes["n1"] == {"option": "city", "requires": "lights"} and shapes["n2"] == {"forbid": ["trail", "lights"]}
    assert shapes["n3"] == {"at_most": 2, "of": ["rack", "lights"]} and shapes["n4"] == {"formula": "rack => lights"}
    assert shapes["n5"] == {"if": "rack", "then": "lights"}
    shown = hand.open("save:rule:n2")
    assert 'id="forbid-trail" name="forbid" value="trail" checked' in shown and 'value="city" checked' not in shown
    assert hand.send("save:rule:n2", form="forbid", message="Never.", forbid=["trail", "rack"]) == 303
    assert hand.send("save:rule:n1", form="requires", message="Lit.", option="city", requires=["lights", "rack"]) == 303
    shapes = {rule.id: rule.shape for rule in hand.model().rules}
    assert shapes["n2"] == {"forbid": ["trail", "rack"]} and shapes["n1"]["requires"] == ["lights", "rack"]
    assert hand.send("save:rule:n2", form="forbid", message="", forbid="trail") == 422
    assert hand.send("save:rule:n4", form="formula", message="So.", formula="rack => wings") == 422
    assert "“So.” (formula)" in hand.text and "wings" in hand.text
    assert hand.send("remove:option:b400") == 422 and "“The 500 W motor empties" in hand.text
    assert hand.send("remove:rule:n2") == 303


def test_numbers_of_options_come_and_go(hand: Hand) -> None:
    assert hand.send("add:attribute:", id="warranty", label="Warranty", unit="years", decimals="0", sum="0") == 303
    assert (
        hand.send("save:option:rack", label="Rack", amount__price="60", amount__weight="900", amount__warranty="5")
        == 303
    )
    model = hand.model()
    warranty = model.attribute("warranty")
    assert warranty is not None and not warranty.summed and model.options["rack"].attributes["warranty"] == 5
    assert hand.send("add:attribute:", id="warranty", decimals="0", sum="1") == 422
    assert hand.send("save:attribute:weight", label="Weight", unit="g", decimals="9", sum="1") == 422
    assert hand.send("save:base:", amount__price="1600", amount__weight="9000") == 303
    assert hand.send("remove:attribute:weight") == 303
    model = hand.model()
    assert [one.id for one in model.attributes] == ["price", "warranty"] and model.base == {"price": 160_000}


def test_an_option_has_words_a_picture_and_a_past(hand: Hand) -> None:
    values = {
        "label": "Carrier",
        "description": "Holds\r\n25 kg.",
        "image": "rack.svg",
        "since": "2",
        "replaces": "old-rack",
    }
    assert hand.send("save:option:rack", **values, idea="01ABC", amount__price="99,50", amount__weight="") == 303
    rack = hand.model().options["rack"]
    assert (rack.label, rack.description, rack.image) == ("Carrier", "Holds\n25 kg.", "rack.svg")
    assert (rack.since, rack.replaces, rack.idea, rack.attributes) == (2, "old-rack", "01ABC", {"price": 9950})
    shown = hand.open("save:option:rack")
    assert 'value="99.5"' in shown and 'value="old-rack"' in shown and 'value="rack.svg" selected' in shown
    assert hand.send("save:option:rack", **{**values, "label": "Kept as typed", "since": "soon"}) == 422
    assert "Kept as typed" in hand.text and 'value="soon"' in hand.text
    assert hand.send("save:option:gone", **values) == 404
    assert hand.send("add:option:extras", label="Nameless") == 422
    for token in ("save:wheel:x", "steal:option:rack", "x", "add:rule:wish"):
        assert hand.send(token) == 422 and hand.team.get(f"{hand.address}?open={token}").status_code == 200


def test_whatever_the_language_has_is_shown_and_written_back_unchanged(world: World, hand: Hand) -> None:
    """Each part of a model with everything in it, opened and saved as it stands, is what it was."""
    service.write_draft(world.owner, hand.product.id, engine.parse(EVERYTHING), EVERYTHING)
    before = engine.write(hand.model())
    tokens = ["save:base:", *(f"save:attribute:{one}" for one in before["attributes"]), "save:number:length"]
    tokens += [f"save:group:{one}" for one in ("bells", "load", "wood")]
    tokens += [f"save:option:{one['id']}" for one in changes.options_of(before)]
    tokens += [f"save:rule:{one['id']}" for one in before["rules"]]
    for token in tokens:
        fields = fields_of(hand.open(token))
        assert hand.send(token, **fields) == 303, (token, fields, hand.text)
        assert engine.write(hand.model()) == before, token


class _Fields(HTMLParser):
    """The fields of the open form as a browser would send them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inside, self.name, self.found = False, "", dict[str, list[str]]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        self.inside = has.get("id") == "open" if tag == "form" else self.inside
        if not self.inside:
            return
        if tag in {"select", "textarea"}:
            self.name = str(has["name"])
        boxed = has.get("type") in {"checkbox", "radio"} and "checked" not in has
        if tag == "input" and not boxed:
            self.found.setdefault(str(has["name"]), []).append(has.get("value") or "")
        if tag == "option" and "selected" in has:
            self.found[self.name] = [has.get("value") or ""]

    def handle_data(self, data: str) -> None:
        if self.inside and self.lasttag == "textarea" and self.name not in self.found:
            self.found[self.name] = [data.removeprefix("\n")]

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"


def fields_of(html: str) -> dict[str, Any]:
    """The same without the form's own."""
    return {
        name: values if len(values) > 1 else values[0]
        for name, values in _Fields(html).found.items()
        if name not in {"seen", "csrf_token"}
    }


def test_a_large_model_takes_ids_in_one_line() -> None:
    sent = MultiDict({"form": "at_most", "id": "r", "at_most": "1", "of": "a, b;c  d", "message": "M"})
    assert typed({}, Opened("add", "rule", "at_most"), sent) == {
        "id": "r", "at_most": 1, "of": ["a", "b", "c", "d"], "message": "M",
    }  # fmt: skip


def test_a_missing_option_is_made_one_by_two_presses(world: World, hand: Hand) -> None:
    idea = world.idea(title="A basket, please", for_part=(hand.product.id, "extras"))
    page = hand.open("")
    assert "People miss something here" in page and "A basket, please" in page
    shown = hand.team.get(f"{hand.address}?open=add:option:extras&idea={idea.id}").text
    assert f'value="{idea.id}"' in shown and 'value="a-basket-please"' in shown
    assert hand.send("add:option:extras", id="basket", label="Basket", idea=idea.id, amount__price="25") == 303
    assert "People miss something here" not in hand.open("")
    gate = hand.team.get(hand.address.replace("/form", "/publish")).text
    assert "Began as an idea" in gate and "A basket, please" in gate
    assert service.publish(world.owner, hand.product.id).number == 2
    assert world.names()[-2:] == ["product.published", "option.added"]
