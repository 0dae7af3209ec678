"""The switches of the demo, kept in the database: the server shows them, the worker obeys them."""

from __future__ import annotations

from codesign.exchange.models import DemoSwitch
from codesign.kernel.db import reading, session, verb

BUILT, PULSE = "built", "pulse"


@reading
def is_on(name: str, default: bool = False) -> bool:
    """Whether a switch is on; *default* where nobody has touched it."""
    row = session().get(DemoSwitch, name)
    return default if row is None else row.on


def pulse_beats() -> bool:
    """Whether the people of the demo go on living: until somebody switches it off."""
    return is_on(PULSE, default=True)


@verb
def turn(name: str, on: bool) -> None:
    """Turn a switch on or off. It belongs to no space and to nobody, so no log tells of it."""
    session().merge(DemoSwitch(name=name, on=on))
