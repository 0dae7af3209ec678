"""What a new version of a model does to what people saved with an old one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from codesign.products.engine.answers import Migration
from codesign.products.engine.compiled import compile
from codesign.products.engine.model import Model


def followed(versions: Iterable[Model]) -> dict[str, str]:
    """What the options of the first of *versions* are called in the last; those that are gone are left out.

    ``replaces`` is followed through all of them, oldest first: what was renamed twice keeps its decisions over both steps.
    A name that goes and comes back, and one that is replaced only after it was gone, count as well.
    """
    first, *later = versions
    names: dict[str, tuple[str, ...]] = {id: (id,) for id in first.options}  # every name it had, the newest first
    for model in later:
        here = {option.replaces: option.id for option in model.options.values() if option.replaces}
        here.update((id, id) for id in model.options)
        for id, known in names.items():
            now = next((here[name] for name in known if name in here), known[0])
            names[id] = tuple(dict.fromkeys((now, *known)))
    last = later[-1] if later else first
    return {id: known[0] for id, known in names.items() if known[0] in last.options}


def breaks(names: Mapping[str, str], new: Model, configurations: Iterable[Mapping[str, bool]]) -> Iterator[Migration]:
    """For each of *configurations* what becomes of it in *new*, one after the other; *names* as ``followed`` tells them.

    Options that are gone are dropped; the repair is the smallest. Nothing is applied.
    Raises Conflict where *new* allows nothing at all and something was decided.
    """
    compiled = compile(new)
    for decisions in configurations:
        renamed: dict[str, str] = {}
        kept: dict[str, bool] = {}
        dropped = []
        for id, value in decisions.items():
            now = names.get(id, id)
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
