"""Products that benchmarks compose: published product lines with made-up prices, or one that is made up as a whole."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.load.stage import Stage

FILES = ("pc-richmond.uvl", "financialservices-2017-10-20.uvl", "busybox-1.18.0.uvl")


def models() -> Iterator[tuple[str, Any]]:
    """A PC shop, a bank's product line and BusyBox from ``CODESIGN_DATA/feature-models`` (default ``../shared/data``)."""
    from codesign.products import engine

    folder = Path(os.environ.get("CODESIGN_DATA", "../shared/data")) / "feature-models"
    if not folder.is_dir():
        print(f"  ({folder} is not there: a made-up model instead)")
        yield "made up", engine.read(made_up())
        return
    for name in FILES:
        yield name, priced(engine.uvl.read((folder / name).read_text("utf-8")))


def made_up() -> dict[str, Any]:
    """A document of 400 options in 80 groups, with 120 rules."""
    dice = random.Random(4)
    groups = [
        {
            "id": f"g{group}",
            "choose": dice.choice(["one", "one", "any", "optional-one"]),
            "options": [{"id": f"o{group}-{number}", "price": dice.randrange(200)} for number in range(5)],
        }
        for group in range(80)
    ]
    names = [option["id"] for group in groups for option in group["options"]]
    rules = []
    for number in range(120):
        one, other, third = dice.sample(names, 3)
        formula = dice.choice([f"{one} => {other} | {third}", f"!({one} & {other})", f"{one} & {other} => {third}"])
        rules.append({"id": f"r{number}", "formula": formula, "message": "They belong together."})
    return {"attributes": {"price": {"unit": "EUR"}}, "groups": groups, "rules": rules}


def priced(model: Any) -> Any:
    """*model* with a price on every second option."""
    from codesign.products import engine

    dice = random.Random(7)

    def group(one: Any) -> Any:
        return replace(one, options=tuple(map(option, one.options)), number=None)

    def option(one: Any) -> Any:
        price = {"price": dice.randrange(100, 30_000)} if dice.random() < 0.5 else {}
        return replace(one, attributes=price, groups=tuple(map(group, one.groups)))

    return replace(
        model, attributes=(engine.Attribute("price", "EUR", 2),), base={}, groups=tuple(map(group, model.groups))
    )


def publish(ready: Stage, name: str, model: Any) -> str:
    """Make *model* a product of the space ``load``; its id."""
    from codesign.products import engine

    made: str = ready.admin.ask("POST", "/spaces/load/products", json={"name": name})["id"]
    document = engine.write(model)
    ready.admin.ask("PUT", f"/products/{made}/draft", json={"document": document, "seen": ""}, timeout=120)
    ready.admin.ask("POST", f"/products/{made}/publish", json={}, timeout=120)
    return made
