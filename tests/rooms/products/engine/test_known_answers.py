"""The twins of test_published_models.py: the same questions about a model of our own, whose answers were worked out by hand."""

from __future__ import annotations

from codesign.products import engine
from codesign.products.engine import State, counting, feature_ide, uvl

LAMP = """
namespace "Reading lamp"

features
	"Reading lamp" {abstract true, price 20.00}
		mandatory
			Foot
				alternative
					"Round foot" {price 5.50}
					"Clamp, 60 mm"
			Switch
		optional
			Dimmer {price 9}
			Battery {price 12.25}
				or
					"2x AA"
					"4x AA // long"
			Plug
			Heater {hidden}

constraints
	Dimmer => !"2x AA" & Plug
	Battery | Plug
	!"Clamp, 60 mm" | !Battery
	!Heater
"""

LAMP_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<extendedFeatureModel>
  <struct>
    <and abstract="true" mandatory="true" name="Reading lamp">
      <attribute name="price" type="double" unit="EUR" value="20"/>
      <alt mandatory="true" name="Foot">
        <feature name="Round foot"><attribute name="price" type="double" value="5.5"/></feature>
        <feature name="Clamp, 60 mm"/>
      </alt>
      <feature name="Dimmer"><attribute name="price" type="double" value="9"/></feature>
      <or name="Battery">
        <attribute name="price" type="double" value="12.25"/>
        <feature name="2x AA"/>
        <feature name="4x AA // long"/>
      </or>
      <feature name="Plug"/>
      <feature mandatory="true" name="Switch"/>
      <feature hidden="true" name="Heater"/>
    </and>
  </struct>
  <constraints>
    <rule><imp><var>Dimmer</var><conj><not><var>2x AA</var></not><var>Plug</var></conj></imp></rule>
    <rule><disj><var>Battery</var><var>Plug</var></disj></rule>
    <rule><disj><not><var>Clamp, 60 mm</var></not><not><var>Battery</var></not></disj></rule>
    <rule><not><var>Heater</var></not></rule>
  </constraints>
</extendedFeatureModel>
"""

LAMP_SXFM = b"""<feature_model name="Reading lamp">\r
<feature_tree>\r
:r Reading lamp (lamp)\r
\t:m Foot (Foot)\r
\t\t:g [1,1]\r
\t\t\t: Round foot\r
\t\t\t: Clamp, 60 mm (clamp)\r
\t:o Dimmer (Dimmer)\r
\t:o Battery (Battery)\r
\t\t:g [1,*]\r
\t\t\t:m 2x AA (two)\r
\t\t\t: 4x AA // long \r
\t:o Plug (Plug)\r
\t:m Switch\r
\t:o Heater (Heater)\r
</feature_tree>\r
<constraints>\r
c1a: ~Dimmer or ~two\r
c1b: ~Dimmer or Plug\t\r
c2: Battery or Plug\r
c3: ~clamp OR ~Battery\r
c4: ~Heater or ~lamp\r
</constraints>\r
</feature_model>\r
"""

#: Feet (2) x battery (none, 2, 4, both) x plug x dimmer, by hand: without battery the plug is needed, the dimmer free: 2 feet
#: x 2 = 4. With battery (round foot only): without plug 3 ways; with plug 3 ways, and with the dimmer 1: 7.
CONFIGURATIONS = 11


def ids(model: engine.Model) -> dict[str, str]:
    return {str(option.label): option.id for option in model.options.values()}


def lamps() -> list[engine.Model]:
    return [uvl.read(LAMP), feature_ide.read(LAMP_XML), feature_ide.read(LAMP_SXFM)]


def test_core_and_dead_features() -> None:
    for lamp in lamps():
        names = ids(lamp)
        assert lamp.product == "Reading lamp"
        states = engine.compile(lamp).propagate({}).states
        assert {name for name, id in names.items() if states[id] is State.FORCED_ON} == {"Foot", "Switch"}
        assert {name for name, id in names.items() if states[id] is State.FORCED_OFF} == {"Heater"}


def test_numbers_of_configurations() -> None:
    for lamp in lamps():
        counted = counting.counted(engine.compile(lamp))
        assert counted
        assert counted.total() == CONFIGURATIONS


def test_prices() -> None:
    for lamp in lamps()[:2]:
        names, compiled = ids(lamp), engine.compile(lamp)
        assert lamp.base == {"price": 20_00}
        price = compiled.totals({})["price"]
        assert (price.now, price.least, price.most) == (20_00, 20_00, 20_00 + 5_50 + 9_00 + 12_25)
        price = compiled.totals({names["Battery"]: True})["price"]
        assert (price.now, price.least, price.most) == (37_75, 37_75, 46_75)


def test_every_step_of_propagation() -> None:
    for lamp in lamps():
        names, compiled = ids(lamp), engine.compile(lamp)
        states = compiled.propagate({names["Clamp, 60 mm"]: True}).states
        assert {name for name, id in names.items() if states[id] is State.FORCED_ON} == {"Foot", "Switch", "Plug"}
        off = {name for name, id in names.items() if states[id] is State.FORCED_OFF}
        assert off == {"Heater", "Round foot", "Battery", "2x AA", "4x AA // long"}


def test_smallest_number_of_decisions_to_retract() -> None:
    for lamp in lamps():
        names, compiled = ids(lamp), engine.compile(lamp)
        decisions = {names["Clamp, 60 mm"]: True, names["Dimmer"]: True}
        repair, *_others = compiled.repairs(decisions, names["2x AA"])
        assert set(repair.gives_up) == set(decisions)
        repair, *_others = compiled.repairs(decisions, names["4x AA // long"])
        assert repair.gives_up == (names["Clamp, 60 mm"],)


def test_the_same_ids_whatever_the_format() -> None:
    first, second, _third = lamps()
    assert set(first.options) == set(second.options)
    assert ids(first)["Clamp, 60 mm"] == "Clamp-60-mm"
