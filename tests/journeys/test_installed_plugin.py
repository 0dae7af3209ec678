"""A plugin from a wheel works like a bundled one: installed, switched on in one space, upgraded with a migration, removed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from codesign.hooks.scaffold import write_package
from tests.support.programs import Admin
from tests.support.server import ROOT, Server, clean_environment

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]

TABLE = """

class Visit(Base):
    __tablename__ = "acme_visit"

    idea_id: Mapped[str] = mapped_column(String(26), primary_key=True)
"""
IMPORTS = """
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from codesign.sdk import Base
"""
MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, ("acme",), None


def upgrade():
    op.create_table("acme_visit", sa.Column("idea_id", sa.String(26), primary_key=True))


def downgrade():
    op.drop_table("acme_visit")
"""


@dataclass
class Place:
    """An environment of its own: Codesign as here, and what is installed into it."""

    folder: Path

    @property
    def python(self) -> str:
        return str(self.folder / "venv" / "bin" / "python")

    def run(self, *command: str) -> str:
        """Run a command on the instance of this place."""
        environ = {**clean_environment(), "CODESIGN_INSTANCE": str(self.folder / "instance")}
        done = subprocess.run(command, cwd=self.folder, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def codesign(self, *arguments: str) -> str:
        return self.run(self.python, "-m", "codesign", *arguments)

    def uv(self, *arguments: str) -> None:
        self.run(str(Path(sys.executable).parent / "uv"), *arguments)

    def install(self, project: Path) -> None:
        """Build the wheel of a project and install it, without the network."""
        wheels = project / "dist"
        done = subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)],
            cwd=project, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        newest = max(wheels.glob("*.whl"), key=os.path.getmtime)
        self.uv("pip", "install", "--quiet", "--offline", "--no-deps", "--python", self.python, str(newest))

    def serve(self) -> Server:
        return Server(self.folder / "instance", {}, command=[self.python, "-m", "codesign"]).start()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.uv("venv", "--quiet", "--offline", "--python", sys.executable, str(tmp_path / "venv"))
    here = [sysconfig.get_path("purelib"), str(ROOT)]
    (found,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    (found / "codesign-as-here.pth").write_text("\n".join(here) + "\n", encoding="utf-8")
    return made


def upgraded(project: Path) -> None:
    """The second version of the plugin: it has a table now."""
    inside = project / "src" / "codesign_acme"
    for file in (project / "pyproject.toml", inside / "__init__.py"):
        file.write_text(re.sub(r'version( ?)=( ?)"0.1.0"', r'version\1=\2"0.2.0"', file.read_text()), encoding="utf-8")
    rules = inside / "rules.py"
    head, rest = rules.read_text().split("\n", 1)
    rules.write_text(head + "\n" + IMPORTS + rest + TABLE, encoding="utf-8")
    (inside / "migrations" / "versions").mkdir(parents=True)
    (inside / "migrations" / "versions" / "0001_visit.py").write_text(MIGRATION, encoding="utf-8")


def orders(server: Server, space: str) -> int:
    """Whether a space offers the plugin's order: 200 or 422."""
    return httpx.get(f"{server.url}/api/v1/spaces/{space}/ideas?sort=acme").status_code


def plugin_state(place: Place) -> dict[str, str]:
    found = {each["name"]: each for each in json.loads(place.codesign("plugin", "list", "--json"))}
    return dict(found.get("acme", {}))


def test_from_wheel_to_farewell(place: Place) -> None:
    project = place.folder / "acme"
    write_package("acme", project)
    place.install(project)
    place.codesign("init")
    server = place.serve()
    try:
        admin = Admin(server)
        for slug in ("here", "there"):
            admin.make_space(slug)
        idea = admin.make_idea("here", "A belt drive")
        assert plugin_state(place)["source"] == "package codesign-acme"
        assert orders(server, "here") == 422
        place.codesign("plugin", "enable", "acme", "--space", "here")
        assert (orders(server, "here"), orders(server, "there")) == (200, 422), "at once, and only where it is on"
        page = httpx.get(f"{server.url}/spaces/here/ideas/{idea}", follow_redirects=True).text
        assert 'data-plugin="acme"' in page
    finally:
        server.stop()

    upgraded(project)
    place.install(project)
    assert "acme: 0001" in place.codesign("db", "upgrade")
    server = place.serve()
    try:
        assert plugin_state(place)["version"] == "0.2.0" and orders(server, "here") == 200
    finally:
        server.stop()

    place.uv("pip", "uninstall", "--quiet", "--python", place.python, "codesign-acme")
    server = place.serve()
    try:
        assert orders(server, "here") == 422 and httpx.get(f"{server.url}/spaces/here").status_code == 200
        assert "core:" in place.codesign("db", "upgrade")
        assert admin.ask("PUT", f"{server.url}/api/v1/ideas/{idea}/vote", json={"value": 1})["value"] == 1
    finally:
        server.stop()
