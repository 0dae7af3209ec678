"""Somebody who composes a product at a real server: a guest with a cookie and a draft of their own, in a bare browser."""

from __future__ import annotations

import html
import re
import time
from typing import Any

import httpx

_TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)">')
_OPTION = re.compile(r'<cs-option state="(\w+)"><div class="option [^"]*" id="row-([^"]+)"')
_FIX = re.compile(r'<button class="fix[^"]*" name="do" value="([^"]+)"')


class Refused(Exception):
    """The server did not answer as it should."""


class Composer:
    """Begins a draft when it is made. ``states`` and ``fixes`` are what the last page showed."""

    def __init__(self, url: str, product_id: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=60)
        found = _TOKEN.search(self.client.get("/spaces/load/configure").text)
        self.token = html.unescape(found[1]) if found else ""
        begun = self.client.post("/spaces/load/configure", data={"csrf_token": self.token, "product": product_id})
        self.path = begun.headers.get("location", "")
        self.product_id, self.states, self.fixes = product_id, dict[str, str](), list[str]()
        self._read(self.client.get(self.path))

    def press(self, do: str) -> float:
        """Milliseconds from a press of a button of the desk to the page that answers it."""
        started = time.perf_counter()
        fields = {"csrf_token": self.token, "do": do}
        answer = self.client.post(self.path, data=fields, headers={"Accept": "text/html", "X-Refresh": "1"})
        took = (time.perf_counter() - started) * 1000
        self._read(answer)
        return took

    def _read(self, answer: httpx.Response) -> None:
        if answer.status_code != 200:
            raise Refused(f"{answer.status_code}: {answer.text[:200]}")
        self.states = {option: state for state, option in _OPTION.findall(answer.text)}
        self.fixes = list(map(html.unescape, _FIX.findall(answer.text)))

    def ask(self, question: str, content: dict[str, Any]) -> tuple[Any, float]:
        """What the API answers to a question about the product, and the milliseconds it took."""
        started = time.perf_counter()
        path = f"/api/v1/products/{self.product_id}/{question}"
        answer = self.client.post(path, json=content, headers={"X-CSRF-Token": self.token})
        took = (time.perf_counter() - started) * 1000
        if answer.status_code != 200:
            raise Refused(f"{answer.status_code}: {answer.text[:200]}")
        return answer.json(), took

    def kept(self) -> dict[str, bool]:
        """The decisions of the draft as the server keeps it."""
        answer = self.client.get(f"/api/v1/configurations/{self.path.rsplit('/', 1)[-1]}")
        if answer.status_code != 200:
            raise Refused(f"{answer.status_code}: {answer.text[:200]}")
        decisions: dict[str, bool] = answer.json()["decisions"]
        return decisions

    def close(self) -> None:
        self.client.close()
