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

#: Command name -> "module:object"; a module is imported when its command is used, so that ``--help`` stays quick.
COMMANDS = {
    "serve": "codesign.cli.serve:serve",
    "init": "codesign.cli.init:init",
    "doctor": "codesign.cli.doctor:doctor",
    "db": "codesign.cli.database:database",
    "user": "codesign.cli.user:user",
    "space": "codesign.cli.space:space",
    "product": "codesign.cli.product:product",
    "import": "codesign.cli.importing:importing",
    "export": "codesign.cli.exporting:exporting",
    "replay": "codesign.cli.replay:replay",
    "plugin": "codesign.cli.plugin:plugin",
    "mail": "codesign.cli.mail:mail",
    "worker": "codesign.cli.serve:worker",
}


class Nouns(click.Group):
    """Loads a command's module when it is asked for, and turns refusals into one sentence and exit code 1."""

    def list_commands(self, context: click.Context) -> list[str]:
        return [name for name in COMMANDS if name != "worker"]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

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
    run: Callable[..., Any] = commands
    run(prog_name="codesign")
