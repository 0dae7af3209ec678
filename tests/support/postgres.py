"""A PostgreSQL cluster of our own: made in a temporary folder, listening on a random port, gone after the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.support.processes import die_with_parent, end, free_port

USER = "codesign"

#: A test database may be lost in a crash, so nothing waits for the disk.
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
}


def binaries() -> Path | None:
    """The folder with initdb and postgres, newest version first; None where PostgreSQL is not installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    on_path = [Path(found).parent for found in [shutil.which("initdb")] if found]
    return next((folder for folder in [*debian, *on_path] if (folder / "initdb").exists()), None)


def _as_whom() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; then its own user (or nobody) runs it."""
    if os.getuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class Cluster:
    """One server process. ``url(name)`` is the address of a database in it."""

    def __init__(self) -> None:
        found = binaries()
        if found is None:
            raise RuntimeError("PostgreSQL is not installed; `make test` says how to install it")
        self._bin, self._whom = found, _as_whom()
        self.folder = Path(tempfile.mkdtemp(prefix="codesign-postgres-"))
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        if self._whom:
            os.chown(self.folder, self._whom["user"], self._whom["group"])
        self._run("initdb", "--no-sync", "--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C.UTF-8")
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), "-D", str(self.folder / "data"), *arguments]
        done = subprocess.run(
            command,
            **self._whom,
            cwd=self.folder,
            env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}{done.stderr}")

    def start(self, patience: float = 30) -> None:
        """Start (again, on the same port) and wait until it answers."""
        options = [f"-c{name}={value}" for name, value in _FAST.items()]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [
                    str(self._bin / "postgres"),
                    "-D",
                    str(self.folder / "data"),
                    "-p",
                    str(self.port),
                    "-h",
                    "127.0.0.1",
                    "-k",
                    str(self.folder),
                    *options,
                ],
                **self._whom,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]},
                start_new_session=True,
                preexec_fn=partial(die_with_parent, signal.SIGQUIT),
            )
        until = time.monotonic() + patience
        while True:
            try:
                psycopg.connect(self.address("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if self.process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(
                        f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()[-2000:]}"
                    ) from None
                time.sleep(0.05)

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stop it: SIGINT is PostgreSQL's fast shutdown, SIGQUIT the immediate one. The data stays."""
        if self.process is not None:
            end(self.process, how=how)
            self.process = None

    def remove(self) -> None:
        """Stop it and delete the data."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def address(self, name: str) -> str:
        """The libpq address of a database, for psycopg."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def url(self, name: str) -> str:
        """The SQLAlchemy address of a database, for CODESIGN_DATABASE_URL."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{name}"

    def _say(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*[sql.Identifier(name) for name in names]))

    def create(self, name: str, template: str = "template1") -> str:
        """Make a database, as a copy of *template*, and return its SQLAlchemy address."""
        self._say("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Delete a database, even one that somebody still uses."""
        self._say("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
