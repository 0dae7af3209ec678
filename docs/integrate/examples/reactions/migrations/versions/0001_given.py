"""The table of reactions."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, ("reactions",), None


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "reactions_given",
        sa.Column("idea_id", sa.String(26), primary_key=True),
        sa.Column("person_id", sa.String(26), primary_key=True),
        sa.Column("emoji", sa.String(12), primary_key=True),
        sa.Column("space_id", sa.String(26), nullable=False),
        sa.Column("given_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_reactions_given_person_id", "reactions_given", ["person_id"])
    op.create_index("ix_reactions_given_space_id", "reactions_given", ["space_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("reactions_given")
