"""Columns of a roadmap

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roadmap_column",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_roadmap_column_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roadmap_column")),
    )
    with op.batch_alter_table("roadmap_column", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roadmap_column_space_id"), ["space_id"], unique=False)

    op.create_table(
        "roadmap_status",
        sa.Column("status_id", sa.String(length=26), nullable=False),
        sa.Column("column_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["column_id"], ["roadmap_column.id"], name=op.f("fk_roadmap_status_column_id")),
        sa.ForeignKeyConstraint(["status_id"], ["status.id"], name=op.f("fk_roadmap_status_status_id")),
        sa.PrimaryKeyConstraint("status_id", name=op.f("pk_roadmap_status")),
    )
    with op.batch_alter_table("roadmap_status", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roadmap_status_column_id"), ["column_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("roadmap_status", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roadmap_status_column_id"))

    op.drop_table("roadmap_status")
    with op.batch_alter_table("roadmap_column", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roadmap_column_space_id"))

    op.drop_table("roadmap_column")
