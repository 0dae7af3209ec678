"""The pages on which product teams write and publish, and everybody looks."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from codesign.pictures.service import add_picture
from codesign.products import engine, pictures, queries, service
from codesign.products.facts import ProductFact
from codesign.products.ports import Saved, ports
from tests.support.bikes import NEXT, SMALL
from tests.support.pictures import picture
from tests.support.world import World

pytestmark = pytest.mark.doors

Make = Callable[..., ProductFact]
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 6"><path d="M0 0h9v6z"/></svg>'


def test_a_product_is_begun_written_and_published_on_its_pages(world: World, enter: Any) -> None:
    team, base = enter(world.owner), f"/spaces/{world.space.slug}/products"
    made = team.send(base, **{"name": "City bike", "description": "Goes **anywhere**", "slug": ""})
    assert made.status_code == 303 and made.location == f"{base}/city-bike/edit"
    assert "choose: one" in team.get(made.location).text
    saved = team.send(made.location, **{"source": SMALL.replace("\n", "\r\n"), "seen": ""})
    assert saved.status_code == 303 and saved.location == f"{base}/city-bike/publish"
    gate = team.get(saved.location).text
    assert "Every option can be chosen" in gate and "74" in gate and "1\u202f500" in gate
    product = queries.find_product(world.owner, world.space.id, "city-bike")[0]
    draft = queries.draft_of(product.id)
    assert draft is not None and draft.source == SMALL
    done = team.send(saved.location, **{"content_hash": draft.content_hash})
    assert done.status_code == 303
    everybody = enter(None).get(f"{base}/city-bike").text
    assert "<strong>anywhere</strong>" in everybody and "A child seat is mounted on the rack." in everybody
    assert "Compose your own" in everybody and "child-seat" not in enter(None).get(base).text


def test_mistakes_stand_beside_their_lines_and_nothing_is_lost(world: World, make_product: Make, enter: Any) -> None:
    make_product(draft=True)
    team, address = enter(world.owner), f"/spaces/{world.space.slug}/products/city-bike/edit"
    wrong = SMALL.replace("choose: any", "choose: many")
    seen = team.get(address).text.split('name="seen" value="')[1].split('"')[0]
    answer = team.send(address, **{"source": wrong, "seen": seen})
    line = wrong.splitlines().index("    choose: many") + 1
    assert answer.status_code == 422 and f"Line {line}<" in answer.text and "choose: many" in answer.text
    broken = team.send(address, **{"source": "groups: [\n  - oops", "seen": seen})
    assert broken.status_code == 422 and "oops" in broken.text and "Line" in broken.text
    late = team.send(address, **{"source": NEXT, "seen": "something else"})
    assert late.status_code == 409 and "dog-trailer" in late.text and f'value="{seen}"' in late.text


def test_the_gate_page_shows_what_is_wrong_and_what_breaks(
    world: World, make_product: Make, enter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = make_product()
    first = queries.published_version(queries.get_product(world.owner, product.id))
    odd = NEXT + (
        "  - {id: never-dogs, forbid: [dog-trailer], message: Dogs stay at home.}\n"
        "  - {id: again, option: child-seat, requires: rack, message: The rack carries the seat.}\n"
        "  - {id: lit, formula: city => lights, message: In town you ride with lights.}\n"
        "  - {id: lit-too, formula: (trail | cargo) => lights, message: Elsewhere as well.}\n"
    )
    saved = [
        Saved("01ABCDEFGH", first.id, {"city": True, "lights": False}),
        Saved("01ABCDEFGJ", first.id, {"b400": True}),
    ]
    monkeypatch.setattr(ports, "saved", lambda product_id, most: saved)
    service.write_draft(world.owner, product.id, engine.parse(odd), odd)
    shown = enter(world.owner).get(f"/spaces/{world.space.slug}/products/city-bike/publish").text
    assert "Options nobody can choose" in shown and "Dogs stay at home." in shown
    assert "Choices that are none" in shown and "Elsewhere as well." in shown
    assert "Rules that say nothing new" in shown and "A child seat is mounted on the rack." in shown
    assert "2 of 2 saved configurations cannot stay as they are." in shown and "In town you ride with lights." in shown
    assert "Dog trailer" in shown and "400 Wh" in shown


def test_a_void_draft_has_no_button(world: World, make_product: Make, enter: Any) -> None:
    make_product(SMALL + "  - {id: never, formula: m250 & m500, message: Both motors.}\n", draft=True)
    shown = enter(world.owner).get(f"/spaces/{world.space.slug}/products/city-bike/publish").text
    assert (
        "These rules allow nothing" in shown
        and "Both motors." in shown
        and "Publish version" not in shown.split("<aside")[1]
    )


def test_files_come_and_go(world: World, make_product: Make, enter: Any) -> None:
    make_product()
    team, base = enter(world.owner), f"/spaces/{world.space.slug}/products/city-bike"
    assert team.get(f"{base}/model.yaml").text == SMALL
    for other in (None, world.ann, world.moderator):
        text = enter(other).get(f"{base}/model.yaml").text
        assert "#" in SMALL and "#" not in text
        assert engine.read(engine.parse(text)) == engine.read(engine.parse(SMALL))
    assert team.get(f"{base}/model.json").json["product"] == "e-bike"
    uvl = team.get(f"{base}/model.uvl").text
    assert "features" in uvl
    sent = team.send(f"{base}/upload", **{"file": (io.BytesIO(uvl.encode()), "bike.uvl")})
    assert sent.status_code == 303
    product = queries.find_product(world.owner, world.space.id, "city-bike")[0]
    draft = queries.draft_of(product.id)
    assert draft is not None and "child-seat" in queries.model_of(draft).options
    refused = team.send(f"{base}/upload", **{"file": (io.BytesIO(b"features"), "bike.exe")})
    assert refused.status_code == 422 and ".uvl" in refused.text
    large = json.dumps(engine.write(engine.read(engine.parse(SMALL)))) + " " * 2_000_000
    assert team.send(f"{base}/upload", **{"file": (io.BytesIO(large.encode()), "a.json")}).status_code == 303
    half = team.send(f"{base}/upload", **{"file": (io.BytesIO(rb'{"\ud800": 1}'), "a.json")})
    assert half.status_code == 422 and "half of a character" in half.text
    assert team.send(f"{base}/upload", **{}).status_code == 422


def test_pictures_are_pictures_and_nothing_else(world: World, make_product: Make, enter: Any) -> None:
    product = make_product(SMALL.replace("{id: city,", "{id: city, image: city.svg,"))
    team, base = enter(world.owner), f"/spaces/{world.space.slug}/products/city-bike"
    sent = team.send(f"{base}/pictures", **{"picture": (io.BytesIO(DRAWING), "city.svg")})
    assert sent.status_code == 303 and pictures.list_pictures(product.id) == ["city.svg"]
    shown = enter(None).get(f"{base}/pictures/city.svg")
    assert shown.data == DRAWING and shown.mimetype == "image/svg+xml"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert f'src="{base}/pictures/city.svg"' in enter(None).get(base).text
    unknown = DRAWING.replace(b"<svg", b'<?xml version="1.0" encoding="foo"?><svg', 1)
    for content in (
        b"<html><script>alert(1)</script></html>",
        b"GIF89a",
        b'<!DOCTYPE x [<!ENTITY a "b">]><svg/>',
        b"",
        unknown,
    ):
        assert team.send(f"{base}/pictures", **{"picture": (io.BytesIO(content), "b.svg")}).status_code == 422
    assert enter(world.ann).send(f"{base}/pictures", **{"picture": (io.BytesIO(DRAWING), "a.svg")}).status_code == 403
    assert team.send(f"{base}/pictures/remove", **{"name": "city.svg"}).status_code == 303
    assert team.get(f"{base}/pictures/city.svg").status_code == 404


def test_photos_of_options_are_drawn_anew_or_named_by_their_address(
    world: World, make_product: Make, enter: Any
) -> None:
    photo = add_picture(world.owner, world.space.id, picture())
    assert enter(None).get(photo.address).status_code == 404
    product = make_product(SMALL.replace("{id: city,", f"{{id: city, image: {photo.address},"))
    team, base = enter(world.owner), f"/spaces/{world.space.slug}/products/city-bike"
    assert f'src="{photo.address}"' in enter(None).get(base).text
    assert enter(None).client.get(photo.address).data[:4] == b"RIFF"
    sent = team.send(f"{base}/pictures", **{"picture": (io.BytesIO(picture("JPEG", comment=b"Snoop")), "city.jpg")})
    assert sent.status_code == 303 and pictures.list_pictures(product.id) == ["city.jpg"]
    shown = enter(None).client.get(f"{base}/pictures/city.jpg")
    assert shown.mimetype == "image/webp" and shown.data[:4] == b"RIFF" and b"Snoop" not in shown.data


def test_only_the_team_gets_in_where_products_are_made(world: World, make_product: Make, enter: Any) -> None:
    make_product(draft=True)
    base = f"/spaces/{world.space.slug}/products"
    for page in ("city-bike", "city-bike/edit", "city-bike/form", "city-bike/publish", "city-bike/model.yaml"):
        assert enter(world.ann).get(f"{base}/{page}").status_code == 404
        assert enter(world.owner).get(f"{base}/{page}").status_code == 200
    assert enter(world.ann).get(f"{base}/new").status_code == 403
