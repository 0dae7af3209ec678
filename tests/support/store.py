"""What a screen knows of a space, kept up to date as the page keeps itself: tallies by frames, the rest by live regions.

Which events renew which part is read from the pages themselves (``data-live-on`` of the templates, ``CHANGES_ALL`` of the
front end): a trigger that is missing there is missing here.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient

from tests.support.server import ROOT

_CHANGES_ALL = re.search(r'CHANGES_ALL = "([^"]+)"', (ROOT / "static/src/regions.ts").read_text())
#: What the regions of an idea's page show of the idea.
_SHOWN = {
    "head": ("title", "slug", "url", "status", "author", "version", "edited_at", "for_product_id", "for_group"),
    "text": ("body", "body_html", "version", "edited_at"),
    "answer": ("answer",),
    "talks": ("comment_count",),
}
_LIST = "sort=new&limit=50"


class _Regions(HTMLParser):
    """The live regions of a page by their ids, and the list behind the pill."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values and ("data-live-on" in values or "data-pill-on" in values):
            self.found[values["id"]] = values


def fits(name: str, wanted: str) -> bool:
    """Whether an event's name fits a list such as ``comment.added idea.*`` (``fits`` of frames.ts)."""
    return any(wish in ("*", name) or (wish.endswith(".*") and name.startswith(wish[:-1])) for wish in wanted.split())


def speaks_of(event: dict[str, Any], idea_id: str) -> bool:
    """Whether an event speaks of this idea, in whatever role (``names`` of frames.ts)."""
    return any(
        value == idea_id or (isinstance(value, list) and idea_id in value) for value in event["payload"].values()
    )


class Store:
    """One viewer's state: the space, the first page of ideas, one open idea with its comments."""

    def __init__(self, client: FlaskClient, slug: str, idea_id: str) -> None:
        self.client, self.slug, self.idea_id = client, slug, idea_id
        self.seq = 0
        self._fetched: dict[str, Any] | None = None
        self.state: dict[str, Any] = {}
        self.regions: dict[str, dict[str, str]] = {}
        self._read_regions()
        self.load()

    def load(self) -> None:
        """Take everything anew, as a reset does."""
        self.state = self.fresh()
        self.seq = self.state.pop("seq")

    def fresh(self) -> dict[str, Any]:
        """What a newly loaded screen shows."""
        page = self._listed()
        return {
            "seq": page["seq"],
            "space": self._space(),
            "order": [idea["id"] for idea in page["items"]],
            "ideas": {idea["id"]: idea for idea in page["items"]},
            "idea": self._get(f"/ideas/{self.idea_id}"),
            "comments": self._comments(),
        }

    def check(self) -> list[str]:
        """Where this screen differs from a fresh one; afterwards it is as fresh, so that no mistake hides the next."""
        fresh = self.fresh()
        self.seq = fresh.pop("seq")
        known, self.state = self.state, fresh
        return differences(known, fresh)

    # --- What comes -------------------------------------------------------------------------------------------------

    def hear(self, what: str, content: dict[str, Any]) -> None:
        """A message of the live line."""
        if what == "reset":
            self.load()
        elif what == "frame":
            assert content["after"] <= self.seq, f"a gap: {content['after']} after {self.seq}"
            if content["seq"] > self.seq:
                self.seq = content["seq"]
                self._apply(content["tallies"], content["events"])

    def catch_up(self) -> None:
        """What the page does when it comes back: ask what it missed."""
        missed = self._get(f"/spaces/{self.slug}/events?after={self.seq}&limit=100")
        if missed is None or missed["reset"]:
            return self.load()
        assert missed["next"] is None
        self.seq = missed["seq"]
        return self._apply(missed["tallies"], missed["items"])

    def voted(self, receipt: dict[str, Any]) -> None:
        """The answer to a vote of one's own."""
        for idea in self._copies(receipt["idea_id"]):
            idea["my_vote"] = receipt["value"]
            if receipt["tally"] is not None and idea["tally"] is not None:
                idea["tally"] = receipt["tally"]

    def _copies(self, idea_id: str) -> list[dict[str, Any]]:
        copies = [self.state["ideas"].get(idea_id), self.state["idea"] if self.idea_id == idea_id else None]
        return [idea for idea in copies if idea is not None]

    def _apply(self, tallies: dict[str, Any], events: list[dict[str, Any]]) -> None:
        for idea_id, tally in tallies.items():
            for idea in self._copies(idea_id):
                if idea["tally"] is not None and tally["seq"] >= idea["tally"]["seq"]:
                    idea["tally"] = tally
        assert _CHANGES_ALL is not None
        if any(fits(event["name"], _CHANGES_ALL[1]) for event in events):
            self.state = self.fresh()
            del self.state["seq"]
        elif events:
            self._renew([name for name in self._shown_regions() if self._is_touched(name, events)], events)

    def _shown_regions(self) -> list[str]:
        """The ids of the live regions on the screen."""
        rows = [f"idea-{idea}" for idea in self.state["order"]]
        return [*rows, "ideas", *("idea-page", *_SHOWN)]

    def _is_touched(self, name: str, events: list[dict[str, Any]]) -> bool:
        is_row = name.startswith("idea-") and name != "idea-page"
        region = self.regions["row" if is_row else name]
        idea = name.removeprefix("idea-") if is_row else region.get("data-live-idea")
        wanted = region.get("data-live-on", "")
        if name == "idea-page" and self.state["idea"] is None:
            wanted = "idea.published"  # a page that says "not here" is looked up again by its reader
        return any(fits(event["name"], wanted) and (not idea or speaks_of(event, idea)) for event in events)

    def _renew(self, names: list[str], events: list[dict[str, Any]]) -> None:
        self._fetched = {}
        try:
            self._renew_all(names, events)
        finally:
            self._fetched = None

    def _renew_all(self, names: list[str], events: list[dict[str, Any]]) -> None:
        for name in names:
            if name == "idea-page":
                self.state["idea"], self.state["comments"] = self._get(f"/ideas/{self.idea_id}"), self._comments()
            elif name in _SHOWN and self.state["idea"] is not None:
                now = self._get(f"/ideas/{self.idea_id}") or {}
                self.state["idea"].update({field: now.get(field) for field in _SHOWN[name]})
            if name == "talks":
                self.state["comments"] = self._comments()
            elif name.startswith("idea-") and name != "idea-page":
                self._renew_row(name.removeprefix("idea-"))
        pill = self.regions.get("ideas", {}).get("data-pill-on", "")
        if "ideas" in names or any(fits(event["name"], pill) for event in events):
            self._renew_list()  # what the pill does when it is pressed

    def _renew_row(self, idea_id: str) -> None:
        now = {idea["id"]: idea for idea in self._listed()["items"]}.get(idea_id)
        if now is None:
            self._renew_list()  # the row is gone: the pill offers the list anew
        elif idea_id in self.state["ideas"]:
            self.state["ideas"][idea_id] = now

    def _renew_list(self) -> None:
        items = self._listed()["items"]
        self.state |= {"order": [idea["id"] for idea in items], "ideas": {idea["id"]: idea for idea in items}}

    # --- What is asked ----------------------------------------------------------------------------------------------

    def _get(self, path: str) -> Any:
        """What is at an address; a page is fetched once for all its regions."""
        if self._fetched is None:
            return self._ask(path)
        if path not in self._fetched:
            self._fetched[path] = self._ask(path)
        return self._fetched[path]

    def _ask(self, path: str) -> Any:
        answer = self.client.get(f"/api/v1{path}")
        assert answer.status_code in (200, 403, 404), answer.get_data(as_text=True)
        return json.loads(answer.get_data()) if answer.status_code == 200 else None

    def _space(self) -> Any:
        found = self._get(f"/spaces/{self.slug}")
        return found and {name: value for name, value in found.items() if name != "seq"}

    def _listed(self) -> Any:
        return self._get(f"/spaces/{self.slug}/ideas?{_LIST}") or {"items": [], "seq": self.seq}

    def _comments(self) -> Any:
        found = self._get(f"/ideas/{self.idea_id}/comments?limit=100")
        return found and found["items"]

    def _read_regions(self) -> None:
        """What renews what, from the pages themselves; all rows of the list are alike."""
        board = self.client.get(f"/spaces/{self.slug}?sort=new").get_data(as_text=True)
        page = self.client.get(f"/spaces/{self.slug}/ideas/{self.idea_id}", follow_redirects=True).get_data(
            as_text=True
        )
        found = _Regions(board).found | _Regions(page).found
        row = next(values for name, values in found.items() if name == f"idea-{self.idea_id}")
        self.regions = {**found, "row": row}


def differences(old: Any, new: Any, path: str = "") -> list[str]:
    """Where two states differ, as readable lines."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [line for key in {**old, **new} for line in differences(old.get(key), new.get(key), f"{path}/{key}")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            line for at, both in enumerate(zip(old, new, strict=True)) for line in differences(*both, f"{path}/{at}")
        ]
    return [] if old == new else [f"{path}: {str(old)[:90]} but now {str(new)[:90]}"]
