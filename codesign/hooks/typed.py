"""What somebody typed into a settings form, as the schema takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from codesign.hooks.card import Plugin
from codesign.hooks.facts import SettingFact
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _

#: What a form says nothing of where nothing of it is ticked.
_TICKED = ("switch", "choices")
#: A box called ``default.<setting>`` takes the setting back.
DEFAULT = "default."


def typed_in(form: MultiDict[str, str], token: str) -> dict[str, str]:
    """What a form sent, by field and without its *token*; several ticked boxes of one name are lines."""
    return {name: "\n".join(form.getlist(name)) for name in form if name != token}


def changes(form: tuple[SettingFact, ...], typed: Mapping[str, str], card: Plugin) -> dict[str, Any]:
    """The settings whose value in the form is another one than now; None for those to be taken back."""
    known = {fact.name for fact in form} | {DEFAULT + fact.name for fact in form}
    if strange := set(typed) - known:
        raise Invalid.field(min(strange), _("%(name)s has no such setting.", name=card.title), "unknown")
    found: dict[str, Any] = {}
    for fact in form:
        if DEFAULT + fact.name in typed:
            found[fact.name] = None
        elif fact.kind == "secret" and not typed.get(fact.name):
            continue  # it was not shown, so an empty field says nothing
        elif fact.kind in _TICKED or fact.name in typed:
            value = _read(fact, typed.get(fact.name))
            if value != fact.value:
                found[fact.name] = value
    return found


def _read(fact: SettingFact, text: str | None) -> Any:
    """What the form field says, as the schema takes it; the schema judges."""
    if fact.kind == "switch":
        return text is not None
    if fact.kind in ("list", "choices"):
        known = {str(choice): choice for choice in fact.choices}
        return [known.get(line.strip(), line.strip()) for line in (text or "").splitlines() if line.strip()]
    if fact.kind in ("whole", "number") or (fact.kind == "choice" and not isinstance(fact.value, str)):
        try:
            return int(text or "") if fact.kind == "whole" else float(text or "")
        except ValueError:
            return text
    return (text or "").replace("\r\n", "\n")
