"""``codesign plugin check``: the conformance kit at the command line."""

from __future__ import annotations

import faulthandler
import sys
from dataclasses import asdict

import click

from codesign.cli.output import put_json

#: Code that never gives back Python's lock can only be ended from outside; its traceback says where it hangs.
PATIENCE = 300
_COLOURS = {"pass": "green", "fail": "red", "not applicable": "bright_black"}


@click.command("check")
@click.argument("path")
@click.option("--database", "url", default="", help="An empty database to try it on (default: SQLite, thrown away).")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def check(path: str, url: str, as_json: bool) -> None:
    """Try a plugin (a folder, a project, or its name): does it bear what plugins have to bear?

    Exit code 1 when a check fails.
    """
    from codesign.conformance.kit import check_plugin

    faulthandler.dump_traceback_later(PATIENCE, exit=True, file=2)
    findings = check_plugin(path, url)
    faulthandler.cancel_dump_traceback_later()
    if as_json:
        put_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            click.secho(f"{finding.outcome:<15}", fg=_COLOURS[finding.outcome], nl=False)
            click.echo(f"{finding.check:<12} {finding.why}")
    sys.exit(any(finding.failed for finding in findings))
