"""What other systems said of ideas that came from them

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imported_idea",
        sa.Column("idea_id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("mark", sa.String(length=24), nullable=False),
        sa.Column("word", sa.String(length=120), nullable=False),
        sa.Column("status_id", sa.String(length=26), nullable=True),
        sa.Column("up", sa.Integer(), nullable=False),
        sa.Column("down", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_imported_idea_idea_id")),
        sa.PrimaryKeyConstraint("idea_id", name=op.f("pk_imported_idea")),
    )
    op.create_index(op.f("ix_imported_idea_space_id"), "imported_idea", ["space_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_imported_idea_space_id"), table_name="imported_idea")
    op.drop_table("imported_idea")
