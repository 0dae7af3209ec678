"""Tags and answers as other systems said them last

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("imported_idea", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tags", sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column("answer", sa.String(length=24), nullable=True))

    # ### end Alembic commands ###


def downgrade() -> None:
    with op.batch_alter_table("imported_idea", schema=None) as batch_op:
        batch_op.drop_column("answer")
        batch_op.drop_column("tags")

    # ### end Alembic commands ###
