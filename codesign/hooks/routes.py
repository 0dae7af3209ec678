"""Pages and API routes of a plugin. They are collected here; core mounts and guards them, so none has to guard
itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

V = TypeVar("V", bound=Callable[..., Any])

#: What a route may ask of the one who calls it: a right in the space, or to administer the server.
NEEDS = ("view", "propose", "vote", "comment", "moderate", "product", "own", "admin")


@dataclass(frozen=True)
class Route:
    """One route: address below the plugin's own, methods, the right it needs, the function that answers."""

    rule: str
    methods: tuple[str, ...]
    needs: str | None
    view: Callable[..., Any]
    own: bool = False

    @property
    def endpoint(self) -> str:
        return self.view.__name__


@dataclass
class Routes:
    """Collects the routes of a plugin's pages or API.

    A view gets the space (the fact, not the name in the address) as its first argument in a plugin of scope "space",
    then what the rule captures. Functions that change something are decorated ``sdk.verb``.
    """

    routes: list[Route] = field(default_factory=list)

    def route(
        self, rule: str, methods: tuple[str, ...] = ("GET",), *, needs: str | None = None, own: bool = False
    ) -> Callable[[V], V]:
        """Answer *rule* with the decorated function for those who have the right *needs*.

        ``own``: it changes nothing but what is the caller's own, so whoever is signed in and may look may do it, in every
        phase: taking back a consent, say.
        """

        def collect(view: V) -> V:
            self.routes.append(Route(rule, methods, needs, view, own))
            return view

        return collect

    def get(self, rule: str, *, needs: str | None = None) -> Callable[[V], V]:
        """A route that reads."""
        return self.route(rule, ("GET",), needs=needs)

    def post(self, rule: str, *, needs: str | None = None, own: bool = False) -> Callable[[V], V]:
        """A route that changes something."""
        return self.route(rule, ("POST",), needs=needs, own=own)

    def undeclared(self) -> Iterator[str]:
        """What is wrong with these routes: no right said, an unknown one, two of one name."""
        seen: set[str] = set()
        for route in self.routes:
            where = f"the route {route.rule!r} ({route.endpoint})"
            if route.needs is None:
                yield f"{where} does not say which right it needs: needs='view', …"
            elif route.needs not in NEEDS:
                yield f"{where} needs {route.needs!r}; there are {', '.join(NEEDS)}"
            if not route.rule.startswith("/"):
                yield f"{where} must begin with /"
            if route.endpoint in seen:
                yield f"{where} has the name of another route"
            seen.add(route.endpoint)
