"""The command ``codesign``: one file per noun."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable
from typing import Any

import click

from codesign import __version__
from codesign.cli.output import fail

#: Command name -> "module:object" and what it is for. A module is imported when its command is used, and not for ``--help``.
COMMANDS = {
    "serve": ("serve:serve", "Serve pages, API and sockets, and run the worker beside."),
    "init": ("init:init", "Make the instance folder, the secret key and the tables."),
    "doctor": (
        "doctor:doctor",
        "Look whether everything is in order, and list all settings with their values and sources.",
    ),
    "db": ("database:database", "Tables of core and plugins."),
    "user": ("user:user", "People of this server."),
    "space": ("space:space", "Spaces of this server."),
    "product": ("product:product", "Products people compose."),
    "import": ("importing:importing", "Bring in conversations, ideas and archives."),
    "export": ("exporting:exporting", "Take spaces out."),
    "replay": ("replay:replay", "Play recorded conversations into a running server."),
    "plugin": ("plugin:plugin", "Plugins: list them, switch them, write one, see what they can answer."),
    "mail": ("mail:mail", "The outbox of letters."),
    "worker": ("serve:worker", "Deliver the log and run timed tasks."),
}


class Nouns(click.Group):
    """Loads a command's module when it is asked for, and turns refusals into one sentence and exit code 1."""

    def list_commands(self, context: click.Context) -> list[str]:
        return [name for name in COMMANDS if name != "worker"]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name][0].split(":")
        command: click.Command = getattr(importlib.import_module(f"codesign.cli.{module}"), attribute)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(context)])

    def main(self, *args: Any, **kwargs: Any) -> Any:
        return fail(super().main)(*args, **kwargs)


@click.group(cls=Nouns, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="codesign")
def commands() -> None:
    """Design products together, live."""


def main() -> None:
    """The console script. The server runs on gevent, which must be in place before anything else is imported."""
    # What is loaded stays: looking through it for garbage again and again took a sixth of the time until a command began.
    gc.set_threshold(20_000, 50, 10)
    if "serve" in sys.argv[1:2]:
        from gevent import events, monkey

        # Otherwise gevent asks every installed package 25 times whether it wants to hear of this.
        events.notify_and_call_entry_points = events.notify
        monkey.patch_all()
        # Sockets and votes live in one thread: it shall not wait 5 ms for Python's lock each time while a plugin or the engine
        # computes in another.
        sys.setswitchinterval(0.0002)
    run: Callable[..., Any] = commands
    run(prog_name="codesign")
