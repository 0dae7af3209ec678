"""Finding plugins: folders in ``plugins/``, then installed packages with an entry point in the group
``codesign.plugins``."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from codesign.hooks import checks
from codesign.hooks.card import Plugin
from codesign.hooks.facts import Refusal
from codesign.kernel import paths

GROUP = "codesign.plugins"
#: Plugin folders are never on ``sys.path``; they are loaded as modules of this package, in a checkout and in a wheel
#: alike.
PACKAGE = "codesign_plugins"


@dataclass(frozen=True)
class Found:
    """A place where a plugin is, not yet imported."""

    name: str
    source: str
    load: Callable[[], object]
    folder: Path | None = None


@dataclass(frozen=True)
class Loaded:
    """A plugin that was let in. ``folder`` holds its templates, slots, static files and migrations."""

    card: Plugin
    source: str
    folder: Path | None

    def part(self, name: str) -> Path | None:
        """Its subfolder *name* (``templates``, ``slots``, ``static`` …), if it has one."""
        path = self.folder / name if self.folder else None
        return path if path is not None and path.is_dir() else None


def in_folders(folders: Sequence[Path]) -> Iterator[Found]:
    """The plugins in these folders, by name."""
    for base in folders:
        for path in sorted(base.iterdir()) if base.is_dir() else ():
            if (path / "__init__.py").is_file() and not path.name.startswith(("_", ".")):
                yield Found(path.name, str(path), lambda path=path: load_folder(path), path)  # type: ignore[misc]


def in_packages() -> Iterator[Found]:
    """The plugins that installed packages offer, by name."""
    for point in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda point: point.name):
        distribution = point.dist.name if point.dist else point.value
        yield Found(point.name, f"package {distribution}", point.load)


def everywhere(further: str) -> list[Found]:
    """All plugins there are: bundled ones, those in *further* folders, those of installed packages."""
    places = list(dict.fromkeys([paths.find("plugins").resolve(), *folders(further)]))
    return [*in_folders(places), *in_packages()]


def load_folder(path: Path) -> ModuleType:
    """Import the plugin in *path* as ``codesign_plugins.<name>`` (once per process)."""
    if PACKAGE not in sys.modules:
        package = ModuleType(PACKAGE, "Plugins loaded from folders.")
        package.__path__ = []
        sys.modules[PACKAGE] = package
    name = f"{PACKAGE}.{path.name}"
    known = sys.modules.get(name)
    if known is not None:
        if known.__file__ != str(path / "__init__.py"):
            raise ImportError(f"{name} is already loaded from {known.__file__}")
        return known
    spec = importlib.util.spec_from_file_location(name, path / "__init__.py", submodule_search_locations=[str(path)])
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be loaded as a package")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        for loaded in [key for key in sys.modules if key == name or key.startswith(f"{name}.")]:
            del sys.modules[loaded]
        raise
    setattr(sys.modules[PACKAGE], path.name, module)
    return module


def admit(found: Found) -> Loaded | Refusal:
    """Import a found plugin and look at its card; whatever is wrong becomes a refusal with its reason."""
    try:
        given = found.load()
        card = checks.card_of(given)
        complaints = list(checks.reasons(card, found.name))
    except (Exception, SystemExit) as error:
        reason = f"It cannot be loaded: {type(error).__name__}: {error}"
        return Refusal(found.name, reason, found.source, traceback.format_exc()[-4000:])
    if complaints:
        return Refusal(found.name, "; ".join(complaints), found.source)
    return Loaded(card, found.source, found.folder or _home_of(given))


def _home_of(given: object) -> Path | None:
    """The folder of an installed plugin: where the module of its card lies."""
    name = given.__name__ if isinstance(given, ModuleType) else None
    if name is None:  # the entry point names the card itself, so look for the module that holds it
        name = next(
            (key for key, module in list(sys.modules.items()) if getattr(module, "plugin", None) is given), None
        )
    file = getattr(sys.modules.get(name or ""), "__file__", None)
    return Path(file).parent if file else None


def allowed(names: str) -> Callable[[str], bool]:
    """The test that CODESIGN_PLUGINS stands for: empty lets all in, ``none`` nobody, else the names listed."""
    wanted = {name.strip() for name in names.split(",") if name.strip()}
    if wanted == {"none"}:
        return lambda name: False
    return lambda name: not wanted or name in wanted


def folders(further: str) -> list[Path]:
    """The folders of CODESIGN_PLUGIN_FOLDERS."""
    return [Path(part).expanduser().resolve() for part in further.split(os.pathsep) if part]
