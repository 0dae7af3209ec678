"""When a connection was tried, whether it may change what is known of organizations here, and when it was asked last."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None


def upgrade() -> None:
    op.add_column("crm_export_connection", sa.Column("checked_at", sa.BigInteger))
    op.add_column("crm_export_connection", sa.Column("pulls", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("crm_export_connection", sa.Column("pulled_at", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("crm_export_connection", "pulled_at")
    op.drop_column("crm_export_connection", "pulls")
    op.drop_column("crm_export_connection", "checked_at")
