"""The built front end: hashed files served for ever, and the import map through which scripts find modules."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, g, request, send_from_directory, url_for
from markupsafe import Markup

from codesign.kernel import paths

EXTENSION = "codesign.web.assets"
_IN_CHECKOUT = paths.in_checkout()
_FOR_EVER = 31_536_000
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
log = logging.getLogger(__name__)

# The blueprint also lends its folder of templates (base, error pages, macros) to the app.
blueprint = Blueprint("assets", __name__, template_folder="templates")


@dataclass
class Assets:
    """What was built (`manifest.json`) and the modules plugins bring."""

    folder: Path
    files: dict[str, str] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    preload: list[str] = field(default_factory=list)
    modules: dict[str, str] = field(default_factory=dict)
    written: float = 0.0
    looked: float = 0.0

    @classmethod
    def load(cls, folder: Path) -> Assets:
        """Read the manifest; without one (nothing built yet) pages still work, unstyled."""
        assets = cls(folder)
        if not assets.read():
            log.warning("The front end is not built yet: run `python static/build_hook.py`")
        return assets

    def read(self) -> bool:
        """Read the manifest as it is now. Answers whether there is one."""
        path = self.folder / "manifest.json"
        try:
            manifest = json.loads(path.read_text())
            self.written = path.stat().st_mtime
        except (FileNotFoundError, ValueError):
            return False
        self.files, self.imports, self.preload = manifest["files"], manifest["imports"], manifest["preload"]
        return True

    def follow(self) -> None:
        """In a checkout, take up what was built since: a running server shows it on the next page."""
        now = time.monotonic()
        if now - self.looked < 1:
            return
        self.looked = now
        try:
            if (self.folder / "manifest.json").stat().st_mtime != self.written:
                self.read()
        except FileNotFoundError:
            return  # being built right now

    def add_module(self, name: str, url: str) -> None:
        """Let scripts import a plugin's ES module as *name* (``scoring/chart``)."""
        self.modules[name] = url


def assets_of(app: Flask) -> Assets:
    """The assets of *app*."""
    assets: Assets = app.extensions[EXTENSION]
    if _IN_CHECKOUT:
        assets.follow()
    return assets


def install(app: Flask) -> None:
    """Serve the built files and give templates ``asset``, ``import_map`` and ``preloads``."""
    app.extensions[EXTENSION] = Assets.load(paths.find("static/dist"))
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(asset=asset, import_map=import_map, preloads=preloads)


def asset(name: str, **options: Any) -> str:
    """Address of the built file *name* (``main.css``, ``icons.svg``); ``_external=True`` for other sites."""
    known: dict[str, str] = g.setdefault("asset_urls", {})  # a page asks for its icons a hundred times
    if name not in known:
        known[name] = url_for("assets.serve", name=assets_of(current_app).files.get(name, name), **options)
    return known[name]


def preloads() -> list[str]:
    """Addresses of the modules every page needs, so that they are fetched at once and not one after the other."""
    return [url_for("assets.serve", name=name) for name in assets_of(current_app).preload]


def import_map() -> Markup:
    """The import map as a script element with the page's nonce."""
    assets = assets_of(current_app)
    imports = {name: url_for("assets.serve", name=file) for name, file in assets.imports.items()} | assets.modules
    content = json.dumps({"imports": imports}, sort_keys=True).replace("<", "\\u003c")
    return Markup('<script type="importmap" nonce="{}">{}</script>').format(g.csp_nonce, Markup(content))  # noqa: S704


def _send(folder: Path, name: str, **options: Any) -> Response:
    """The file, compressed when it was built and the client takes it so."""
    for encoding, suffix in _ENCODINGS:
        # "gzip;q=0" stands in the header too, and says that it is not taken.
        if request.accept_encodings.quality(encoding) and (folder / (name + suffix)).is_file():
            response = send_from_directory(folder, name + suffix, mimetype=_TYPES.get(Path(name).suffix), **options)
            response.headers["Content-Encoding"] = encoding
            break
    else:
        response = send_from_directory(folder, name, mimetype=_TYPES.get(Path(name).suffix), **options)
    response.vary.add("Accept-Encoding")
    return response


@blueprint.get("/assets/<path:name>")
def serve(name: str) -> Response:
    """One built file. Its name changes with its content, so it may be kept for ever."""
    if not name.endswith(tuple(_TYPES)):
        abort(404)
    response = _send(assets_of(current_app).folder, name, max_age=_FOR_EVER, conditional=True)
    response.cache_control.public = True
    response.cache_control.immutable = True
    return response


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """The mark, for browsers that ask at the root."""
    assets = assets_of(current_app)
    return send_from_directory(
        assets.folder, assets.files.get("mark.svg", "mark.svg"), mimetype="image/svg+xml", max_age=86_400
    )
