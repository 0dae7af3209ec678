"""What a process does not load before somebody needs it: each of these costs as much as a room, at every start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from codesign.cli import COMMANDS, commands
from codesign.web.compiled import Kept

#: What needs it: insights and optimising; changes of tables; sockets; the other database; the worker of a demo.
LATER = (
    "numpy", "scipy", "pysat", "alembic", "mako", "pygments", "flask_socketio", "requests", "rich", "whoosh.index",
    "sqlalchemy.dialects.postgresql", "codesign.exchange.demo.content", "codesign.insights.conjoint",
)  # fmt: skip


@pytest.mark.full  # it starts a process
def test_an_app_is_made_without_what_few_processes_need(tmp_path: Path) -> None:
    code = (
        "import sys; from codesign.app import create_app; from codesign.cli.output import ready_database;"
        "from codesign.kernel import db; create_app(); db.current().dispose();"
        f"print([name for name in {LATER!r} if name in sys.modules])"
    )
    environment = {**os.environ, "CODESIGN_INSTANCE": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_list_of_commands_says_what_they_say_themselves() -> None:
    context = click.Context(commands)
    for name, (_where, said) in COMMANDS.items():
        command = commands.get_command(context, name)
        assert command is not None and command.get_short_help_str(200) == said


def test_templates_are_kept_where_there_is_a_place(tmp_path: Path) -> None:
    from jinja2 import DictLoader, Environment

    template = {"page": "Hello {{ name }}"}
    for folder, files in ((tmp_path, 1), (tmp_path / "tidied away", 0)):
        for _process in range(2):
            kept = Environment(loader=DictLoader(template), bytecode_cache=Kept(str(folder)), autoescape=True)
            assert kept.get_template("page").render(name="Ada") == "Hello Ada"
        assert len(list(folder.glob("*.cache"))) == files
    template["page"] = "Bye {{ name }}"
    kept = Environment(loader=DictLoader(template), bytecode_cache=Kept(str(tmp_path)), autoescape=True)
    assert kept.get_template("page").render(name="Ada") == "Bye Ada"
