"""The form of a plugin's settings is drawn from its schema: every kind of field, with its words, and errors beside the field."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from codesign.testing import Plugins

pytestmark = pytest.mark.doors

CARD = """
from codesign.sdk import Plugin, Settings, fields, validate


class Every(Settings):
    word = fields.String(load_default="bell", metadata={"label": "Word", "help": "One word."})
    many = fields.Integer(load_default=2, validate=validate.Range(min=1, max=9), metadata={"label": "Many", "unit": "bells"})
    share = fields.Float(load_default=0.5, metadata={"label": "Share"})
    loud = fields.Boolean(load_default=False, metadata={"label": "Loud"})
    tone = fields.String(
        load_default="c", validate=validate.OneOf(["c", "g"], labels=["Low", "High"]), metadata={"label": "Tone"}
    )
    names = fields.List(fields.String(), load_default=list, metadata={"label": "Names"})
    key = fields.String(load_default="", metadata={"label": "Key", "secret": True})


plugin = Plugin(name="every", title="Every", version="1.0.0", settings=Every)
"""
ALL = {"word": "horn", "many": "3", "share": "0.25", "loud": "1", "tone": "g", "names": "Ann\r\nBen", "key": "sesame"}
SET = {"word": "horn", "many": 3, "share": 0.25, "loud": True, "tone": "g", "names": ["Ann", "Ben"], "key": "sesame"}


@pytest.fixture
def app(make_app: Callable[..., Flask], tmp_path: Path) -> Iterator[Flask]:
    """The app with a plugin that has a setting of every kind."""
    (tmp_path / "every").mkdir()
    (tmp_path / "every" / "__init__.py").write_text(CARD, encoding="utf-8")
    yield make_app(plugin_folders=str(tmp_path), plugins="every")
    del sys.modules["codesign_plugins.every"]


@pytest.fixture
def ask(
    client: FlaskClient, make_space: Any, make_person: Any, make_token: Any, plugins: Plugins
) -> Callable[..., Any]:
    """The page of the settings, or what comes of sending it, for the owner; with ``.space``."""
    space, owner = make_space(), make_person("Olga", is_admin=True)
    plugins.enable("every", space)
    bearer = {"Authorization": f"Bearer {make_token(owner)}"}

    def asking(**typed: str) -> Any:
        path = f"/spaces/{space.slug}/settings/plugins/every"
        return client.post(path, data=typed, headers=bearer) if typed else client.get(path, headers=bearer)

    asking.space = space  # type: ignore[attr-defined]
    return asking


def field(page: str, name: str) -> str:
    """The tag of one field."""
    found = re.search(rf'<(?:input|select|textarea)[^>]* id="{name}"[^>]*>', page)
    assert found, name
    return found[0]


def test_every_kind_is_drawn_saved_and_drawn_again(ask: Any, plugins: Plugins) -> None:
    page = ask().text
    assert [
        label in page for label in ("Word", "Many", "Share", "Loud", "Tone", "Names", "Key", "One word.", ">bells<")
    ]
    assert 'min="1" max="9"' in field(page, "many") and 'role="switch"' in field(page, "loud")
    assert '<option value="g">High</option>' in page and 'type="password"' in field(page, "key")
    assert ask(**ALL).status_code == 303
    assert dict(plugins.host.settings("every", ask.space.id)) == SET
    again = ask().text
    assert "sesame" not in again and "leave this empty to keep it" in again
    assert ask(**{**ALL, "key": ""}).status_code == 303
    assert plugins.host.settings("every", ask.space.id)["key"] == "sesame", "an empty field says nothing"
    assert ask(**{**ALL, "key": "", "default.key": "1"}).status_code == 303
    assert plugins.host.settings("every", ask.space.id)["key"] == ""


@pytest.mark.parametrize(("name", "typed"), [("many", "99"), ("many", "x"), ("share", "much"), ("tone", "z")])
def test_what_is_wrong_stands_beside_its_field_and_typed_text_stays(ask: Any, name: str, typed: str) -> None:
    refused = ask(**{**ALL, name: typed})
    assert refused.status_code == 422 and f'id="{name}-error"' in refused.text and f'href="#{name}"' in refused.text
    tag = field(refused.text, name)
    assert 'aria-invalid="true"' in tag and f"{name}-error" in tag
    assert "horn" in refused.text and "sesame" not in refused.text
