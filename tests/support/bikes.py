"""A small e-bike with exactly 74 configurations, and its next version."""

SMALL = """\
product: e-bike
attributes:
  price: {unit: EUR, decimals: 2}
  weight: {unit: g}
base: {price: 1500, weight: 9000}
groups:
  - id: frame
    label: Frame
    choose: one
    options:
      - {id: city, label: City, price: 0, weight: 4000}
      - {id: trail, label: Trail, price: 200, weight: 3600}
      - {id: cargo, label: Cargo, price: 900, weight: 9000}
  - id: motor
    label: Motor
    choose: one
    options:
      - {id: m250, label: 250 W, price: 0, weight: 2500}
      - {id: m500, label: 500 W, price: 300, weight: 3100}
  - id: battery
    label: Battery
    choose: one
    options:
      - {id: b400, label: 400 Wh, price: 0, weight: 2300}
      - {id: b625, label: 625 Wh, price: 250, weight: 3500}
      - {id: b800, label: 800 Wh, price: 450, weight: 4300}
  - id: extras
    label: Extras
    choose: any
    options:
      - {id: child-seat, label: Child seat, price: 120, weight: 3000}
      - {id: rack, label: Rack, price: 60, weight: 900}
      - {id: lights, label: Lights, price: 80, weight: 300}
rules:
  # Comments stay where they are.
  - id: cargo-range
    if: cargo
    then: b625 | b800
    message: A cargo bike is heavy and needs at least 625 Wh.
  - {id: seat-on-rack, option: child-seat, requires: rack, message: A child seat is mounted on the rack.}
  - {id: no-seat-on-trail, forbid: [trail, child-seat], message: Children do not ride on trails.}
  - {id: strong-motor, formula: m500 => !b400, message: The 500 W motor empties a small battery too fast.}
"""

COUNT = 74

#: The same without the smallest battery, with a module nobody had before.
NEXT = SMALL.replace("      - {id: b400, label: 400 Wh, price: 0, weight: 2300}\n", "").replace(
    "formula: m500 => !b400", "formula: m500 => b625 | b800"
).replace(
    "rules:\n",
    "  - id: trailer\n    label: Trailer\n    choose: optional-one\n    options:\n"
    "      - {id: dog-trailer, label: Dog trailer, price: 240, weight: 8000, since: 2}\nrules:\n",
)  # fmt: skip
