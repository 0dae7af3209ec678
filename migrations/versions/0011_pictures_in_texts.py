"""Pictures in texts

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("owner_id", sa.String(length=26), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_picture_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
    )
    op.create_index(op.f("ix_picture_owner_id"), "picture", ["owner_id"])
    op.create_index(op.f("ix_picture_space_id"), "picture", ["space_id"])
    op.create_table(
        "picture_use",
        sa.Column("picture_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text_id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["picture_id"], ["picture.id"], name=op.f("fk_picture_use_picture_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_picture_use_space_id")),
        sa.PrimaryKeyConstraint("picture_id", "kind", "text_id", name=op.f("pk_picture_use")),
    )
    op.create_index(op.f("ix_picture_use_space_id"), "picture_use", ["space_id"])
    op.create_index("ix_picture_use_text_id", "picture_use", ["text_id"])


def downgrade() -> None:
    op.drop_table("picture_use")
    op.drop_table("picture")
