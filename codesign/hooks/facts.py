"""What others may know of plugins, and what hooks answer with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class SpaceReference:
    """The least a hook knows of a space, where no room has more to say."""

    id: str


@dataclass(frozen=True)
class Hit:
    """One thing a search found. Core filters hits by what the viewer may see; the best come first.

    ``kind`` is ``idea`` or ``comment`` (shown below its idea). ``weight``: the larger the better; of a look-alike from 0 to 1.
    ``snippet`` is plain text, at most 300 characters, ``marks`` the parts of it to highlight as (start, end), counted in
    characters. Core escapes the text and draws the marks.
    """

    kind: str
    id: str
    space_id: str
    weight: float = 0.0
    snippet: str = ""
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Facet:
    """One way to narrow a search: ``field`` is ``status`` (a status id), ``tag`` or ``author`` (a person's id)."""

    field: str
    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Found:
    """A whole answer to a search, where hits alone do not say it: "did you mean" and counts to narrow it by.

    Core shows ``did_you_mean`` and ``facets`` only where it did not have to drop a hit: what counts hidden things tells of
    them.
    """

    hits: Sequence[Hit] = ()
    did_you_mean: str = ""
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What came of asking one plugin: a value, or an error in words. Failure is a value too.

    ``late`` and ``skipped`` say that nobody waited for it any longer, or that it was not asked at all.
    """

    plugin: str
    value: Any = None
    error: str | None = None
    seconds: float = 0.0
    late: bool = False
    skipped: bool = False

    @property
    def ok(self) -> bool:
        return self.error is None


@dataclass(frozen=True)
class Refusal:
    """A plugin that was found and not let in, with the reason in words and, if there is one, the traceback."""

    name: str
    reason: str
    source: str
    traceback: str = ""


@dataclass(frozen=True)
class Enabled:
    """A plugin at work in a space, with its settings there."""

    name: str
    position: int
    settings: Mapping[str, Any]
    since: datetime | None = None


@dataclass(frozen=True)
class SettingFact:
    """One line of a settings form: the value in force, where it comes from (``space``, ``server``, ``default``), its
    shape. ``kind``: switch, whole, number, list, choice, choices, text, prose, or secret, which no page shows again.
    ``labels`` are the choices in words."""

    name: str
    kind: str
    label: str
    help: str
    value: Any
    origin: str
    default: Any
    choices: tuple[Any, ...] = ()
    labels: tuple[str, ...] = ()
    least: Any = None
    most: Any = None
    unit: str = ""


@dataclass(frozen=True)
class HookTimings:
    """How often a plugin was asked at one moment by a process (``server``, ``worker``), and how long it took, in seconds."""

    hook: str
    calls: int
    failures: int
    p50: float
    p95: float
    budget: float
    process: str = ""


@dataclass(frozen=True)
class Failure:
    """One failed call."""

    hook: str
    at: datetime
    error: str
    traceback: str = ""
    process: str = ""


@dataclass(frozen=True)
class SetAside:
    """An event a plugin could not take. ``again``: it is about to be told once more."""

    seq: int
    error: str
    at: datetime
    again: bool = False


@dataclass(frozen=True)
class SpaceProgress:
    """How far a plugin has read the log of a space it is on in: events it has still to be told of, and those set aside."""

    space_id: str
    slug: str
    name: str
    behind: int = 0
    seq: int = 0
    next_try_at: datetime | None = None
    set_aside: tuple[SetAside, ...] = ()


@dataclass(frozen=True)
class PluginFact:
    """A line of the plugin list. ``state``: on, off, resting (``held``: until resumed by hand), waiting (for its tables),
    refused, left out (not allowed)."""

    name: str
    title: str
    version: str
    description: str
    state: str
    reason: str = ""
    scope: str = "space"
    source: str = ""
    enabled: bool = False
    position: int = 0
    since: datetime | None = None
    rests_until: datetime | None = None
    held: bool = False
    stores_personal_data: bool = False
    settable: bool = False
    hooks: tuple[HookTimings, ...] = ()
    rules: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = field(default_factory=tuple)
    spaces: int = 0
    behind: int = 0
    set_aside: int = 0
    progress: tuple[SpaceProgress, ...] = ()
    traceback: str = ""
