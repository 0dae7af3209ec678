"""Settings of the whole server: of plugins that work for all of it, and what holds where a space set nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from codesign.hooks.host import PluginHost, host_of

SETTINGS = """
from codesign import sdk

class Its(sdk.Settings):
    address = sdk.fields.String(load_default="", metadata={{"label": "Address"}})
    key = sdk.fields.String(load_default="", metadata={{"label": "Key", "secret": True}})
    most = sdk.fields.Integer(load_default=3, validate=sdk.validate.Range(min=0, max=9), metadata={{"label": "Most"}})
    words = sdk.fields.List(
        sdk.fields.String(validate=sdk.validate.Length(2, 5)), load_default=list, metadata={{"label": "Words"}}
    )
    tongues = sdk.fields.List(
        sdk.fields.String(validate=sdk.validate.OneOf(["en", "de"], labels=["English", "Deutsch"])),
        load_default=lambda: ["en"], metadata={{"label": "Tongues"}},
    )
    said = sdk.fields.String(load_default="", validate=sdk.validate.Length(0, 900), metadata={{"label": "Said"}})

plugin = sdk.Plugin(name={name!r}, title={name!r}, version="1", scope={scope!r}, settings=Its)
"""


@pytest.fixture
def app(write_plugin: Callable[..., Path], make_app: Callable[..., Flask]) -> Flask:
    base = write_plugin("gate", SETTINGS.format(name="gate", scope="server"))
    write_plugin("lamp", SETTINGS.format(name="lamp", scope="space"))
    write_plugin("bare", "from codesign import sdk\nplugin = sdk.Plugin(name='bare', title='Bare', version='1')\n")
    return make_app(plugin_folders=str(base), plugins="gate,lamp,bare")


@pytest.fixture
def host(app: Flask) -> PluginHost:
    return host_of(app)


@pytest.fixture
def ask(client: FlaskClient, make_person: Any, make_token: Any) -> Callable[..., Any]:
    """Ask as an administrator, or as somebody else; a form carries no cookie and so needs no form token."""

    def asking(name: str, form: dict[str, Any] | None = None, *, is_admin: bool = True) -> Any:
        headers = {"Authorization": f"Bearer {make_token(make_person(is_admin=is_admin))}"}
        way, more = (client.get, {}) if form is None else (client.post, {"data": form})
        return way(f"/admin/plugins/{name}/settings", headers=headers, **more)

    return asking


def test_a_plugin_of_the_whole_server_has_a_form(ask: Any, host: PluginHost, client: FlaskClient) -> None:
    page = ask("gate").text
    assert "Holds for the whole server." in page and 'name="most" type="number" min="0" max="9" value="3"' in page
    assert '<textarea class="input" id="said"' in page
    assert (
        ask("gate", {"address": "https://a.example", "key": "pst", "most": "5", "words": "red\nblue"}).status_code
        == 303
    )
    found = host.settings("gate")
    assert (found["address"], found["key"], found["most"], found["words"]) == (
        "https://a.example",
        "pst",
        5,
        ["red", "blue"],
    )
    page = ask("gate").text
    assert "Set here." in page and "pst" not in page
    assert ask("gate", {"default.most": "1", "key": ""}).status_code == 303
    assert host.settings("gate")["most"] == 3 and host.settings("gate")["key"] == "pst"


def test_several_of_a_few_are_boxes_to_tick(ask: Any, host: PluginHost) -> None:
    page = ask("gate").text
    assert 'value="en" checked><label for="tongues-1">English' in page and 'value="de"><label' in page
    assert ask("gate", {"tongues": ["en", "de"], "most": "3"}).status_code == 303
    assert host.settings("gate")["tongues"] == ["en", "de"]
    assert ask("gate", {"tongues": "de", "most": "12"}).status_code == 422
    assert ask("gate", {"most": "3"}).status_code == 303
    assert host.settings("gate")["tongues"] == []


def test_what_is_wrong_is_said_beside_its_field_and_in_which_line(ask: Any, host: PluginHost) -> None:
    answer = ask("gate", {"most": "12", "words": "red\nyellowish"})
    assert answer.status_code == 422 and "Line 2: Length must be between 2 and 5." in answer.text
    assert "yellowish" in answer.text and 'value="12"' in answer.text and host.settings("gate")["most"] == 3
    assert ask("gate", {"colour": "red"}).status_code == 422


def test_a_space_takes_what_the_server_says_until_it_says_otherwise(
    ask: Any, host: PluginHost, make_space: Any, plugins: Any
) -> None:
    one, other = make_space(), make_space()
    plugins.enable("lamp", one, most=1)
    plugins.enable("lamp", other)
    assert "Holds in every space that has not set it otherwise." in ask("lamp").text
    assert ask("lamp", {"most": "7"}).status_code == 303
    assert (host.settings("lamp", one.id)["most"], host.settings("lamp", other.id)["most"]) == (1, 7)


def test_who_may_and_what_has_nothing_to_set(ask: Any) -> None:
    assert ask("gate", is_admin=False).status_code == ask("gate", {"most": "5"}, is_admin=False).status_code == 403
    assert ask("bare").status_code == ask("nobody").status_code == 404
