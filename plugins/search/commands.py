"""Commands of the plugin: ``codesign plugin run search rebuild --space SLUG``."""

from __future__ import annotations

import sys
import time

import click

from codesign import sdk
from codesign.sdk import _

from . import rebuilding


@click.command("rebuild")
@click.option("--space", required=True, help="Slug or id of the space.")
@click.option("--language", default="en", show_default=True, help="Language of texts too short to tell theirs.")
def rebuild(space: str, language: str) -> None:
    """Make the index of a space anew, in small steps: everybody can search and write meanwhile."""
    found = sdk.find_space(space)
    if found is None:
        raise sdk.NotFound(_("There is no space called %(name)s.", name=space))
    started, shown = time.monotonic(), sys.stderr.isatty()

    def advance(done: int, total: int) -> None:
        if shown:
            click.echo(f"\r{done:,} of {total:,} ideas", nl=False, err=True)

    texts = rebuilding.rebuild(found.id, language, advance)
    if shown:
        click.echo("", err=True)
    click.echo(f"The index of {found.slug} is new: {texts:,} texts in {time.monotonic() - started:.1f} s.")
