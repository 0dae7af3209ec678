"""Questions of a compiled model, asked in a server."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from codesign.kernel.errors import Unavailable
from codesign.products import engine, service, solving
from codesign.products.facts import ProductFact, VersionFact
from tests.support.bikes import SMALL
from tests.support.world import World


def test_a_server_prepares_a_version_when_it_is_published(
    world: World, make_product: Callable[..., ProductFact], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled, begun = solving.compiled_version, threading.Event()

    def watched(version: VersionFact) -> object:
        begun.set()
        return compiled(version)

    monkeypatch.setattr(solving, "compiled_version", watched)
    product = make_product()
    assert not begun.is_set(), "a command has nobody to prepare it for"
    monkeypatch.setattr(solving, "under_gevent", lambda: True)
    service.write_draft(world.owner, product.id, engine.parse(SMALL), SMALL)
    version = service.publish(world.owner, product.id)
    assert begun.wait(10)
    assert solving.solve(version, lambda ready: ready.sums.known), "asked one after another, so this is the second"


def test_what_cannot_be_prepared_is_told_to_who_asks(
    world: World, make_product: Callable[..., ProductFact], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Unavailable()

    monkeypatch.setattr(solving, "compiled_version", refuse)
    version = service.publish(world.owner, make_product(draft=True).id)
    solving._prepare(version)
    with pytest.raises(Unavailable):
        solving.solve(version, lambda ready: ready.totals({}))
