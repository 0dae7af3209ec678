"""Playing the worker: switch plugins, and let them hear and score until nothing is left to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from codesign.spaces.facts import SpaceFact


class Plugins:
    """The plugins of an app: switch and set them, let the worker do its work."""

    def __init__(self, app: Flask) -> None:
        from codesign.hooks.host import host_of
        from codesign.ideas.rescoring import Rescorer

        self.host, self._rescorer = host_of(app), Rescorer(host_of(app))

    def enable(self, name: str, space: SpaceFact | str, on: bool = True, **settings: Any) -> None:
        """Switch a plugin on (or off) in a space (or for the ``"server"``), with these settings."""
        from codesign.hooks import service
        from codesign.kernel.actor import SYSTEM

        space_id = space if isinstance(space, str) else space.id
        service.switch_plugin(SYSTEM, self.host, space_id, name, on)
        if settings:
            service.save_settings(SYSTEM, self.host, space_id, name, settings)

    def replay(self, name: str, space: SpaceFact) -> None:
        """Tell a plugin a space's history again from the beginning."""
        from codesign.hooks import service

        service.replay(self.host, space.id, name)

    def work(self) -> None:
        """What the worker does until there is nothing left: tell switches and events, keep scores fresh."""
        from codesign.hooks import delivery
        from codesign.kernel import db

        self._rescorer.check_soon()
        for _round in range(100):
            busy = delivery.tell_switches(self.host)
            for _name, behind, deliver in self.host.followers(lambda *parts: parts):
                for space_id in behind():
                    deliver(space_id)
                    busy = True
            self._rescorer.forget_pauses()
            with db.read():
                spaces = self._rescorer.behind()
            for space_id in spaces:
                self._rescorer.rescore(space_id)
            if not busy and not spaces:
                return
        raise AssertionError("the plugins never come to rest")
