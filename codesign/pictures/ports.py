"""What pictures ask of the rooms whose texts show them; those say it at boot. A kind nobody answers for is shown to nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from codesign.kernel.actor import Actor
from codesign.kernel.errors import Problem


@dataclass
class Ports:
    """By kind of text the gate of that text: it raises where *actor* may not read the text of that id."""

    gates: dict[str, Callable[[Actor, str], object]] = field(default_factory=dict)

    def reads(self, actor: Actor, kind: str, text_id: str) -> bool:
        """Whether *actor* may read a text."""
        gate = self.gates.get(kind)
        if gate is None:
            return False
        try:
            gate(actor, text_id)
        except Problem:
            return False
        return True


ports = Ports()
