"""What pages of a space load for the plugins that are on there: ``static/main.css`` and ``static/main.js``."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, g
from markupsafe import Markup

from codesign.hooks.host import PluginHost
from codesign.web.registry import PageView, registry_of

_TAGS = {
    "main.css": Markup('<link rel="stylesheet" href="{url}">'),
    "main.js": Markup('<script type="module" src="{url}" nonce="{nonce}"></script>'),
}


def address(plugin: str, folder: Path, file: Path) -> str:
    """Where a file of a plugin's ``static/`` is served; it changes with the content, so it may be kept for ever."""
    mark = hashlib.blake2b(file.read_bytes(), digest_size=6).hexdigest()
    return f"/-/static/{plugin}/{file.relative_to(folder).as_posix()}?v={mark}"


def install(app: Flask, host: PluginHost) -> None:
    """Let the frame of every page load what the plugins of its space bring for all pages."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, loaded in host.plugins.items():
        folder = loaded.part("static")
        for each in _TAGS if folder else ():
            if folder and (folder / each).is_file():
                found.setdefault(name, []).append((each, address(name, folder, folder / each)))

    def draw(view: PageView, _facts: object) -> Markup | None:
        if view.space is None or not found:
            return None
        on = [item.name for item in host.enabled(view.space.id) if item.name in found]
        tags = [_TAGS[each].format(url=url, nonce=g.csp_nonce) for name in on for each, url in found[name]]
        return Markup("\n").join(tags)

    registry_of(app).slot("frame.head").add("plugins", draw)
