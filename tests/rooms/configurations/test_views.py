"""How amounts are written on pages."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import force_locale

from codesign.configurations.pages.acts import read_amount
from codesign.configurations.views import amount
from codesign.kernel.errors import Invalid
from codesign.products.engine import Attribute

EURO, GRAM, METRE = Attribute("price", "EUR", 2), Attribute("weight", "g"), Attribute("height", "m", 1)


def test_amounts_have_their_unit_and_no_more_decimals_than_they_need(app: Flask) -> None:
    with app.test_request_context():
        assert amount(294_000, EURO) == "2\u202f940\u00a0€" and amount(294_050, EURO) == "2,940.50\u00a0€"
        assert (
            amount(-4_000, EURO, signed=True) == "\u221240\u00a0€" and amount(4_000, EURO, signed=True) == "+40\u00a0€"
        )
        assert amount(0, EURO, signed=True) == "0\u00a0€"
        assert amount(340, GRAM) == "340\u00a0g" and amount(24_830, GRAM) == "24.8\u00a0kg"
        assert amount(17, METRE) == "1.7\u00a0m"


MILLI = Attribute("dose", "l", 3)
READ: list[tuple[str, Attribute, int | None]] = [
    ("1700", EURO, 170_000), ("99,90 €", EURO, 9_990), ("€ 99.9", EURO, 9_990), ("", EURO, None), (" ", EURO, None),
    ("2,940", EURO, 294_000), ("1.000", EURO, 100_000), ("1.000.000", EURO, 10**8), ("1.700,50", EURO, 170_050),
    ("2,940.50", EURO, 294_050), ("1'000.50", EURO, 100_050), ("2\u202f940\u00a0€", EURO, 294_000), ("0.500", EURO, 50),
    ("10000000000", EURO, 10**12), ("0.010", EURO, 1),
    ("1.500", MILLI, 1_500), ("1.500.000", MILLI, 1_500_000_000), ("24.8\u00a0kg", GRAM, 24_800), ("340 g", GRAM, 340),
]  # fmt: skip


@pytest.mark.parametrize(("text", "attribute", "value"), READ)
def test_a_limit_is_read_as_people_write_it(text: str, attribute: Attribute, value: int | None) -> None:
    assert read_amount(text, attribute) == value


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_what_a_page_writes_is_read_right(app: Flask, language: str) -> None:
    with app.test_request_context(), force_locale(language):
        for value, attribute in ((294_000, EURO), (294_050, EURO), (1_234_567_890, EURO), (24_800, GRAM), (17, METRE)):
            assert read_amount(amount(value, attribute), attribute) == value
        for value in (1_500, 1_234_500, 2_000):
            assert read_amount(amount(value, MILLI), MILLI) == value


@pytest.mark.parametrize(
    "text",
    [
        "-5",
        "\u22125",
        "5-6",
        "1.2.3",
        "1,000.50,5",
        ".",
        "none",
        "1e9",
        "m²",
        "10" * 9,
        "9" * 40,
        "0.005",
        "0." + "0" * 39 + "1",
        "0.0001 kg",
        "10000000000.01",
    ],
)
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_amount(text, EURO)
