"""Products that are not offered any more; ideas that miss an option of a product

Revision ID: 0002
Revises: 0001
"""

import json
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LONGEST_TAG = 30


def upgrade() -> None:
    op.add_column("product", sa.Column("withdrawn_at", sa.BigInteger(), nullable=True))
    op.add_column("idea", sa.Column("for_product_id", sa.String(length=26), nullable=True))
    op.add_column("idea", sa.Column("for_group", sa.String(length=120), nullable=True))
    op.create_index("ix_idea_for_product_id", "idea", ["for_product_id"])
    tie_by_tags(op.get_bind())


def downgrade() -> None:
    op.drop_index("ix_idea_for_product_id", "idea")
    op.drop_column("idea", "for_group")
    op.drop_column("idea", "for_product_id")
    op.drop_column("product", "withdrawn_at")


def tie_by_tags(connection: sa.Connection) -> None:
    """Until now an idea said by its first two tags what it misses: the name of the product, then that of the part."""
    products = connection.execute(
        sa.text("SELECT id, space_id, name FROM product WHERE published_version_id IS NOT NULL")
    )
    for product_id, space_id, name in products.all():
        groups = group_by_tag(connection, product_id)
        tied = connection.execute(
            sa.text(
                "SELECT part.idea_id, part.tag FROM idea_tag AS product JOIN idea_tag AS part ON part.idea_id = product.idea_id"
                " AND part.position = product.position + 1 WHERE product.space_id = :space AND product.tag = :tag"
            ),
            {"space": space_id, "tag": as_tag(name)},
        )
        for idea_id, tag in tied.all():
            if tag in groups:
                connection.execute(
                    sa.text("UPDATE idea SET for_product_id = :product, for_group = :group_id WHERE id = :idea"),
                    {"product": product_id, "group_id": groups[tag], "idea": idea_id},
                )


def group_by_tag(connection: sa.Connection, product_id: str) -> dict[str, str]:
    """The ids of a product's groups by the tags their names became, in any language; the newest version says it last."""
    versions = connection.execute(
        sa.text(
            "SELECT document FROM product_version WHERE product_id = :product AND state = 'published' ORDER BY number"
        ),
        {"product": product_id},
    )
    found: dict[str, str] = {}
    for (document,) in versions.all():
        model = json.loads(document) if isinstance(document, str) else document
        found.update(names_of(model))
    return found


def names_of(model: dict) -> dict[str, str]:
    names: dict[str, list[str]] = defaultdict(list)
    waiting = [model]
    while waiting:
        for group in waiting.pop().get("groups", ()):
            label = group.get("label") or group["id"]
            for name in label.values() if isinstance(label, dict) else (label,):
                names[as_tag(name)].append(group["id"])
            waiting += group.get("options", ())
    return {tag: ids[0] for tag, ids in names.items()}


def as_tag(name: str) -> str:
    return " ".join(name[:LONGEST_TAG].replace(",", " ").split()).lower().strip("# ,")
