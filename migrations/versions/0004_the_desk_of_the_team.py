"""The desk of the team

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "triage_deed",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("actor_id", sa.String(length=26), nullable=True),
        sa.Column("verb", sa.String(length=16), nullable=False),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_triage_deed_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triage_deed")),
    )
    with op.batch_alter_table("triage_deed", schema=None) as batch_op:
        batch_op.create_index("ix_triage_deed_space_id_actor_id", ["space_id", "actor_id", "id"], unique=False)

    op.create_table(
        "triage_field",
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_triage_field_space_id")),
        sa.PrimaryKeyConstraint("space_id", "key", name=op.f("pk_triage_field")),
    )
    op.create_table(
        "triage_view",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("owner_id", sa.String(length=26), nullable=True),
        sa.Column("made_by", sa.String(length=26), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_triage_view_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triage_view")),
    )
    with op.batch_alter_table("triage_view", schema=None) as batch_op:
        batch_op.create_index("ix_triage_view_space_id", ["space_id", "owner_id"], unique=False)

    op.create_table(
        "triage_deed_row",
        sa.Column("deed_id", sa.String(length=26), nullable=False),
        sa.Column("idea_id", sa.String(length=26), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["deed_id"], ["triage_deed.id"], name=op.f("fk_triage_deed_row_deed_id")),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_triage_deed_row_idea_id")),
        sa.PrimaryKeyConstraint("deed_id", "idea_id", name=op.f("pk_triage_deed_row")),
    )
    op.create_table(
        "triage_mark",
        sa.Column("idea_id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("owner_id", sa.String(length=26), nullable=True),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_triage_mark_idea_id")),
        sa.PrimaryKeyConstraint("idea_id", name=op.f("pk_triage_mark")),
    )
    with op.batch_alter_table("triage_mark", schema=None) as batch_op:
        batch_op.create_index("ix_triage_mark_space_id_owner_id", ["space_id", "owner_id"], unique=False)

    op.create_table(
        "triage_value",
        sa.Column("idea_id", sa.String(length=26), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_triage_value_idea_id")),
        sa.PrimaryKeyConstraint("idea_id", "key", name=op.f("pk_triage_value")),
    )
    with op.batch_alter_table("triage_value", schema=None) as batch_op:
        batch_op.create_index("ix_triage_value_order", ["space_id", "key", "number", "idea_id"], unique=False)

    # ### end Alembic commands ###


def downgrade() -> None:
    with op.batch_alter_table("triage_value", schema=None) as batch_op:
        batch_op.drop_index("ix_triage_value_order")

    op.drop_table("triage_value")
    with op.batch_alter_table("triage_mark", schema=None) as batch_op:
        batch_op.drop_index("ix_triage_mark_space_id_owner_id")

    op.drop_table("triage_mark")
    op.drop_table("triage_deed_row")
    with op.batch_alter_table("triage_view", schema=None) as batch_op:
        batch_op.drop_index("ix_triage_view_space_id")

    op.drop_table("triage_view")
    op.drop_table("triage_field")
    with op.batch_alter_table("triage_deed", schema=None) as batch_op:
        batch_op.drop_index("ix_triage_deed_space_id_actor_id")

    op.drop_table("triage_deed")
    # ### end Alembic commands ###
