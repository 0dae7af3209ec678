"""Votes entered for customers, evidence, weights of segments

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "entered_vote",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("idea_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("called", sa.String(length=254), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.String(length=26), nullable=True),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("cast_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_entered_vote_idea_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_entered_vote_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entered_vote")),
        sa.UniqueConstraint("idea_id", "person_id", name=op.f("uq_entered_vote_idea_id_person_id")),
    )
    op.create_index(op.f("ix_entered_vote_person_id"), "entered_vote", ["person_id"], unique=False)
    op.create_index(op.f("ix_entered_vote_space_id"), "entered_vote", ["space_id"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("idea_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=True),
        sa.Column("called", sa.String(length=254), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("organization", sa.String(length=120), nullable=False),
        sa.Column("added_by", sa.String(length=26), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_evidence_idea_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_evidence_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_idea_id"), "evidence", ["idea_id"], unique=False)
    op.create_index(op.f("ix_evidence_person_id"), "evidence", ["person_id"], unique=False)
    op.create_index(op.f("ix_evidence_space_id"), "evidence", ["space_id"], unique=False)
    op.create_table(
        "segment_weights",
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("set_by", sa.String(length=26), nullable=True),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_segment_weights_space_id")),
        sa.PrimaryKeyConstraint("space_id", "number", name=op.f("pk_segment_weights")),
    )


def downgrade() -> None:
    op.drop_table("segment_weights")
    op.drop_table("evidence")
    op.drop_table("entered_vote")
