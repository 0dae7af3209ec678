"""Ideas that look alike, and how far a change of many has come

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "triage_twin",
        sa.Column("idea_id", sa.String(length=26), nullable=False),
        sa.Column("other_id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_triage_twin_idea_id")),
        sa.ForeignKeyConstraint(["other_id"], ["idea.id"], name=op.f("fk_triage_twin_other_id")),
        sa.PrimaryKeyConstraint("idea_id", "other_id", name=op.f("pk_triage_twin")),
    )
    op.create_index("ix_triage_twin_other_id", "triage_twin", ["other_id"], unique=False)
    op.create_index("ix_triage_twin_space_id", "triage_twin", ["space_id"], unique=False)
    with op.batch_alter_table("triage_deed") as batch_op:
        batch_op.add_column(sa.Column("total", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("reached", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("moved_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("triage_deed") as batch_op:
        batch_op.drop_column("moved_at")
        batch_op.drop_column("reached")
        batch_op.drop_column("total")
    op.drop_index("ix_triage_twin_space_id", table_name="triage_twin")
    op.drop_index("ix_triage_twin_other_id", table_name="triage_twin")
    op.drop_table("triage_twin")
