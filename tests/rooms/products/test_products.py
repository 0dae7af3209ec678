"""Products are begun, written, published, and answer questions."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from codesign.notifications.queries import list_notices
from codesign.notifications.service import deliver
from codesign.products import engine, gate, pictures, queries, service
from codesign.products.facts import ProductFact
from codesign.products.ports import Saved, ports
from tests.support.bikes import COUNT, NEXT, SMALL
from tests.support.world import World

Make = Callable[..., ProductFact]


def test_a_product_is_written_and_published(world: World, make_product: Make) -> None:
    product = make_product(draft=True)
    assert queries.list_products(world.access(world.ann)) == []
    draft = queries.draft_of(product.id)
    assert draft is not None and draft.number == 1 and draft.source == SMALL
    published = service.publish(world.owner, product.id, draft.content_hash)
    assert published.number == 1 and not published.is_draft and published.content_hash == draft.content_hash
    assert [one.slug for one in queries.list_products(world.access(world.ann))] == ["city-bike"]
    assert queries.draft_of(product.id) is None
    assert world.names()[-2:] == ["product.created", "product.published"]


def test_what_is_published_never_changes(world: World, make_product: Make) -> None:
    product = make_product()
    first = queries.published_version(queries.get_product(world.ann, product.id))
    service.write_draft(world.owner, product.id, engine.parse(NEXT), NEXT)
    assert queries.get_version(first.id) == first
    second = service.publish(world.owner, product.id)
    assert second.number == 2 and queries.published_version(queries.get_product(world.ann, product.id)) == second
    kept = queries.version_numbered(product.id, 1)
    assert kept is not None and kept.document == first.document and kept.content_hash == first.content_hash


def test_only_the_product_team_writes_and_sees_drafts(world: World, make_product: Make) -> None:
    product = make_product(draft=True)
    for actor in (world.ann, world.stranger):
        with pytest.raises(NotFound):
            service.write_draft(actor, product.id, engine.parse(NEXT))
        with pytest.raises(Forbidden):
            service.create_product(actor, world.space.id, "Another")
    service.publish(world.owner, product.id)
    with pytest.raises(Forbidden):
        service.write_draft(world.ann, product.id, engine.parse(NEXT))
    with pytest.raises(Forbidden):
        service.publish(world.moderator, product.id)
    keeper = world.member("product")
    service.write_draft(keeper, product.id, engine.parse(NEXT))
    assert service.publish(keeper, product.id).number == 2


def test_two_who_write_one_draft_do_not_overwrite_each_other(world: World, make_product: Make) -> None:
    product = make_product(draft=True)
    seen = queries.draft_of(product.id)
    assert seen is not None
    service.write_draft(world.owner, product.id, engine.parse(NEXT), seen=seen.content_hash)
    with pytest.raises(Conflict):
        service.write_draft(world.owner, product.id, engine.parse(SMALL), seen=seen.content_hash)
    with pytest.raises(Conflict):
        service.publish(world.owner, product.id, seen.content_hash)
    with pytest.raises(Conflict):
        service.write_draft(world.owner, product.id, engine.parse(SMALL), seen="")


def test_the_gate_counts_and_prices(world: World, make_product: Make) -> None:
    product = make_product(draft=True)
    draft = queries.draft_of(product.id)
    assert draft is not None
    found = gate.analysis_of(draft)
    assert not found["void"] and found["finished"] and found["dead"] == []
    assert found["count"] == str(COUNT)
    assert found["cheapest"]["price"] == 150_000 and found["dearest"]["price"] == 341_000
    assert service.publish(world.owner, product.id).analysis == found


def test_a_model_that_allows_nothing_is_not_published(world: World, make_product: Make) -> None:
    broken = SMALL + "  - {id: never, forbid: [m250], message: No.}\n  - {id: never-2, forbid: [m500], message: No.}\n"
    product = make_product(broken, draft=True)
    with pytest.raises(Conflict):
        service.publish(world.owner, product.id)
    draft = queries.draft_of(product.id)
    assert draft is not None and {reason["id"] for reason in gate.analysis_of(draft)["why_void"]} >= {"never"}


def test_the_gate_tells_what_a_version_breaks(
    world: World, make_product: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = make_product()
    first = queries.published_version(queries.get_product(world.owner, product.id))
    stricter = SMALL + "  - {id: light-cargo, forbid: [cargo, b800], message: Too heavy together.}\n"
    draft = service.write_draft(world.owner, product.id, engine.parse(stricter))
    saved = [Saved("A", first.id, {"cargo": True, "b800": True}), Saved("B", first.id, {"city": True, "b800": True})]
    monkeypatch.setattr(ports, "saved", lambda product_id, most: saved[:most])
    found = gate.breaks_of(product, draft)
    assert found.tried == 2 and found.whole
    (broken,) = found.broken
    assert broken.saved.id == "A" and broken.gives_up == ("b800",)
    assert [rule["id"] for rule in broken.rules] == ["light-cargo"]


def test_the_gate_counts_as_broken_who_chose_an_option_that_is_gone(
    world: World, make_product: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = make_product()
    first = queries.published_version(queries.get_product(world.owner, product.id))
    draft = service.write_draft(world.owner, product.id, engine.parse(NEXT))
    gone = next(option for option in queries.model_of(first).options if option not in queries.model_of(draft).options)
    saved = [Saved("A", first.id, {"city": True, gone: True}), Saved("B", first.id, {"city": True, gone: False})]
    monkeypatch.setattr(ports, "saved", lambda product_id, most: saved[:most])
    (broken,) = gate.breaks_of(product, draft).broken
    assert (broken.saved.id, broken.rules, broken.gives_up, broken.unknown) == ("A", (), (), (gone,))


def test_mistakes_of_a_document_are_named_by_place(world: World, make_product: Make) -> None:
    product = make_product(draft=True)
    wrong = engine.parse(SMALL.replace("choose: any", "choose: many").replace("b625 | b800", "b625 | b900"))
    with pytest.raises(Invalid) as refused:
        service.write_draft(world.owner, product.id, wrong)
    assert [error.field for error in refused.value.errors] == ["groups.3.choose", "rules.0.then"]


def test_an_option_that_began_as_an_idea_is_announced_once(world: World, make_product: Make) -> None:
    idea = world.idea(title="Something for my dog")
    product = make_product()
    text = NEXT.replace("since: 2}", f"since: 2, idea: {idea.id}}}")
    for _time in range(2):
        service.write_draft(world.owner, product.id, engine.parse(text), text)
        service.publish(world.owner, product.id)
    assert world.names().count("option.added") == 1
    deliver(world.space.id)
    assert [notice.name for notice in list_notices(world.ann)] == ["option.added"]


def test_a_draft_is_thrown_away(world: World, make_product: Make) -> None:
    product = make_product()
    service.write_draft(world.owner, product.id, engine.parse(NEXT))
    service.discard_draft(world.owner, product.id)
    with pytest.raises(NotFound):
        service.discard_draft(world.owner, product.id)
    listed = queries.list_versions(product.id, drafts=True)
    assert [version.number for version in listed] == [1] and not hasattr(listed[0], "document")


def test_words_change_and_a_stale_change_is_refused(world: World, make_product: Make) -> None:
    product = queries.get_product(world.owner, make_product().id)
    changed = service.change_product(world.owner, product.id, product.version, name="Town bike")
    assert changed.name == "Town bike" and world.names()[-1] == "product.changed"
    with pytest.raises(Conflict):
        service.change_product(world.owner, product.id, product.version, name="Third name")
    assert service.change_product(world.owner, product.id, name="Town bike") == changed
    with pytest.raises(Invalid):
        service.change_product(world.owner, product.id, name=" ")


def test_addresses_are_unique_in_a_space(world: World, make_product: Make) -> None:
    assert [make_product(draft=True).slug, make_product(draft=True).slug] == ["city-bike", "city-bike-2"]
    with pytest.raises(Invalid):
        make_product(draft=True, slug="city-bike")
    with pytest.raises(Invalid):
        make_product(draft=True, slug="City Bike")


def test_pictures_of_one_name_sent_at_once_are_one_picture(world: World, make_product: Make) -> None:
    product, drawing = make_product(), b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    with ThreadPoolExecutor(8) as pool:
        sent = pool.map(lambda _n: pictures.put_picture(world.owner, product.id, "city.svg", drawing), range(24))
        assert set(sent) == {"image/svg+xml"}
    assert pictures.list_pictures(product.id) == ["city.svg"]
