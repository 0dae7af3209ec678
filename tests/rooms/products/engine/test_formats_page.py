"""What docs/use/product-formats.md shows is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from codesign.products.engine import feature_ide, uvl, uvl_writing

PAGE = Path(__file__).resolve().parents[4] / "docs/use/product-formats.md"
TEXT = PAGE.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_the_snippets_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lamp, ide, splot = blocks("text")
    monkeypatch.chdir(tmp_path)
    Path("lamp.uvl").write_text(lamp, encoding="utf-8")
    Path("lamp.xml").write_text(ide, encoding="utf-8")
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(compile(block, str(PAGE), "exec"), names)
    assert names["notes"] == names["losses"] == ()
    assert names["model"].rules[0].message == "A dimmer needs power."  # type: ignore[attr-defined]
    read = uvl.read(lamp)
    assert (read.options["Clamp-60-mm"].label, read.base) == ("Clamp, 60 mm", {"price": 2000})
    assert [rule.message for rule in feature_ide.read(splot.encode()).rules] == ["Dimmer needs Plug."]


def test_numbers_and_names_on_the_page() -> None:
    assert f"more than {uvl_writing.MOST_CLAUSES:,} clauses" in TEXT
    row = next(line for line in TEXT.splitlines() if line.startswith("| an attribute called"))
    assert set(re.findall(r"`(\w+)`", row)) == uvl_writing.RESERVED
