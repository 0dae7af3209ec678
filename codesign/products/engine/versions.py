"""What a new version of a model does to what people saved with an old one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from codesign.products.engine.answers import Migration
from codesign.products.engine.compiled import compile
from codesign.products.engine.model import Model


def breaks(old: Model, new: Model, configurations: Iterable[Mapping[str, bool]]) -> Iterator[Migration]:
    """For each of *configurations* (decisions made in *old*) what becomes of it in *new*, one after the other.

    Options are renamed by ``replaces``, unknown ones dropped; the repair is the smallest. Nothing is applied.
    Raises Conflict where *new* allows nothing at all and something was decided.
    """
    compiled = compile(new)
    follows = {option.replaces: option.id for option in new.options.values() if option.replaces}
    for decisions in configurations:
        renamed: dict[str, str] = {}
        kept: dict[str, bool] = {}
        dropped = []
        for id, value in decisions.items():
            now = follows.get(id, id) if id not in new.options else id
            if now not in new.options:
                dropped.append(id)
                continue
            if now != id:
                renamed[id] = now
            kept.setdefault(now, value)
        conflict = compiled.conflict(kept)
        lost = tuple(id for id in dropped if decisions[id])
        if conflict is None:
            yield Migration(True, kept, renamed, tuple(dropped), lost=lost)
        else:
            yield Migration(False, kept, renamed, tuple(dropped), conflict.rules, compiled.mend(kept), lost)
