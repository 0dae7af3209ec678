"""Slots: places on a page that plugins draw in. Empty, late or failing: no box, no gap."""

from __future__ import annotations

import contextvars
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader, Template, TemplateError
from markupsafe import Markup

from codesign.hooks.facts import Enabled
from codesign.hooks.host import PluginHost

#: Every place there is, as docs/integrate/plugins.md shows them.
SLOTS = (
    "space.head", "board.filter", "board.aside", "idea.meta", "idea.aside", "idea.below", "idea.form", "option.note",
    "configurator.aside", "desk.panel", "desk.column", "me.section", "insights.row", "settings.tab",
)  # fmt: skip

#: What one box may add to a page, in bytes.
_LARGEST = 250_000
_SLOT_FOLDER = "slots-of-"
_OWN = Path(__file__).parent / "templates"


def add_templates(app: Flask, host: PluginHost) -> None:
    """Let templates be found: each plugin's own under its name, its slots under a name no plugin can have."""
    folders: dict[str, BaseLoader] = {}
    for name, loaded in host.plugins.items():
        if templates := loaded.part("templates"):
            folders[name] = FileSystemLoader(templates / name)
        if slots := loaded.part("slots"):
            folders[_SLOT_FOLDER + name] = FileSystemLoader(slots)
    known = [app.jinja_loader] if app.jinja_loader else []
    app.jinja_loader = ChoiceLoader([*known, FileSystemLoader(_OWN), PrefixLoader(folders)])


class Slots:
    """Draws slots for one app."""

    def __init__(self, app: Flask, host: PluginHost) -> None:
        self.app, self.host = app, host
        self._frame = app.jinja_env.get_template("hooks/slot.html")
        self._drawn_by = {slot: [name for name in host.plugins if self._draws(name, slot)] for slot in SLOTS}

    def _draws(self, plugin: str, slot: str) -> bool:
        folder = self.host.plugins[plugin].part("slots")
        return folder is not None and (folder / f"{slot}.html").is_file()

    def draw(self, space: Any, actor: Any, slot: str, facts: Sequence[Any] = ()) -> Markup:
        """What the plugins that are on in *space* draw in *slot*, each in a box that says whose it is."""
        names = self._drawn_by.get(slot)
        if not names or space is None:
            return Markup()
        boxes = [
            self._box(item, space, actor, slot, facts) for item in self.host.enabled(space.id) if item.name in names
        ]
        return Markup("\n").join(box for box in boxes if box)

    def _box(self, item: Enabled, space: Any, actor: Any, slot: str, facts: Sequence[Any]) -> Markup:
        """The box of one plugin. Its template is drawn inside the call: what it draws with is the plugin's own code too."""
        try:
            template = self.app.jinja_env.get_template(f"{_SLOT_FOLDER}{item.name}/{slot}.html")
        except TemplateError as error:
            self.host.runner.blame(item.name, "fill_slot", f"{type(error).__name__}: {error}")
            return Markup()
        values = {"space": space, "actor": actor, "slot": slot, "facts": facts, "settings": item.settings}
        context = contextvars.copy_context()
        answer = self.host.tell(
            item.name, "fill_slot", space_id=space.id, space=space, actor=actor, slot=slot, facts=tuple(facts),
            settings=item.settings, then=lambda data: context.run(self._drawn, item.name, template, values, data),
        )  # fmt: skip
        return answer.value or Markup()

    def _drawn(self, name: str, template: Template, values: dict[str, Any], data: Mapping[str, Any] | None) -> Markup:
        if data is None and self.host.implementation("fill_slot", name):
            return Markup()
        data = data or {}
        inside = template.render(values, data=data).strip()
        if not inside:
            return Markup()
        heading = data.get("heading")
        box = self._frame.render(card=self.host.card(name), heading=heading, inside=Markup(inside))  # noqa: S704
        if len(box.encode()) > _LARGEST:  # half of a pair of surrogates fails here, too: it would break the whole page
            raise ValueError(f"it drew {len(box):,} characters; a box has {_LARGEST:,} bytes at most")
        return Markup(box)  # noqa: S704
