"""Edits of drafts, and who edits along

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft_edit",
        sa.Column("configuration_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=True),
        sa.Column("did", sa.String(length=16), nullable=False),
        sa.Column("option", sa.String(length=120), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("wished", sa.JSON(), nullable=False),
        sa.Column("disputed", sa.JSON(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.Integer(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["configuration_id"], ["configuration.id"], name=op.f("fk_draft_edit_configuration_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_edit_person_id")),
        sa.PrimaryKeyConstraint("configuration_id", "number", name=op.f("pk_draft_edit")),
    )
    op.create_index(op.f("ix_draft_edit_person_id"), "draft_edit", ["person_id"], unique=False)
    op.create_table(
        "draft_partner",
        sa.Column("configuration_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["configuration_id"], ["configuration.id"], name=op.f("fk_draft_partner_configuration_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_partner_person_id")),
        sa.PrimaryKeyConstraint("configuration_id", "person_id", name=op.f("pk_draft_partner")),
    )
    op.create_index(op.f("ix_draft_partner_person_id"), "draft_partner", ["person_id"], unique=False)
    # Not as a batch: SQLite would make the table anew, and others point at it.
    op.add_column("configuration", sa.Column("contested", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("configuration", sa.Column("marks", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("configuration", sa.Column("edit_key", sa.String(length=32), nullable=True))
    op.drop_column("configuration", "past")
    op.drop_column("configuration", "future")


def downgrade() -> None:
    op.add_column("configuration", sa.Column("past", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("configuration", sa.Column("future", sa.JSON(), nullable=False, server_default="[]"))
    op.drop_column("configuration", "edit_key")
    op.drop_column("configuration", "marks")
    op.drop_column("configuration", "contested")
    op.drop_table("draft_partner")
    op.drop_table("draft_edit")
