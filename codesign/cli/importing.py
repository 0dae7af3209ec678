"""``codesign import``: bring in what others have recorded."""

from __future__ import annotations

from pathlib import Path

import click

from codesign.cli.output import app_context, put_json
from codesign.cli.progress import bar
from codesign.exchange.foreign.formats import FORMATS
from codesign.exchange.foreign.planning import flaws_as_csv

FORMAT_NAMES = tuple(dict.fromkeys(each.name for each in FORMATS))


@click.group("import")
def importing() -> None:
    """Bring in conversations, ideas and archives."""


@importing.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--space", "slug", required=True, help="Slug of the space to make.")
@click.option(
    "--owner", "owner", metavar="EMAIL", help="Who owns the space. Without one it belongs to the administrators."
)
@click.option("--discard", is_flag=True, help="Take away what an unfinished import has made.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def polis(folder: Path, slug: str, owner: str | None, discard: bool, as_json: bool) -> None:
    """Load the Polis open-data export in DIR as a space of agree and disagree. A killed import is resumed by the same command."""
    from codesign.accounts.queries import find_by_email
    from codesign.exchange.importing import discard_import, import_polis

    with app_context():
        if discard:
            discard_import(slug)
            click.echo(f"The unfinished import into {slug} is gone.")
            return
        person = find_by_email(owner) if owner else None
        if owner and person is None:
            raise click.BadParameter(f"nobody has the address {owner}", param_hint="--owner")
        with bar("Importing") as advance:
            export = import_polis(folder, slug, person.id if person else None, advance)
    for problem in export.problems:
        click.echo(str(problem), err=True)
    counts = export.counts
    if as_json:
        put_json({"space": slug, **{name: getattr(counts, name) for name in ("statements", "rejected", "votes", "people")},
                  "rows_skipped": counts.rows_skipped, "rows_repaired": counts.rows_repaired})  # fmt: skip
    else:
        click.echo(
            f"{slug}: {counts.statements} statements ({counts.rejected} rejected), {counts.votes} votes by {counts.people} "
            f"people; {counts.rows_skipped} rows skipped, {counts.rows_repaired} repaired."
        )


@importing.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON.")
def space(file: Path, as_json: bool) -> None:
    """Bring in the space that `codesign export space` wrote to FILE. A killed import is started anew by the same command."""
    from codesign.exchange.archive.loading import import_space

    with app_context(), bar("Importing") as advance:
        manifest = import_space(file, advance)
    if as_json:
        put_json(manifest)
    else:
        click.echo(f"{manifest['space']['slug']}: here, with its log up to number {manifest['log']['seq']}.")


@importing.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--space", "slug", required=True, help="Slug of the space that takes them.")
@click.option("--format", "name", help="Whose table it is: " + ", ".join(FORMAT_NAMES) + ". Guessed if not said.")
@click.option("--source", help="What the ideas are known by here, for a second run; the format if not said.")
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Read a field from a column; tags from several, with commas.",
)
@click.option(
    "--status",
    "statuses",
    multiple=True,
    metavar="WORD=STATUS",
    help="Which status of the space a word of the file becomes.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option(
    "--errors", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the rows that are wrong, as CSV."
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def ideas(
    file: Path,
    slug: str,
    name: str | None,
    source: str | None,
    columns: tuple[str, ...],
    statuses: tuple[str, ...],
    dry_run: bool,
    errors: Path | None,
    as_json: bool,
) -> None:
    """Bring the ideas or votes in FILE (CSV or JSON, gzip or not) into a space. The same command once more adds nothing twice."""
    from codesign.exchange.foreign import by_hand

    mapping, meant = _pairs(columns, "--map"), _pairs(statuses, "--status")
    with app_context():
        plan, sheet = by_hand.plan_file(file, slug, name, source, mapping, meant)
        with bar("Importing") as advance:
            counts, flaws = by_hand.run(plan, None if dry_run else advance)
    if errors:
        errors.write_text(flaws_as_csv(sheet.header, flaws), encoding="utf-8")
    else:
        for flaw in flaws[:20]:
            click.echo(f"{file.name}:{flaw.line}: {flaw.reason}", err=True)
        if len(flaws) > 20:
            click.echo(f"… and {len(flaws) - 20} more. --errors FILE writes all of them.", err=True)
    if as_json:
        put_json(
            {"space": slug, "format": plan.wish.format.name, "source": plan.wish.source, "dry_run": dry_run, **counts}
        )
        return
    said = ", ".join(f"{value} {key.replace('_', ' ')}" for key, value in counts.items())
    click.echo(f"{slug}: {'would bring ' if dry_run else ''}{said}.")


def _pairs(words: tuple[str, ...], option: str) -> dict[str, str]:
    pairs = dict(word.partition("=")[::2] for word in words)
    if not all(pairs.values()) or not all(pairs):
        raise click.BadParameter("say it as NAME=VALUE", param_hint=option)
    return pairs
