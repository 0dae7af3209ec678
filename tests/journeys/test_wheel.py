"""The wheel is the whole product: installed far from the checkout it makes a demo, draws pages, takes a vote, runs plugins."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.server import ROOT, Server

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]


def run(*command: str | Path, at: Path, **environ: str) -> str:
    """Run a command in the folder *at* as if there were no checkout and no environment of ours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CODESIGN_") and name not in {"PYTHONPATH", "VIRTUAL_ENV"}
    }
    line = [str(part) for part in command]
    done = subprocess.run(line, cwd=at, env=kept | environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a new environment with nothing in it but the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, at=ROOT)
    wheel = next(folder.glob("*.whl"))
    uv, python = Path(sys.executable).parent / "uv", folder / "venv" / "bin" / "python"
    run(uv, "venv", "--quiet", "--python", sys.executable, folder / "venv", at=folder)
    run(
        uv,
        "pip",
        "install",
        "--quiet",
        "--python",
        python,
        "--require-hashes",
        "-r",
        ROOT / "requirements.lock",
        at=folder,
    )
    run(uv, "pip", "install", "--quiet", "--python", python, "--no-deps", wheel, at=folder)
    return folder


@pytest.fixture(scope="module")
def served(installed: Path) -> Iterator[Server]:
    """The demo, served from that environment."""
    instance = installed / "instance"
    codesign = installed / "venv" / "bin" / "codesign"
    run(codesign, "init", "--demo", at=installed, CODESIGN_INSTANCE=str(instance))
    server = Server(instance, {"demo": "1"}, command=[str(codesign)], environ={"PYTHONPATH": ""})
    yield server.start()
    server.stop()


def test_it_holds_everything_it_runs_on(installed: Path) -> None:
    """Code comes from the environment, and the parts beside the package came along."""
    code = (
        "import codesign, json; from codesign.kernel import paths; "
        "print(json.dumps([codesign.__file__, *[str(paths.find(n)) for n in ('static/dist', 'migrations', 'plugins')]]))"
    )
    places = json.loads(run(installed / "venv" / "bin" / "python", "-c", code, at=installed))
    assert all(place.startswith(str(installed)) for place in places), places
    assert all(Path(place).exists() for place in places), places
    assert not list(Path(places[3]).rglob("tests")), "tests of plugins stay at home"


def test_its_command_says_what_it_can_do(installed: Path) -> None:
    """Every command can be asked for help."""
    told = run(installed / "venv" / "bin" / "codesign", "--help", at=installed)
    assert {"serve", "init", "doctor", "import", "replay"} <= set(told.split())


def test_it_draws_a_page_with_its_styles(served: Server) -> None:
    """The front page and every file it asks for are there."""
    page = httpx.get(f"{served.url}/", follow_redirects=True)
    assert page.status_code == 200
    files = [part for part in page.text.replace("'", '"').split('"') if part.startswith("/assets/")]
    assert files
    for file in set(files):
        assert httpx.get(served.url + file).status_code == 200, file


def test_it_takes_a_vote(installed: Path, served: Server) -> None:
    """A program votes with a token made on the command line."""
    codesign, instance = installed / "venv" / "bin" / "codesign", str(served.instance)
    run(codesign, "user", "create", "--email", "wheel@example.org", "--name", "Wheel", "--admin", "--json",
        at=installed, CODESIGN_INSTANCE=instance)  # fmt: skip
    told = run(codesign, "user", "token", "--email", "wheel@example.org", "--scope", "all", "--json",
               at=installed, CODESIGN_INSTANCE=instance)  # fmt: skip
    with httpx.Client(
        base_url=f"{served.url}/api/v1", headers={"Authorization": f"Bearer {json.loads(told)['token']}"}
    ) as api:
        space = next(item for item in api.get("/spaces").json()["items"] if item["ballot"]["open"])
        idea = next(item for item in api.get(f"/spaces/{space['slug']}/ideas").json()["items"] if not item["my_vote"])
        receipt = api.put(f"/ideas/{idea['id']}/vote", json={"value": 1})
        assert receipt.status_code == 200, receipt.text
        assert receipt.json()["value"] == 1
        assert api.get(f"/ideas/{idea['id']}").json()["my_vote"] == 1


def test_it_runs_the_plugins_it_brought(served: Server) -> None:
    """A page that a plugin brings: the board in the order of its rule."""
    with httpx.Client(base_url=served.url) as browser:
        spaces = browser.get("/api/v1/spaces").json()["items"]
        slug = next(space["slug"] for space in spaces if space["ballot"]["results"] == "live")
        page = browser.get(f"/spaces/{slug}", params={"sort": "hot"})
        assert page.status_code == 200
        assert "Rising" in page.text
        assert browser.get(f"/api/v1/spaces/{slug}/ideas", params={"sort": "hot"}).status_code == 200
        assert browser.get(f"/api/v1/spaces/{slug}/ideas", params={"sort": "no-such-rule"}).status_code == 422
