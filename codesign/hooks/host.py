"""The host: which plugins are there, and asking those that are on in a space, one at a time."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import pluggy
from sqlalchemy.exc import SQLAlchemyError

from codesign.events.base import SERVER
from codesign.hooks import again, delivery, discovery, queries, settings, specs, tables, tasks
from codesign.hooks.answers import SHAPES
from codesign.hooks.card import Plugin
from codesign.hooks.discovery import Found, Loaded
from codesign.hooks.facts import Answer, Enabled, Refusal, SpaceReference
from codesign.hooks.reports import EVERY, Reporter
from codesign.hooks.rules import CORE, FIELD, BallotKind, DuplicateRule, ForeignRule, Rules, ScoreRule
from codesign.hooks.runner import Runner
from codesign.kernel.background import Background
from codesign.kernel.config import Settings
from codesign.kernel.db import in_verb

Implementation = tuple[Callable[..., Any], tuple[str, ...]]
T = TypeVar("T")
#: Who does not answer a moment has nothing to say.
_SILENT: Implementation = (lambda: None, ())


def _print(line: str) -> None:
    print(f"plugin: {line}", file=sys.stderr, flush=True)


def _own(card: Plugin) -> list[Any]:
    """The rules of a card that need no other plugin."""
    return [rule for rule in card.rules if not isinstance(rule, ForeignRule)]


EXTENSION = "codesign.plugins"
logger = logging.getLogger(__name__)


class PluginHost:
    """The plugins of one app. Made in the factory; everything it knows hangs on it and on nothing else."""

    def __init__(self, trace: Callable[[str], None] | None = None) -> None:
        self.plugins: dict[str, Loaded] = {}
        self.refused: list[Refusal] = []
        self.left_out: list[Found] = []
        self.rules = Rules()
        self.runner = Runner(trace)
        #: Plugins whose tables are behind, with the reason: as if they were off, until their tables have come.
        self.waiting: dict[str, str] = {}
        #: Tells other processes how plugins do in this one; commands and tests have none.
        self.reporter: Reporter | None = None
        #: Gives hooks that run in the worker what is to be known of a space; ``spaces`` fills it at boot.
        self.space_fact: Callable[[str], Any] = SpaceReference
        #: The fields of a space that rules may count with: units by key; the desk fills it at boot.
        self.number_fields: Callable[[str], Mapping[str, str]] = lambda space_id: {}
        # What the worker remembers of deliveries while it lives: begun ones, log heads looked at, sizes of batches
        # that fit.
        self.begun: set[tuple[str, str]] = set()
        self.looked: dict[tuple[str, str], tuple[int, int]] = {}
        self.batches: dict[str, int] = {}
        self._manager = pluggy.PluginManager(specs.PROJECT)
        self._manager.add_hookspecs(specs)
        self._implementations: dict[str, dict[str, Implementation]] = {}

    @classmethod
    def boot(cls, config: Settings) -> PluginHost:
        """The host an app starts with: bundled folders, further folders, installed packages, as the settings
        allow."""
        host = cls(_print if config.trace_plugins else None)
        host.load(discovery.everywhere(config.plugin_folders), config.plugins)
        return host

    @classmethod
    def with_folders(cls, *folders: Path, allow: str = "") -> PluginHost:
        """A host with the plugins of these folders alone (for tests of plugins)."""
        host = cls()
        host.load(list(discovery.in_folders(folders)), allow)
        return host

    # --- letting plugins in -------------------------------------------------------------------------------------------

    def load(self, found: Iterable[Found], allow: str = "") -> None:
        """Let in what was found and is allowed; what cannot be let in is kept in ``refused``, and the rest boots."""
        may_enter = discovery.allowed(allow)
        for candidate in found:
            if not may_enter(candidate.name):
                self.left_out.append(candidate)
            elif candidate.name in self.plugins:
                first = self.plugins[candidate.name].source
                reason = f"there are two plugins called {candidate.name!r}: this one and {first}"
                self.refused.append(Refusal(candidate.name, reason, candidate.source))
            else:
                self.add(discovery.admit(candidate))
        self._make_foreign_rules()

    def add(self, loaded: Loaded | Refusal) -> None:
        """Take in one plugin (or its refusal)."""
        if isinstance(loaded, Loaded):
            try:
                for rule in _own(loaded.card):
                    self.rules.check(rule, loaded.card.name)
            except DuplicateRule as error:
                loaded = Refusal(loaded.card.name, str(error), loaded.source)
        if isinstance(loaded, Refusal):
            self.refused.append(loaded)
            return
        card = loaded.card
        self.plugins[card.name] = loaded
        for rule in _own(card):
            self.rules.add(rule, card.name)
        if card.hooks is not None:
            self._manager.register(card.hooks, card.name)
        for caller in self._manager.get_hookcallers(card.hooks) or () if card.hooks is not None else ():
            for found in caller.get_hookimpls():
                if found.plugin_name == card.name:
                    self._implementations.setdefault(caller.name, {})[card.name] = (found.function, found.argnames)

    def _make_foreign_rules(self) -> None:
        """Rules of types that other plugins open: now both are here. One that does not fit keeps its plugin out."""
        for name, loaded in list(self.plugins.items()):
            try:
                for rule in loaded.card.rules:
                    if isinstance(rule, ForeignRule) and rule.opener in self.plugins:
                        self.rules.add(rule.make(self.card(rule.opener).rule_types), name)
            except ValueError as error:
                self._put_out(name, str(error))

    def _put_out(self, name: str, reason: str) -> None:
        loaded = self.plugins.pop(name)
        self.refused.append(Refusal(name, reason, loaded.source))
        self.rules.drop(name)
        if loaded.card.hooks is not None:
            self._manager.unregister(loaded.card.hooks, name)
        for answers in self._implementations.values():
            answers.pop(name, None)

    def rules_in(self, kind: type[T], space_id: str) -> dict[str, T]:
        """The rules of one type by name whose plugins are on in a space; core's are on everywhere."""
        at_work = {CORE, *(item.name for item in self.enabled(space_id))}
        return {rule.name: rule for rule, owner in self.rules.all(kind) if owner in at_work}  # type: ignore[attr-defined]

    def card(self, name: str) -> Plugin:
        """The card of a plugin that was let in; KeyError otherwise."""
        return self.plugins[name].card

    def hooks_of(self, name: str) -> tuple[str, ...]:
        """The moments a plugin answers, in the order of the specs."""
        return tuple(hook for hook in specs.STYLES if name in self._implementations.get(hook, {}))

    # --- who is on where ----------------------------------------------------------------------------------------------

    def enabled(self, space_id: str) -> list[Enabled]:
        """The plugins at work in a space, in the space's order, then by name; server plugins that are on count
        everywhere."""
        kept = queries.rows(space_id)
        found = []
        for name, loaded in self.plugins.items():
            row = kept.get(name)
            if row is None or not self._is_on(name, row):
                continue
            values = settings.resolve(loaded.card.settings, row.server_settings, row.settings)
            found.append(Enabled(name, row.position, values, row.changed_at))
        return sorted(found, key=lambda item: (item.position, item.name))

    def is_enabled(self, name: str, space_id: str = SERVER) -> bool:
        """Whether a plugin is at work in a space."""
        row = queries.rows(space_id).get(name) if name in self.plugins else None
        return row is not None and self._is_on(name, row)

    def _is_on(self, name: str, row: queries.Row) -> bool:
        is_on = row.server_enabled if self.card(name).scope == "server" else row.enabled
        return is_on and name not in self.waiting

    def settings(self, name: str, space_id: str = SERVER) -> Mapping[str, Any]:
        """The settings of a plugin in a space: space, then server, then default. KeyError for an unknown plugin."""
        row = queries.rows(space_id).get(name)
        if row is None:
            return settings.resolve(self.card(name).settings, {}, {})
        return settings.resolve(self.card(name).settings, row.server_settings, row.settings)

    def score_rules(self, space_id: str, kind: str) -> list[tuple[ScoreRule, str, Mapping[str, Any]]]:
        """The orders a space can offer with a ballot of *kind*: rule, who brings it, its parameters here. Core's
        come first."""
        ballot = self.rules.find(BallotKind, kind)
        gives = ballot.gives if ballot else frozenset()
        values = {item.name: item.settings for item in self.enabled(space_id)}
        knows_fields = False
        offered: list[tuple[ScoreRule, str, Mapping[str, Any]]] = []
        for known, owner in self.rules.all(ScoreRule):
            if known.compute is not None and owner not in values:
                continue
            here = values.get(owner, {})
            parameters = MappingProxyType({name: here[key] for name, key in known.parameters.items()})
            try:
                rule = known.settled(parameters)
            except Exception:
                logger.exception("rule %s of plugin %s does not say what it needs", known.name, owner)
                continue
            if rule.fields and not knows_fields:
                knows_fields, gives = True, gives.union(FIELD + key for key in self.number_fields(space_id))
            if rule.offered(gives):
                offered.append((rule, owner, parameters))
        return offered

    # --- asking -------------------------------------------------------------------------------------------------------

    def asked(self, hook: str, space_id: str) -> Iterator[tuple[Enabled, Callable[..., Answer]]]:
        """The plugins that answer *hook* in a space, each with the function that asks it inside its budget."""
        if in_verb():
            raise RuntimeError(f"{hook} is asked before a change, never inside it")
        implementations = self._implementations.get(hook)
        if not implementations:
            return
        for item in self.enabled(space_id):
            if item.name in implementations:
                yield item, lambda item=item, **given: self.tell(item.name, hook, space_id=space_id, **given)

    def ask_all(self, hook: str, space: Any, **arguments: Any) -> list[Answer]:
        """The answers of all plugins that are on in *space*, in order; a failure is an answer too."""
        return [ask(space=space, settings=item.settings, **arguments) for item, ask in self.asked(hook, space.id)]

    def tell(
        self, plugin: str, hook: str, *, space_id: str = "", then: Callable[[Any], Any] | None = None, **arguments: Any
    ) -> Answer:
        """Ask one plugin, switched on or not. Its answer is brought into shape inside its budget, and with *then* made
        into something else there; one that does not answer this moment says nothing."""
        function, wanted = self._implementations.get(hook, {}).get(plugin, _SILENT)
        given = {name: arguments[name] for name in wanted}
        shaped = SHAPES.get(hook, lambda value: value)
        made = then or (lambda value: value)
        budget = specs.STYLES[hook].budget
        return self.runner.call(plugin, hook, lambda: made(shaped(function(**given))), budget, space_id=space_id)

    def marked(self, plugin: str, what: str) -> AbstractContextManager[None]:
        """Around calls that may take the worker down, outside of the log's delivery: the next worker holds it against
        the plugin."""
        return self.reporter.marked(plugin, what) if self.reporter else nullcontext()

    def implementation(self, hook: str, plugin: str) -> Implementation | None:
        """The function by which a plugin answers *hook*, and the names of its arguments."""
        return self._implementations.get(hook, {}).get(plugin)

    def erase_person(self, person_id: str) -> list[Answer]:
        """Let every plugin that keeps personal data forget a person; all must succeed."""
        answers = []
        for name in sorted(self._implementations.get("erase_person", {})):
            with self.marked(name, "erase_person"):
                answers.append(self.tell(name, "erase_person", person_id=person_id))
        return answers

    # --- in the worker and at the command line ------------------------------------------------------------------------

    def followers(self, follower: Callable[..., Any]) -> list[Any]:
        """Who follows the log for plugins: a ``follower(name, behind, deliver)`` for each that listens."""
        return [
            follower(f"plugin {name}", lambda n=name: delivery.behind(self, n), lambda s, n=name: self.deliver(n, s))
            for name in delivery.listening(self)
        ]

    def deliver(self, plugin: str, space_id: str) -> bool:
        """Tell *plugin* the next facts of a space; whether there is more to tell at once."""
        return delivery.deliver(self, plugin, space_id)

    def chores(self, chore: Callable[..., Any]) -> list[Any]:
        """What is due by the clock: telling plugins of their switches, running their tasks (each plugin's beside the
        rounds: one that takes its ten minutes keeps nobody else waiting)."""
        busy = [name for name, each in self.plugins.items() if each.card.tasks]
        return [
            chore("plugin switches", 1, lambda: delivery.tell_switches(self)),
            *(
                chore(f"tasks of {name}", 60, Background(f"tasks of {name}", partial(tasks.run_due, self, name)).begin)
                for name in busy
            ),
            chore("plugins told again", 1, lambda: again.tell_again(self)),
            chore("plugin reports", EVERY, lambda: self.reporter.beat() if self.reporter else None),
        ]

    def look_at_tables(self) -> None:
        """See anew which plugins wait for their tables. Without a database nobody does: core says what is wrong."""
        folders = {name: part for name, each in self.plugins.items() if (part := each.part("migrations"))}
        try:
            self.waiting = tables.behind(folders)
        except SQLAlchemyError:
            self.waiting = {}

    def upgrade_tables(self) -> dict[str, str]:
        """Bring the tables of each plugin to its newest version; what came of it, by plugin. One failure stops no
        other."""
        outcome: dict[str, str] = {}
        for name, loaded in sorted(self.plugins.items()):
            folder = loaded.part("migrations")
            if folder is not None:
                try:
                    outcome[name] = tables.upgrade(name, folder)
                except Exception as error:
                    outcome[name] = f"failed: {type(error).__name__}: {error}"
        self.look_at_tables()
        return outcome


def install(app: Any, config: Settings) -> PluginHost:
    """Boot the host of *app*."""
    host = app.extensions[EXTENSION] = PluginHost.boot(config)
    host.look_at_tables()
    return host


def host_of(app: Any) -> PluginHost:
    """The host of *app*."""
    host: PluginHost = app.extensions[EXTENSION]
    return host
