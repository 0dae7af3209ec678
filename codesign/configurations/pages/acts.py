"""What the buttons of the desk do: each posts one word, perhaps with an option and what is given up for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from flask import flash

from codesign.configurations import service
from codesign.configurations.beside import MOST_LIMIT
from codesign.configurations.queries import find_configuration
from codesign.configurations.solving import Blocked
from codesign.configurations.views import HEAVIER, amount
from codesign.kernel.actor import Actor
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.products.engine import Attribute
from codesign.products.queries import get_version, model_of

#: A number with a currency before it or a unit behind it; no minus anywhere.
_AMOUNT = re.compile(
    r"(?P<sign>[^\d.,\-\u2212]*)(?P<number>[\d.,](?:[\d.,'\u2019\s]*[\d.,])?)(?P<unit>[^\d.,\-\u2212]*)"
)
_GAPS = re.compile(r"['\u2019\s]")
_GROUPED = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")

Values = dict[str, Any]
#: An act gets who, which configuration, what stands behind its word, and the form; it answers an option to show ways out for.
Act = Callable[[Actor, str, str, Values], str]


def act(actor: Actor, configuration_id: str, values: Values) -> str:
    """Do what was pressed. Answers the option whose ways out are to be shown, where something did not go."""
    word, _colon, rest = values["do"].partition(":")
    if word not in ACTS:
        raise Invalid.field("do", _("This page does not know that button."), "unknown")
    try:
        return ACTS[word](actor, configuration_id, rest, values)
    except Blocked as problem:
        return problem.option


def _apply(actor: Actor, configuration_id: str, rest: str, values: Values) -> str:
    """A form without script: what is ticked now and was not when it was drawn is chosen; what is no more is left open."""
    now, was = set(values.get("on", ())), set(values["was"].split())
    wanted: dict[str, bool | None] = dict.fromkeys(sorted(was - now))
    wanted.update({option: True for option in values.get("on", ()) if option not in was})
    if wanted:
        service.choose_many(actor, configuration_id, wanted, values["seen"])
    return ""


def _decide(value: bool | None) -> Act:
    def run(actor: Actor, configuration_id: str, rest: str, values: Values) -> str:
        service.choose(actor, configuration_id, rest, value, values["seen"])
        return ""

    return run


def _ask(actor: Actor, configuration_id: str, rest: str, values: Values) -> str:
    return rest


def _swap(value: bool) -> Act:
    def run(actor: Actor, configuration_id: str, rest: str, values: Values) -> str:
        option, _colon, names = rest.partition(":")
        gives_up = tuple(name for name in names.split(",") if name)
        service.take_repair(actor, configuration_id, option, value, gives_up, values["seen"])
        flash(_("Done: it fits together again."))
        return ""

    return run


def _wish(wished: bool) -> Act:
    def run(actor: Actor, configuration_id: str, rest: str, values: Values) -> str:
        service.wish(actor, configuration_id, rest, wished)
        flash(_("Kept as a wish. The product team sees what its rules cost.") if wished else _("The wish is gone."))
        return ""

    return run


def _undo(actor: Actor, configuration_id: str, rest: str, values: Values) -> str:
    service.undo(actor, configuration_id)
    return ""


def _redo(actor: Actor, configuration_id: str, rest: str, values: Values) -> str:
    service.redo(actor, configuration_id)
    return ""


def _reset(actor: Actor, configuration_id: str, rest: str, values: Values) -> str:
    service.reset(actor, configuration_id, values["seen"])
    flash(_("All choices are open again. Undo brings them back."))
    return ""


def _complete(actor: Actor, configuration_id: str, rest: str, values: Values) -> str:
    service.complete(actor, configuration_id, rest, values["like"] or None, values["seen"])
    flash(_("Completed. Undo brings your own choices back."))
    return ""


def _limit(actor: Actor, configuration_id: str, rest: str, values: Values) -> str:
    _access, fact = find_configuration(actor, configuration_id)
    version = get_version(fact.product_version_id)
    attribute = model_of(version).attribute(rest) if version else None
    if attribute is None:
        raise Invalid.field("limit", _("There is no such number to limit here."), "unknown")
    service.set_limit(actor, configuration_id, rest, read_amount(values["limit"], attribute))
    return ""


def read_amount(text: str, attribute: Attribute) -> int | None:
    """An amount somebody typed or copied from a page, in the attribute's smallest unit; None for nothing. Raises Invalid."""
    if not text.strip():
        return None
    parts = _AMOUNT.fullmatch(text) or _AMOUNT.fullmatch(text.strip().removesuffix(attribute.unit))
    if parts is None:
        raise Invalid.field("limit", _("Write the limit as one number, nothing below zero."), "invalid")
    heavier = HEAVIER.get(attribute.unit)
    decimals = attribute.decimals + (3 if heavier and parts["unit"].strip() == heavier else 0)
    value = Fraction(_number(_GAPS.sub("", parts["number"]), decimals)) * 10**decimals
    if value > MOST_LIMIT:
        raise Invalid.field("limit", _("This limit is too large."), "invalid")
    if value.denominator != 1:
        said = _("Nothing finer than %(least)s can be the limit here.", least=amount(1, attribute))
        raise Invalid.field("limit", said, "invalid")
    return int(value)


def _number(plain: str, decimals: int) -> Decimal:
    """Digits with points and commas. Where both stand the last one begins the decimals; one that stands alone before exactly
    three digits groups thousands, unless the attribute has three decimals."""
    last = max(plain.rfind("."), plain.rfind(","))
    mark = plain[last] if last >= 0 else ""
    other = {".": ",", ",": "."}.get(mark, ",")
    lone = mark and other not in plain
    if lone and _GROUPED.fullmatch(plain) and (decimals != 3 or plain.count(mark) > 1):
        return Decimal(plain.replace(mark, ""))
    try:
        return Decimal(plain.replace(other, "").replace(mark or ".", "."))
    except InvalidOperation:
        raise Invalid.field("limit", _("Write the limit as one number, nothing below zero."), "invalid") from None


def _rename(actor: Actor, configuration_id: str, rest: str, values: Values) -> str:
    service.rename(actor, configuration_id, values["name"])
    return ""


def _migrate(actor: Actor, configuration_id: str, rest: str, values: Values) -> str:
    done = service.migrate(actor, configuration_id)
    flash(
        _("Your configuration is of the new version now.") if done.moved
        else _("Your configuration is of the newest version already.")
    )  # fmt: skip
    return ""


ACTS: dict[str, Act] = {
    "apply": _apply, "on": _decide(True), "off": _decide(False), "open": _decide(None), "ask": _ask,
    "swap": _swap(True), "drop": _swap(False), "wish": _wish(True), "unwish": _wish(False), "undo": _undo, "redo": _redo,
    "reset": _reset, "complete": _complete, "limit": _limit, "rename": _rename, "migrate": _migrate,
}  # fmt: skip
