"""Undo and redo: each person takes back their own edits of a draft, the last one first, as long as nobody else built on them."""

from __future__ import annotations

from codesign.configurations.drafts import Change, locked, open_draft, store, until_settled
from codesign.configurations.facts import ConfigurationFact, EditFact
from codesign.configurations.history import REDO, UNDO, Did, difference_of, overtaken_by, pass_over, step_of
from codesign.configurations.solving import choices_of, readmitted, snapshot, turn
from codesign.kernel.actor import Actor
from codesign.kernel.db import read, verb
from codesign.kernel.errors import Conflict
from codesign.kernel.text import _
from codesign.products.facts import VersionFact
from codesign.products.queries import compiled_version
from codesign.products.solving import solve


class Overtaken(Conflict):
    """Somebody else changed an option since: *edit* cannot be taken back (or done again) because of *by*."""

    def __init__(self, edit: EditFact, by: EditFact) -> None:
        option = sorted(edit.options & by.options)[0]
        super().__init__(
            _("Somebody else changed this since. Your step stays as it is."), option=option, person_id=by.person_id
        )
        self.option, self.by = option, by


def undo(actor: Actor, configuration_id: str) -> ConfigurationFact:
    """Take one's own last edit back. Raises NotFound, Forbidden, Blocked, and Overtaken (a Conflict) where somebody else has
    changed an option of it since; the next undo then goes on with the edit before it."""
    return until_settled(lambda: _turn(actor, configuration_id, back=True))


def redo(actor: Actor, configuration_id: str) -> ConfigurationFact:
    """Do again what one took back last. Raises as ``undo``."""
    return until_settled(lambda: _turn(actor, configuration_id, back=False))


def _turn(actor: Actor, configuration_id: str, *, back: bool) -> ConfigurationFact:
    fact, version = open_draft(actor, configuration_id)
    with read():
        edit = step_of(fact.id, actor.person_id, back=back)
        by = overtaken_by(edit) if edit is not None and fact.together else None
    if edit is None:
        return fact
    if by is not None:
        if back:
            _pass_over(actor, fact.id, edit.number)
        raise Overtaken(edit, by)
    change = solve(version, lambda _compiled: _turned(version, fact, edit, back))
    return store(actor, fact.id, fact.version, change)


def _turned(version: VersionFact, fact: ConfigurationFact, edit: EditFact, back: bool) -> Change:
    choices = readmitted(version, turn(version, choices_of(fact), difference_of(edit), back=back))
    did = Did(UNDO if back else REDO, edit.option, edit.number)
    return Change(choices, snapshot(compiled_version(version), choices.decisions), did)


@verb
def _pass_over(actor: Actor, configuration_id: str, number: int) -> None:
    locked(actor, configuration_id)
    pass_over(configuration_id, number)
