"""The plugin that is to be tried: a folder with a card, a project that will become a package, or the name of one."""

from __future__ import annotations

import atexit
import importlib.metadata
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codesign.hooks import discovery
from codesign.kernel import paths
from codesign.kernel.errors import Conflict, NotFound
from codesign.kernel.text import _


@dataclass(frozen=True)
class Candidate:
    """A plugin that nobody imported yet. ``settings`` let an app find it, and it alone."""

    name: str
    settings: dict[str, str]


def find(reference: str | Path) -> Candidate:
    """The plugin in a folder, of a project with a ``pyproject.toml``, or of that name on this server.

    Raises NotFound, and Conflict for a project that does not offer exactly one plugin.
    """
    path = Path(reference).resolve()
    if (path / "__init__.py").is_file():
        return Candidate(path.name, {"plugin_folders": str(path.parent), "plugins": path.name})
    if (path / "pyproject.toml").is_file():
        return _of_project(path)
    name = str(reference)
    bundled = {found.name for found in discovery.in_folders([paths.find("plugins")])}
    if name in bundled or any(point.name == name for point in importlib.metadata.entry_points(group=discovery.GROUP)):
        return Candidate(name, {"plugins": name})
    raise NotFound(_("There is no plugin at %(place)s: no card, no pyproject.toml, no such name.", place=name))


def _of_project(path: Path) -> Candidate:
    project = tomllib.loads((path / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
    points = project.get("entry-points", {}).get(discovery.GROUP, {})
    if len(points) != 1:
        raise Conflict(_('The project must offer one plugin in [project.entry-points."codesign.plugins"].'))
    _make_visible(path, project, points)
    return Candidate(next(iter(points)), {"plugins": next(iter(points))})


def _make_visible(path: Path, project: dict[str, Any], points: dict[str, str]) -> None:
    """Let this process see the project as if it were installed: Python finds entry points beside the code only."""
    source = path / "src" if (path / "src").is_dir() else path
    if str(source) in sys.path:
        return
    beside = tempfile.TemporaryDirectory(prefix="codesign-project-")
    atexit.register(beside.cleanup)
    name, version = project.get("name", path.name), project.get("version", "0")
    folder = Path(beside.name) / f"{str(name).replace('-', '_')}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    lines = "\n".join(f"{point} = {target}" for point, target in points.items())
    (folder / "entry_points.txt").write_text(f"[{discovery.GROUP}]\n{lines}\n", encoding="utf-8")
    sys.path[:0] = [str(source), beside.name]
    importlib.invalidate_caches()
