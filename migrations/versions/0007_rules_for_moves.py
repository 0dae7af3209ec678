"""Rules for moves between statuses

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "move_rule",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("from_id", sa.String(length=26), nullable=True),
        sa.Column("to_id", sa.String(length=26), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("needs_answer", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["from_id"], ["status.id"], name=op.f("fk_move_rule_from_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_move_rule_space_id")),
        sa.ForeignKeyConstraint(["to_id"], ["status.id"], name=op.f("fk_move_rule_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move_rule")),
    )
    with op.batch_alter_table("move_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_move_rule_space_id"), ["space_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("move_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_move_rule_space_id"))

    op.drop_table("move_rule")
