"""The tables of the plugin."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, ("moderation_rules",), None


def upgrade() -> None:
    op.create_table(
        "moderation_rules_person",
        sa.Column("space_id", sa.String(26), primary_key=True),
        sa.Column("person_id", sa.String(26), primary_key=True),
        sa.Column("ideas", sa.Integer, nullable=False),
        sa.Column("comments", sa.Integer, nullable=False),
        sa.Column("votes", sa.Integer, nullable=False),
        sa.Column("hidden", sa.Integer, nullable=False),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_moderation_rules_person_person_id", "moderation_rules_person", ["person_id"])
    op.create_table(
        "moderation_rules_text",
        sa.Column("text_id", sa.String(26), primary_key=True),
        sa.Column("space_id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26)),
        sa.Column("fingerprint", sa.BigInteger),
        sa.Column("written_at", sa.BigInteger, nullable=False),
        sa.Column("counted", sa.Boolean, nullable=False),
        sa.Column("out", sa.Boolean, nullable=False),
    )
    op.create_index("ix_moderation_rules_text_person_id", "moderation_rules_text", ["person_id"])
    op.create_index("ix_moderation_rules_text_recent", "moderation_rules_text", ["space_id", "written_at"])


def downgrade() -> None:
    op.drop_table("moderation_rules_text")
    op.drop_table("moderation_rules_person")
