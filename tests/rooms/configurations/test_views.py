"""How amounts are written on pages."""

from __future__ import annotations

import pytest
from flask import Flask

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


@pytest.mark.parametrize(("text", "value"), [("1700", 170_000), ("1.700,50", None), ("99,90 €", 9_990), ("", None)])
def test_a_limit_is_read_as_people_write_it(text: str, value: int | None) -> None:
    if text == "1.700,50":
        with pytest.raises(Invalid):
            read_amount(text, EURO)
    else:
        assert read_amount(text, EURO) == value
