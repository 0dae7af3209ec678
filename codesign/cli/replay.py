"""``codesign replay``: play a recorded conversation into a running server."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from codesign.cli.output import put_json
from codesign.cli.progress import bar


@click.group()
def replay() -> None:
    """Play recorded conversations into a running server."""


def _number(text: str | None, unit: str, option: str) -> float | None:
    if text is None or text == "max":
        return None
    found = re.fullmatch(rf"(\d+(?:\.\d+)?)(?:{unit})?", text)
    if not found or float(found[1]) == 0:
        raise click.BadParameter(f"say it like {option}", param_hint=option.split(maxsplit=1)[0])
    return float(found[1])


@replay.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--space", "slug", required=True, help="Slug of the space; its ballot must take agree and disagree (updown)."
)
@click.option("--server", required=True, help="Address of the server, e.g. http://127.0.0.1:5000.")
@click.option(
    "--token", required=True, envvar="REPLAY_TOKEN", help="A token with the scope act_as (or in $REPLAY_TOKEN)."
)
@click.option(
    "--speed", default=None, help="100x: a hundred times as fast as recorded; max (default): as fast as it goes."
)
@click.option("--max-gap", default=None, help="Cut pauses to this many seconds, e.g. 2s.")
@click.option("--rate", default=None, help="At most so many votes a second, e.g. 500/s.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def polis(
    folder: Path,
    slug: str,
    server: str,
    token: str,
    speed: str | None,
    max_gap: str | None,
    rate: str | None,
    as_json: bool,
) -> None:
    """Replay the Polis export in DIR: statements, timed votes with revotes, rejections last."""
    from codesign.exchange.polis_export import read_export
    from codesign.exchange.replay import Pace, Replay

    pace = Pace(
        _number(speed, "x", "--speed 100x"), _number(max_gap, "s", "--max-gap 2s"), _number(rate, "/s", "--rate 500/s")
    )
    export = read_export(folder)
    with bar("Replaying votes") as advance:
        report = Replay(export, server, token, slug, advance).run(pace)
    if as_json:
        put_json(vars(report))
    else:
        click.echo(
            f"{report.acknowledged} votes acknowledged in {report.seconds:.1f} s "
            f"({report.acknowledged / max(report.seconds, 0.001):.0f}/s), "
            f"{report.resent} sent again, {report.reconnected} connections."
        )
        for line, reason in report.refused[:20]:
            click.echo(f"votes.csv line {line}: {reason}", err=True)
    sys.exit(1 if report.refused else 0)
