"""Lets the demo's team enter what customers said, through the verbs the team uses."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch

from codesign.customers.service import add_evidence, enter_vote
from codesign.customers.weights import set_weights
from codesign.exchange.demo.voices import EnteredText, EvidenceText, WeightsText
from codesign.kernel.actor import Actor


@singledispatch
def enter(text: object, actor: Actor, space_id: str, ideas: Mapping[str, str]) -> None:
    """Let *actor* enter what was written; *ideas* are ids by key. What is about an idea that is not here is left out."""
    raise TypeError(f"nobody of the demo's team can enter {text!r}")


@enter.register
def _vote(text: EnteredText, actor: Actor, space_id: str, ideas: Mapping[str, str]) -> None:
    if text.idea in ideas:
        enter_vote(
            actor, ideas[text.idea], text.person, text.source, name=text.name, organization=text.organization,
            note=text.note,
        )  # fmt: skip


@enter.register
def _evidence(text: EvidenceText, actor: Actor, space_id: str, ideas: Mapping[str, str]) -> None:
    if text.idea in ideas:
        add_evidence(
            actor, ideas[text.idea], quote=text.quote, url=text.url, organization=text.organization,
            person=text.person, name=text.name,
        )  # fmt: skip


@enter.register
def _weights(text: WeightsText, actor: Actor, space_id: str, ideas: Mapping[str, str]) -> None:
    set_weights(actor, space_id, text.weights, note=text.note)
