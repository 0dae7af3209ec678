"""Verbs of products: make one, write its draft, publish a version, turn somebody's idea into an option."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from codesign.events.log import record
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Invalid, NotFound
from codesign.kernel.ids import new_id
from codesign.kernel.lane import run_in_thread
from codesign.kernel.text import _
from codesign.pictures.service import note_uses
from codesign.products import engine, rules
from codesign.products.events import (
    OptionAdded,
    ProductChanged,
    ProductCreated,
    ProductOffered,
    ProductPublished,
    ProductWithdrawn,
)
from codesign.products.facts import DRAFT, PUBLISHED, ProductFact, VersionFact
from codesign.products.gate import analysis_of
from codesign.products.models import Product, ProductVersion
from codesign.products.ports import ports
from codesign.products.queries import (
    draft_of,
    get_version,
    list_versions,
    model_of,
    product_access,
    product_fact,
    version_fact,
)
from codesign.products.solving import make_ready
from codesign.spaces.access import access
from codesign.spaces.service.rows import lock_space

MOST_PRODUCTS = 200


# --- Products ---------------------------------------------------------------------------------------------------------


@verb
def create_product(actor: Actor, space: str, name: str, slug: str | None = None, description: str = "") -> ProductFact:
    """Begin a product (product team). Nobody else sees it before its first version is published."""
    space_id = lock_space(access(actor, space, "product")).id
    slugs = set(session().scalars(select(Product.slug).where(Product.space_id == space_id)))
    if len(slugs) >= MOST_PRODUCTS:
        raise Conflict(_("A space has at most %(most)s products.", most=MOST_PRODUCTS))
    name = rules.check_name(name)
    row = Product(
        id=new_id(), space_id=space_id, slug=_free_slug(slugs, slug, name), name=name,
        description=rules.check_description(description), published_version_id=None, version=1, created_at=clock.now(),
    )  # fmt: skip
    session().add(row)
    session().flush()
    record(ProductCreated(space_id, row.id), actor)
    return product_fact(row)


def _free_slug(taken: set[str], slug: str | None, name: str) -> str:
    if slug is not None:
        if rules.check_slug(slug) in taken:
            raise Invalid.field("slug", _("Another product has this address. Choose another one."), "taken")
        return slug
    wanted = rules.slug_of(name)
    names = (wanted if number == 1 else f"{wanted[: rules.MOST_SLUG - 4]}-{number}" for number in range(1, 1000))
    return next(name for name in names if name not in taken)


@verb
def change_product(
    actor: Actor,
    product_id: str,
    version: int | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
) -> ProductFact:
    """Change name or words of a product (product team); what is None stays. A stale *version* is refused."""
    row = _locked(actor, product_id)
    if version is not None and version != row.version:
        raise Conflict(_("Somebody else changed this product while you were writing."), version=row.version)
    before = product_fact(row)
    if name is not None:
        row.name = rules.check_name(name)
    if description is not None:
        row.description = rules.check_description(description)
    if product_fact(row) == before:
        return before
    row.version += 1
    session().flush()
    if row.published_version_id is not None:
        record(ProductChanged(row.space_id, row.id, row.version), actor)
    return product_fact(row)


@verb
def withdraw_product(actor: Actor, product_id: str) -> ProductFact:
    """Offer a published product no more (product team): nothing new is composed of it, what was stays readable."""
    row = _locked(actor, product_id)
    if row.published_version_id is None:
        raise Conflict(_("This product is not published, so nobody can compose it."))
    if row.withdrawn_at is None:
        row.withdrawn_at, row.version = clock.now(), row.version + 1
        session().flush()
        record(ProductWithdrawn(row.space_id, row.id), actor)
    return product_fact(row)


@verb
def offer_product(actor: Actor, product_id: str) -> ProductFact:
    """Offer a product again that was withdrawn (product team)."""
    row = _locked(actor, product_id)
    if row.withdrawn_at is not None:
        row.withdrawn_at, row.version = None, row.version + 1
        session().flush()
        record(ProductOffered(row.space_id, row.id), actor)
    return product_fact(row)


def _locked(actor: Actor, product_id: str) -> Product:
    """The row of a product under lock, for its team."""
    product, _access = product_access(actor, product_id, "product")
    query = select(Product).where(Product.id == product.id).with_for_update(key_share=True)
    return session().scalars(query.execution_options(populate_existing=True)).one()


# --- The draft --------------------------------------------------------------------------------------------------------


def write_draft(
    actor: Actor, product_id: str, document: Mapping[str, Any], source: str = "", seen: str | None = None
) -> VersionFact:
    """Make *document* the draft of a product (product team); *source* is the text it was read from, kept for its author.

    *seen* is the hash of the draft that was changed (empty: there was none): Conflict when it is another by now. Raises
    Invalid with one error per mistake of the document.
    """
    product_access(actor, product_id, "product")  # nobody else makes us read a document
    model = run_in_thread(lambda: engine.read(document))
    shown = " ".join(option.image for option in model.options.values())
    return _store_draft(actor, product_id, engine.write(model), engine.content_hash(model), source, seen, shown)


@verb
def _store_draft(
    actor: Actor,
    product_id: str,
    document: dict[str, Any],
    content_hash: str,
    source: str,
    seen: str | None,
    shown: str,
) -> VersionFact:
    product = _locked(actor, product_id)
    row = _draft_row(product.id)
    if seen is not None and seen != (row.content_hash if row else ""):
        raise Conflict(
            _("Somebody else changed the draft while you were writing."), draft=row.content_hash if row else ""
        )
    if row is None:
        numbers = [version.number for version in list_versions(product.id)]
        row = ProductVersion(
            id=new_id(), space_id=product.space_id, product_id=product.id, number=max(numbers, default=0) + 1,
            state=DRAFT, created_by=actor.person_id, created_at=clock.now(),
        )  # fmt: skip
        session().add(row)
    row.document, row.content_hash, row.source, row.analysis = document, content_hash, source, None
    session().flush()
    # Versions that were published show theirs for ever: a picture once named stays with the product.
    note_uses(actor, product.space_id, "product", product.id, "", shown)
    return version_fact(row)


def _draft_row(product_id: str) -> ProductVersion | None:
    query = select(ProductVersion).where(ProductVersion.product_id == product_id, ProductVersion.state == DRAFT)
    return session().scalar(query.with_for_update().execution_options(populate_existing=True))


@verb
def discard_draft(actor: Actor, product_id: str) -> None:
    """Throw the draft of a product away (product team); NotFound where there is none."""
    row = _draft_row(_locked(actor, product_id).id)
    if row is None:
        raise NotFound(_("This product has no draft."))
    session().delete(row)


# --- Publishing -------------------------------------------------------------------------------------------------------


def publish(actor: Actor, product_id: str, content_hash: str | None = None) -> VersionFact:
    """Publish the draft of a product (product team): from now on people compose this version, and it never changes.

    *content_hash* names the draft that was looked at: Conflict when it is another by now. Raises Conflict for a model that
    allows nothing, apart.TooHard for one that cannot be judged within its limits.
    """
    product, _access = product_access(actor, product_id, "product")
    draft = draft_of(product.id)
    if draft is None:
        raise NotFound(_("This product has no draft."))
    if content_hash is not None and content_hash != draft.content_hash:
        raise _other_draft()
    analysis = analysis_of(draft)
    if analysis["void"]:
        raise Conflict(_("No configuration fits these rules, so nobody could compose anything. Change a rule first."))
    version = _store_published(actor, product.id, draft.content_hash, analysis)
    make_ready(version)
    return version


def _other_draft() -> Conflict:
    return Conflict(_("Somebody else changed the draft while you were looking. Look at it again."))


@verb
def _store_published(actor: Actor, product_id: str, content_hash: str, analysis: dict[str, Any]) -> VersionFact:
    product = _locked(actor, product_id)
    row = _draft_row(product.id)
    if row is None or row.content_hash != content_hash:
        raise _other_draft()
    before = get_version(product.published_version_id) if product.published_version_id else None
    row.state, row.published_at, row.analysis = PUBLISHED, clock.now(), analysis
    product.published_version_id = row.id
    product.version += 1
    session().flush()
    fact = version_fact(row)
    record(ProductPublished(product.space_id, product.id, row.id, row.number), actor)
    _tell_of_options(actor, product, before, fact)
    return fact


def _tell_of_options(actor: Actor, product: Product, before: VersionFact | None, now: VersionFact) -> None:
    """Announce the options of this version that began as somebody's idea and were not there before.

    An idea that became part of another one is announced as that one: whoever supported it does so there now.
    """
    told = {option.idea for option in model_of(before).options.values() if option.idea} if before else set()
    asked = {option.id: option.idea for option in model_of(now).options.values() if option.idea}
    ideas = ports.ideas(product.space_id, told | set(asked.values()))
    known = {ideas.get(idea) for idea in told}
    for option_id, named in asked.items():
        idea = ideas.get(named)
        if idea is not None and idea not in known:
            known.add(idea)
            record(OptionAdded(product.space_id, product.id, option_id, idea), actor)
