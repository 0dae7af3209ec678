"""Releases

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "release",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_release_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
    )
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.create_index("ix_release_space_id_published_at", ["space_id", "published_at"], unique=False)

    op.create_table(
        "release_idea",
        sa.Column("release_id", sa.String(length=26), nullable=False),
        sa.Column("idea_id", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_release_idea_idea_id")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_release_idea_release_id")),
        sa.PrimaryKeyConstraint("release_id", "idea_id", name=op.f("pk_release_idea")),
    )
    with op.batch_alter_table("release_idea", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_idea_idea_id"), ["idea_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("release_idea", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_idea_idea_id"))

    op.drop_table("release_idea")
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.drop_index("ix_release_space_id_published_at")

    op.drop_table("release")
