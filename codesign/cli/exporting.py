"""``codesign export``: take out what belongs to you."""

from __future__ import annotations

from pathlib import Path

import click

from codesign.cli.output import app_context, put_json
from codesign.cli.progress import bar


@click.group("export")
def exporting() -> None:
    """Take spaces out."""


@exporting.command()
@click.argument("slug")
@click.option(
    "--output", "-o", "path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the archive; SLUG.zip here if not said.",
)  # fmt: skip
@click.option(
    "--with-people",
    is_flag=True,
    help="Also e-mail addresses, password hashes, organizations, drafts and answers to cards.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON.")
def space(slug: str, path: Path | None, with_people: bool, as_json: bool) -> None:
    """Write the space SLUG with its whole log into one file. `codesign import space FILE` reads it into any instance."""
    from codesign.exchange.archive.writing import export_space

    target = path or Path(f"{slug}.zip")
    if not target.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {target.absolute().parent}", param_hint="--output")
    with app_context(), bar("Exporting") as advance:
        manifest = export_space(slug, target, with_people=with_people, advance=advance)
    if as_json:
        put_json(manifest)
    else:
        rows = sum(entry["rows"] for entry in manifest["files"].values())
        click.echo(f"{target}: {rows} rows, log up to number {manifest['log']['seq']}.")
        if with_people:
            click.echo("It holds e-mail addresses and password hashes. Keep it as you keep the database.", err=True)
