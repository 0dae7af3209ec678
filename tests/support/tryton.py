"""A real Tryton CRM, for the connector that exports to one: fetched and run as a program of its own, never imported.

What it consists of is pinned in ``tryton.lock``. The environment and a database with the modules are made once, beside the
packages of the tests (``.venv/tryton``, about two minutes on a small machine); each server runs on a copy of that database.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import inspect
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from tests.support.processes import die_with_parent, end, free_port

LOCK = Path(__file__).with_name("tryton.lock")
HOME = Path(sys.prefix) / "tryton"
#: The server's administrator, and the user the export signs in as; both only ever live in a test.
ADMINISTRATOR, EXPORT = ("admin", "Adm1n-pass-phrase"), ("export", "Exp0rt-pass-phrase")


class Server:
    """One server on the database ``crm`` in *folder*. ``address`` is what a connection takes, ``secret`` too."""

    secret = ":".join(EXPORT)

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"http://127.0.0.1:{self.port}/crm"
        config = f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = 127.0.0.1:{self.port}\n"
        (folder / "trytond.conf").write_text(config)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, patience: float = 60) -> Server:
        """Start it and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [_program("trytond"), "-c", str(self.folder / "trytond.conf"), "-d", "crm"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, preexec_fn=die_with_parent,
            )  # fmt: skip
        until = time.monotonic() + patience
        while True:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"http://127.0.0.1:{self.port}/", timeout=5)
                return self
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Tryton did not start:\n{(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it; the data stays."""
        if self.process is not None:
            end(self.process)
            self.process = None

    def call(self, method: str, *parameters: Any) -> Any:
        """What a method of a model answers to the administrator: ``call("party.party.create", [{"name": "Velo AG"}])``."""
        headers = {"authorization": f"Session {self._session}"}
        context = self._post("model.res.user.get_preferences", [True, {}], headers)  # above all the company
        return self._post(f"model.{method}", [*parameters, context], headers)

    def rows(self, model: str, /, *names: str, **where: Any) -> list[dict[str, Any]]:
        """Records of a model with some fields, by id; archived ones of parties too."""
        domain: list[Any] = [[name, "=", value] for name, value in where.items()]
        if model == "party.party":
            domain.append(["active", "in", [True, False]])
        found: list[dict[str, Any]] = self.call(f"{model}.search_read", domain, 0, None, [["id", "ASC"]], list(names))
        return found

    @cached_property
    def _session(self) -> str:
        name, password = ADMINISTRATOR
        user, key = self._post("common.db.login", [name, {"password": password}, "en"], {})[:2]
        return base64.b64encode(f"{name}:{user}:{key}".encode()).decode()

    def _post(self, method: str, parameters: list[Any], headers: dict[str, str]) -> Any:
        content = {"id": 1, "method": method, "params": parameters}
        answer = httpx.post(f"{self.address}/rpc/", json=content, headers=headers, timeout=60)
        answer.raise_for_status()
        if error := answer.json().get("error"):
            raise RuntimeError(f"{method}: {error}")
        return answer.json()["result"]


def serve(folder: Path) -> Server:
    """A running server on a fresh copy of the prepared database."""
    shutil.copy(_prepared(), folder / "crm.sqlite")
    return Server(folder).start()


def _program(name: str) -> str:
    return str(HOME / "env" / "bin" / name)


def _prepared() -> Path:
    """The database with party, sale_opportunity, one company, and the user the export signs in as."""
    version = hashlib.blake2b(LOCK.read_bytes() + inspect.getsource(_fill).encode(), digest_size=6).hexdigest()
    made = HOME / f"{version}.sqlite"
    if made.exists():
        return made
    _install()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(folder)
        (folder / "crm.sqlite").touch()
        (folder / "password").write_text(ADMINISTRATOR[1])
        command = [_program("trytond-admin"), "-c", str(folder / "trytond.conf"), "-d", "crm", "--all", "--email",
                   "admin@example.com", "-u", "party", "sale_opportunity", "--activate-dependencies"]  # fmt: skip
        environment = {**os.environ, "TRYTONPASSFILE": str(folder / "password")}
        subprocess.run(command, env=environment, check=True, capture_output=True)
        try:
            _fill(server.start())
        finally:
            server.stop()
        _copy(folder / "crm.sqlite", made)
    return made


def _install() -> None:
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(HOME / "env")], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", _program("python"), "--require-hashes", "-r", str(LOCK)]
    subprocess.run(install, check=True)


def _fill(server: Server) -> None:
    currency = server.call("currency.currency.create", [{"name": "Euro", "code": "EUR", "symbol": "€"}])[0]
    party = server.call("party.party.create", [{"name": "Seller", "code": "seller"}])[0]
    company = server.call("company.company.create", [{"party": party, "currency": currency}])[0]
    groups = [row["id"] for name in ("Party Administration", "Sale Opportunity")
              for row in server.rows("res.group", "name", name=name)]  # fmt: skip
    user = {"name": "Export", "login": EXPORT[0], "password": EXPORT[1], "company": company}
    server.call("res.user.create", [{**user, "groups": [["add", groups]], "companies": [["add", [company]]]}])
    administrator = [row["id"] for row in server.rows("res.user", "id", login=ADMINISTRATOR[0])]
    server.call("res.user.write", administrator, {"company": company, "companies": [["add", [company]]]})


def _copy(source: Path, target: Path) -> None:
    """A copy that is whole or not there."""
    part = target.with_suffix(f".{os.getpid()}")
    with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(part)) as new:
        old.backup(new)
    part.replace(target)
