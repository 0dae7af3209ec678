"""Which addresses we take, and which two mean the same person (threat X06)."""

from __future__ import annotations

import pytest

from codesign.accounts.addresses import person_key, tidy_address
from codesign.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("mira@example.org", "mira@example.org"),
        ("  Mira@EXAMPLE.org ", "mira@example.org"),
        ("mira+news@example.org", "mira+news@example.org"),
        ("o'neil_2@sub.example.co.uk", "o'neil_2@sub.example.co.uk"),
        ("mira@bücher.example", "mira@xn--bcher-kva.example"),
        ("mira@ｅxample.org", "mira@example.org"),  # full-width letters of a domain mean the plain ones
        ("root@localhost", "root@localhost"),
    ],
)
def test_addresses_we_take(typed: str, kept: str) -> None:
    assert tidy_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "mira", "@example.org", "mira@", "mira@example", "mira@@example.org", "mi ra@example.org",
        "mira@example.org, eve@example.org", "mira@example.org\nBcc: eve@example.org", "mira@-bad-.org",
        ".mira@example.org", "mira.@example.org", "mi..ra@example.org", '"mira"@example.org', "mira(x)@example.org",
        "=?utf-8?q?eve=40evil.org?=@example.org", "mіra@example.org",  # a Cyrillic і
        "mira@exam_ple.org", "x" * 65 + "@example.org", "mira@" + "a" * 250 + ".org", "mira\x00@example.org",
    ],
)  # fmt: skip
def test_addresses_we_refuse(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        tidy_address(typed)
    assert refusal.value.errors[0].field == "email"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mira@example.org", "mira+anything@example.org"),
        ("mira.k@gmail.com", "mirak@googlemail.com"),
        ("m.i.r.a+x@gmail.com", "mira@gmail.com"),
    ],
)
def test_spellings_of_one_person(one: str, other: str) -> None:
    assert person_key(one) == person_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("mira.k@example.org", "mirak@example.org"), ("mira@example.org", "mira@example.com"), ("+a@x.org", "+b@x.org")],
)
def test_different_people(one: str, other: str) -> None:
    assert person_key(one) != person_key(other)
