"""Hooks are pinned, documented, and their documentation is a plugin that works."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from codesign import sdk
from codesign.hooks import asking, overview, specs, tasks
from codesign.hooks.host import host_of
from codesign.hooks.slots import SLOTS
from codesign.kernel.contribution import TextDraft
from codesign.testing import Clock, Plugins, actor_of
from codesign.web.registry import PageView, registry_of
from tests.contracts.source import ROOT

PAGE = (ROOT / "docs/integrate/plugins.md").read_text(encoding="utf-8")
PINNED = json.loads((ROOT / "tests/contracts/hooks.json").read_text(encoding="utf-8"))
BLOCK = re.compile(r"^```(?:python|html)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACE = re.compile(r"(?:# |\{# )acme/(\S+?)(?: \((top)\))?(?: #\})?\n")


# --- Pinned and documented --------------------------------------------------------------------------------------------


def test_hooks_are_what_was_pinned() -> None:
    """A change here is a new version of the hook API: raise specs.API_VERSION, then this file."""
    now = {
        hook.name: {
            "arguments": list(inspect.signature(getattr(specs, hook.name)).parameters),
            "asks": hook.style.asks,
            "where": hook.style.where,
            "budget": hook.style.budget,
        }
        for hook in overview.hooks()
    }
    assert {"version": list(specs.API_VERSION), "hooks": now, "slots": list(SLOTS)} == PINNED


def test_every_spec_has_a_style_and_words() -> None:
    declared = [name for name, value in vars(specs).items() if hasattr(value, "codesign_spec")]
    assert sorted(declared) == sorted(specs.STYLES)
    assert all(len(hook.doc) > 40 and hook.style.otherwise for hook in overview.hooks())


@pytest.mark.parametrize("hook", list(specs.STYLES))
def test_every_hook_has_its_section_with_its_signature_and_budget(hook: str) -> None:
    assert f"### `{overview.signature(hook)}`\n" in PAGE
    budget = specs.STYLES[hook].budget
    words = f"{budget * 1000:g} ms" if budget < 1 else f"{budget:g} s"
    rows = [line.split("|") for line in PAGE.splitlines() if line.startswith("| `")]
    assert [row[3].strip() for row in rows if f"`{hook}`" in row[1] and len(row) == 6] == [words]


def test_every_slot_is_named() -> None:
    assert [slot for slot in SLOTS if f"`{slot}`" not in PAGE] == []


def test_the_sdk_offers_what_it_says() -> None:
    assert [name for name in sdk.__all__ if not hasattr(sdk, name)] == []
    used = set(re.findall(r"\bsdk\.([A-Za-z_]+)", PAGE)) - {"py"}
    assert used <= set(sdk.__all__), used - set(sdk.__all__)


# --- The plugin of the page -------------------------------------------------------------------------------------------


def write_page(base: Path) -> None:
    """The snippets of the page as the folder of a plugin; those of one file in order, imports (top) first."""
    files: dict[str, list[str]] = {}
    for block in BLOCK.findall(PAGE):
        place = PLACE.match(block)
        assert place, f"a snippet does not say which file it is of:\n{block}"
        texts = files.setdefault(place[1], [])
        texts.insert(0 if place[2] else len(texts), block[place.end() :])
    for name, texts in files.items():
        (base / "acme" / name).parent.mkdir(parents=True, exist_ok=True)
        (base / "acme" / name).write_text("\n\n".join(texts))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    base = tmp_path_factory.mktemp("page")
    write_page(base)
    yield base
    for name in [name for name in sys.modules if name.startswith("codesign_plugins.acme")]:
        del sys.modules[name]
    table = sdk.Base.metadata.tables.get("acme_seen")
    if table is not None:
        sdk.Base.metadata.remove(table)


@pytest.fixture
def app(make_app: Callable[..., Flask], folder: Path) -> Flask:
    app = make_app(plugin_folders=str(folder), plugins="acme")
    assert host_of(app).refused == []
    assert host_of(app).upgrade_tables() == {"acme": "0001"}
    return app


def test_the_plugin_of_the_page_does_what_the_page_says(
    app: Flask,
    client: FlaskClient,
    plugins: Plugins,
    make_space: Any,
    make_idea: Any,
    make_person: Any,
    make_token: Any,
    clock: Clock,
) -> None:
    """Every hook, the rule, the routes, the slot and the task, in one life of a space."""
    ann, space = make_person("Ann"), make_space()
    host, actor = host_of(app), actor_of(ann)
    idea = make_idea(space, "A belt drive", author=ann)
    plugins.enable("acme", space, most_links=1)
    plugins.work()

    draft = TextDraft("idea", "Buy", "https://a https://b")
    verdict = asking.review(host, space, actor, draft, newcomer=False)
    assert (verdict.decision, verdict.reasons) == (sdk.HOLD, ("It has 2 links.",))
    assert [hit.id for _, hit in asking.find_similar(host, space, actor, "belt") or ()] == [idea.id]
    found = asking.search(host, [space], actor, "acme")
    assert found is not None and [hit.id for hit in found[1].hits] == [idea.id]
    assert asking.search(host, [space], actor, "other") is None

    with app.test_request_context():
        box = "".join(registry_of(app).slot("idea.aside").drawn(PageView(space=space), [idea]))
    assert "Seen by Acme" in box and "A belt drive is one of them." in box and "From the plugin Acme" in box

    page = client.get(f"/spaces/{space.slug}/-/acme/")
    assert page.status_code == 200 and "1 ideas seen" in page.text and "<title>" in page.text
    address = f"/api/v1/spaces/{space.slug}/-/acme/seen"
    assert client.get(address).status_code == 401
    token = make_token(make_person("Ada", is_admin=True))
    assert client.get(address, headers={"Authorization": f"Bearer {token}"}).json == {"ideas": [idea.id]}
    assert client.get(f"/api/v1/spaces/{space.slug}/ideas?sort=acme_talk").json["items"][0]["id"] == idea.id

    plugins.replay("acme", space)
    plugins.work()
    assert client.get(address, headers={"Authorization": f"Bearer {token}"}).json == {"ideas": [idea.id]}

    assert tasks.run_due(host) == 1 and asking.search(host, [space], actor, "acme")[1] != []  # type: ignore[index]
    assert [answer.error for answer in host.erase_person(ann.id)] == [None]
    clock.advance(days=1)
    assert tasks.run_due(host) == 1 and asking.search(host, [space], actor, "acme")[1].hits == []  # type: ignore[index]

    plugins.enable("acme", space, on=False)
    plugins.work()
    assert client.get(f"/spaces/{space.slug}/-/acme/").status_code == 404
    assert asking.search(host, [space], actor, "acme") is None
