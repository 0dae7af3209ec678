"""Consents, connections, what was sent and what is still to send."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, ("crm_export",), None


def upgrade():
    _consent()
    _text()
    _connection()
    _link()
    _outbox()
    _delivery()


def _consent():
    op.create_table(
        "crm_export_consent",
        sa.Column("space_id", sa.String(26), primary_key=True),
        sa.Column("person_id", sa.String(26), primary_key=True),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("text_version", sa.String(32), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger()),
        sa.Column("refill", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_crm_export_consent_person_id", "crm_export_consent", ["person_id"])


def _text():
    op.create_table(
        "crm_export_text",
        sa.Column("space_id", sa.String(26), primary_key=True),
        sa.Column("version", sa.String(32), primary_key=True),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("first_used_at", sa.BigInteger(), nullable=False),
    )


def _connection():
    op.create_table(
        "crm_export_connection",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("space_id", sa.String(26), nullable=False),
        sa.Column("connector", sa.String(60), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("address", sa.String(500), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("preset", sa.String(40), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("mapping_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.BigInteger()),
        sa.Column("open_until", sa.BigInteger()),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("tokens_at", sa.BigInteger()),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("last_sent_at", sa.BigInteger()),
        sa.Column("refill", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_crm_export_connection_space_id", "crm_export_connection", ["space_id"])


def _link():
    op.create_table(
        "crm_export_link",
        sa.Column("connection_id", sa.String(26), primary_key=True),
        sa.Column("external_id", sa.String(40), primary_key=True),
        sa.Column("space_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("entity_id", sa.String(60)),
        sa.Column("person_id", sa.String(26)),
        sa.Column("remote_id", sa.String(200), nullable=False),
        sa.Column("sent_hash", sa.String(32), nullable=False),
        sa.Column("sent", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("doubt", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.BigInteger()),
    )
    op.create_index("ix_crm_export_link_person_id", "crm_export_link", ["person_id"])
    op.create_index("ix_crm_export_link_entity", "crm_export_link", ["space_id", "kind", "entity_id"])


def _outbox():
    op.create_table(
        "crm_export_outbox",
        sa.Column("connection_id", sa.String(26), primary_key=True),
        sa.Column("external_id", sa.String(40), primary_key=True),
        sa.Column("space_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("entity_id", sa.String(60)),
        sa.Column("person_id", sa.String(26)),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("first_failed_at", sa.BigInteger()),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("forced", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_crm_export_outbox_space_id", "crm_export_outbox", ["space_id"])
    op.create_index("ix_crm_export_outbox_person_id", "crm_export_outbox", ["person_id"])
    op.create_index("ix_crm_export_outbox_due", "crm_export_outbox", ["connection_id", "state", "due_at"])


def _delivery():
    op.create_table(
        "crm_export_delivery",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("connection_id", sa.String(26), nullable=False),
        sa.Column("space_id", sa.String(26), nullable=False),
        sa.Column("external_id", sa.String(40), nullable=False),
        sa.Column("message_id", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("fine", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("code", sa.String(40), nullable=False),
    )
    op.create_index("ix_crm_export_delivery_connection", "crm_export_delivery", ["connection_id", "at"])


def downgrade():
    op.drop_table("crm_export_delivery")
    op.drop_table("crm_export_outbox")
    op.drop_table("crm_export_link")
    op.drop_table("crm_export_connection")
    op.drop_table("crm_export_text")
    op.drop_table("crm_export_consent")
