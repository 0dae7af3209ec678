"""``figures``: how many honest texts the rules would hold, and how many rule-breaking ones they catch, on real data."""

from __future__ import annotations

from pathlib import Path

import click

from .measuring import measure


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--languages", default="en,de,es,fr", show_default=True, help="Word lists to use, separated by commas.")
def figures(folder: Path, languages: str) -> None:
    """Let the rules judge the texts in FOLDER (with text/ and ideas-decide-madrid/) and print what they hold."""
    click.echo(f"{'set':<34}{'texts':>7}{'held':>7}{'share':>9}  rules")
    for line in measure(folder, tuple(languages.split(","))):
        rules = ", ".join(f"{name} {count}" for name, count in line.rules.most_common())
        click.echo(f"{line.name:<34}{line.texts:>7}{line.held:>7}{line.share:>9.1%}  {rules}")
