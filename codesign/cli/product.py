"""``codesign product``: models of products in and out, looked at, and tried against what people have saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from codesign.cli.output import app_context, put_json
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.errors import FieldError, Invalid, NotFound
from codesign.kernel.text import _
from codesign.products import files, gate, queries, service
from codesign.products.facts import ProductFact, VersionFact
from codesign.products.lines import mistakes
from codesign.spaces.access import standing

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SPACE = click.option("--space", "-s", required=True, help="The space, by slug or id.")


@click.group()
def product() -> None:
    """Products people compose."""


def _with_lines(problem: Invalid, text: str) -> Invalid:
    """The refusal of a text of ours, each mistake with its line."""
    told = [
        FieldError(f"line {one.line}, {one.place}" if one.line else one.place, "invalid", one.message)
        for one in mistakes(problem.errors, text)
    ]
    return Invalid(problem.sentence, errors=told if text else problem.errors)


def _found(space: str, slug: str) -> ProductFact:
    return queries.find_product(SYSTEM, space, slug, "product")[0]


def _draft(found: ProductFact) -> VersionFact:
    draft = queries.draft_of(found.id)
    if draft is None:
        raise NotFound(_("This product has no draft."))
    return draft


@product.command("list")
@_SPACE
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_products(space: str, as_json: bool) -> None:
    """List the products of a space, those not published yet too."""
    with app_context(), db.read():
        shown = [_line(one) for one in queries.list_products(standing(SYSTEM, space))]
    if as_json:
        put_json(shown)
        return
    for line in shown:
        state = f"version {line['number']}" if line["number"] else "not published"
        state += ", not offered any more" if line["withdrawn"] else ""
        click.echo(f"{line['slug']:<32} {line['name']}  ({state}{', a draft waits' if line['draft'] else ''})")
    if not shown:
        click.echo("There is no product yet. Bring one: codesign product import FILE --space SPACE")


def _line(one: ProductFact) -> dict[str, Any]:
    version = queries.get_version(one.published_version_id) if one.published_version_id else None
    return {
        "id": one.id, "slug": one.slug, "name": one.name, "number": version.number if version else None,
        "draft": queries.draft_of(one.id) is not None, "withdrawn": one.withdrawn_at is not None,
    }  # fmt: skip


@product.command("import")
@click.argument("path", metavar="FILE", type=FILE)
@_SPACE
@click.option("--name", default=None, help="What a new product is called; the file's name when left out.")
@click.option(
    "--product", "slug", default=None, help="The address of a product that is here already: the file is its draft."
)
@click.option("--publish", is_flag=True, help="Publish it at once, if its rules allow anything.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def import_product(path: Path, space: str, name: str | None, slug: str | None, publish: bool, as_json: bool) -> None:
    """Bring the model in FILE (YAML, JSON, UVL, FeatureIDE's XML) as a product, or as the draft of one."""
    with app_context():
        read = files.read_file(path.name, path.read_bytes())
        found = _found(space, slug) if slug else None
        try:
            if found is None:
                found = service.create_product(SYSTEM, space, name or path.stem)
            version = service.write_draft(SYSTEM, found.id, read.document, read.source)
        except Invalid as problem:
            raise _with_lines(problem, read.source) from None
        if publish:
            version = service.publish(SYSTEM, found.id)
    for note in read.notes:
        click.echo(f"codesign: {note}", err=True)
    if as_json:
        put_json(
            {"product": found.slug, "number": version.number, "state": version.state, "hash": version.content_hash}
        )
    else:
        click.echo(f"{found.name}: {version.state} {version.number}, {version.content_hash[:12]}")


@product.command()
@click.argument("slug", metavar="PRODUCT")
@_SPACE
@click.option("--draft", is_flag=True, help="Look at the draft, not at what is published.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def analyse(slug: str, space: str, draft: bool, as_json: bool) -> None:
    """Say what the model of PRODUCT allows and what is wrong with it."""
    with app_context():
        found = _found(space, slug)
        told = gate.analysis_of(_draft(found) if draft else queries.published_version(found))
    if as_json:
        put_json(told)
        return
    click.echo("It allows nothing." if told["void"] else f"{told['count'] or 'too many to count'} configurations")
    for title, name in (
        ("nobody can choose", "dead"),
        ("no choice", "false_optional"),
        ("says nothing new", "redundant_rules"),
    ):
        for one in told[name]:
            click.echo(
                f"{title}: {one['id']}  because of {', '.join(reason['id'] for reason in one['reasons']) or 'itself'}"
            )
    if not told["finished"]:
        click.echo("Time ran out before everything was looked at.", err=True)


@product.command()
@click.argument("slug", metavar="PRODUCT")
@_SPACE
@click.option("--output", "-o", "path", metavar="FILE", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="Where to write: the ending says how (.yaml, .json, .uvl).")  # fmt: skip
def export(slug: str, space: str, path: Path) -> None:
    """Write the published model of PRODUCT into a file."""
    form = path.suffix.lower().lstrip(".").replace("yml", "yaml")
    if form not in files.MEDIA_TYPES:
        raise click.BadParameter("end it with .yaml, .json or .uvl", param_hint="--output")
    with app_context():
        content, _media_type = files.write_file(queries.published_version(_found(space, slug)), form, as_written=True)
    path.write_text(content, encoding="utf-8")
    click.echo(f"{path}: {len(content)} characters")


@product.command()
@click.argument("slug", metavar="PRODUCT")
@_SPACE
@click.option("--dry-run", is_flag=True, required=True, help="Only look: nothing is moved but by who composed it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def migrate(slug: str, space: str, dry_run: bool, as_json: bool) -> None:
    """Say which saved configurations the draft of PRODUCT breaks, by which rules, and the smallest change of each."""
    with app_context():
        found = _found(space, slug)
        told = gate.breaks_of(found, _draft(found))
    if as_json:
        broken = [{"id": one.saved.id, "rules": [rule["id"] for rule in one.rules], "gives_up": list(one.gives_up),
                   "unknown": list(one.unknown)} for one in told.broken]  # fmt: skip
        put_json({"tried": told.tried, "whole": told.whole, "broken": broken})
        return
    click.echo(f"{len(told.broken)} of {told.tried} saved configurations cannot stay as they are.")
    for one in told.broken:
        rules = ", ".join(rule["id"] for rule in one.rules) or "options are gone"
        click.echo(f"{one.saved.id}  {rules}: gives up {', '.join((*one.unknown, *one.gives_up)) or 'nothing'}")


@product.command()
@click.argument("slug", metavar="PRODUCT")
@_SPACE
@click.option("--again", is_flag=True, help="Offer it again.")
def withdraw(slug: str, space: str, again: bool) -> None:
    """Offer PRODUCT no more: nothing new is composed of it, what was composed stays readable."""
    with app_context():
        change = service.offer_product if again else service.withdraw_product
        found = change(SYSTEM, _found(space, slug).id)
    click.echo(f"{found.name}: {'offered' if found.is_offered else 'not offered any more'}")
