"""The tables of the first release

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "demo_switch",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_demo_switch")),
    )
    op.create_table(
        "ended_session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_session")),
    )
    with op.batch_alter_table("ended_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ended_session_ended_at"), ["ended_at"], unique=False)

    op.create_table(
        "erasure",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_erasure")),
    )
    op.create_table(
        "event",
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=True),
        sa.Column("caused_by", sa.BigInteger(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "seq", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_space_id_name_seq", ["space_id", "name", "seq"], unique=False)

    op.create_table(
        "import_arrival",
        sa.Column("run_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "kind", "id", name=op.f("pk_import_arrival")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "log_bookmark",
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reader", "space_id", name=op.f("pk_log_bookmark")),
    )
    op.create_table(
        "log_head",
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("space_id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "organization",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("name", name=op.f("uq_organization_name")),
    )
    op.create_table(
        "pending_action",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_action")),
    )
    with op.batch_alter_table("pending_action", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pending_action_created_at"), ["created_at"], unique=False)

    op.create_table(
        "plugin_bookmark",
        sa.Column("plugin", sa.String(length=32), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("aside", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("plugin", "space_id", name=op.f("pk_plugin_bookmark")),
    )
    op.create_table(
        "plugin_health",
        sa.Column("plugin", sa.String(length=32), nullable=False),
        sa.Column("process", sa.String(length=16), nullable=False),
        sa.Column("hooks", sa.JSON(), nullable=False),
        sa.Column("failures", sa.JSON(), nullable=False),
        sa.Column("recent", sa.JSON(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("rests", sa.Integer(), nullable=False),
        sa.Column("rests_until", sa.BigInteger(), nullable=True),
        sa.Column("calling", sa.String(length=80), nullable=False),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "process", name=op.f("pk_plugin_health")),
    )
    op.create_table(
        "plugin_hold",
        sa.Column("plugin", sa.String(length=32), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("wished_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", name=op.f("pk_plugin_hold")),
    )
    op.create_table(
        "plugin_set_aside",
        sa.Column("plugin", sa.String(length=32), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "space_id", "seq", name=op.f("pk_plugin_set_aside")),
    )
    op.create_table(
        "plugin_space",
        sa.Column("plugin", sa.String(length=32), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "space_id", name=op.f("pk_plugin_space")),
    )
    with op.batch_alter_table("plugin_space", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plugin_space_space_id"), ["space_id"], unique=False)

    op.create_table(
        "plugin_task",
        sa.Column("plugin", sa.String(length=32), nullable=False),
        sa.Column("task", sa.String(length=40), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("ran_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "task", "space_id", name=op.f("pk_plugin_task")),
    )
    op.create_table(
        "score_state",
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("ideas", sa.Integer(), nullable=False),
        sa.Column("up", sa.BigInteger(), nullable=False),
        sa.Column("down", sa.BigInteger(), nullable=False),
        sa.Column("passed", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", name=op.f("pk_score_state")),
    )
    op.create_table(
        "space",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("use_of_input", sa.Text(), nullable=False),
        sa.Column("promise_days", sa.Integer(), nullable=True),
        sa.Column("responsible", sa.Text(), nullable=False),
        sa.Column("cover", sa.String(length=16), nullable=False),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("who_proposes", sa.String(length=16), nullable=False),
        sa.Column("who_votes", sa.String(length=16), nullable=False),
        sa.Column("who_comments", sa.String(length=16), nullable=False),
        sa.Column("list_order", sa.String(length=16), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("phases", sa.JSON(), nullable=False),
        sa.Column("next_phase", sa.String(length=16), nullable=True),
        sa.Column("next_phase_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_space")),
        sa.UniqueConstraint("slug", name=op.f("uq_space_slug")),
    )
    op.create_table(
        "stakeholder_type",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stakeholder_type")),
    )
    op.create_table(
        "ballot",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("results", sa.String(length=16), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("voters", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_ballot_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
        sa.UniqueConstraint("space_id", name=op.f("uq_ballot_space_id")),
    )
    op.create_table(
        "canned_reply",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_canned_reply_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_reply")),
    )
    with op.batch_alter_table("canned_reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_canned_reply_space_id"), ["space_id"], unique=False)

    op.create_table(
        "import_run",
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_import_run_space_id")),
        sa.PrimaryKeyConstraint("space_id", name=op.f("pk_import_run")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("stakeholder_type", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("made_by", sa.String(length=26), nullable=True),
        sa.Column("most_uses", sa.Integer(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_invitation_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("hash", name=op.f("uq_invitation_hash")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_space_id"), ["space_id"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=254), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("guest", sa.Boolean(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("demo_role", sa.String(length=16), nullable=True),
        sa.Column("organization_id", sa.String(length=26), nullable=True),
        sa.Column("locale", sa.String(length=12), nullable=True),
        sa.Column("show_name", sa.Boolean(), nullable=False),
        sa.Column("sign_in_epoch", sa.Integer(), nullable=False),
        sa.Column("joined_into", sa.String(length=26), nullable=True),
        sa.Column("banned_at", sa.BigInteger(), nullable=True),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_person_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email_key", name=op.f("uq_person_email_key")),
        sa.UniqueConstraint("external_id", name=op.f("uq_person_external_id")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_demo_role"), ["demo_role"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_email"), ["email"], unique=False)

    op.create_table(
        "product",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("published_version_id", sa.String(length=26), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_product_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("space_id", "slug", name=op.f("uq_product_space_id_slug")),
    )
    op.create_table(
        "status",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("color", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_status_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status")),
    )
    with op.batch_alter_table("status", schema=None) as batch_op:
        batch_op.create_index("ix_status_space_id_position", ["space_id", "position"], unique=False)

    op.create_table(
        "api_token",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_token_hash")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_person_id"), ["person_id"], unique=False)

    op.create_table(
        "appeal",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("target_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("against", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_by", sa.String(length=26), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_appeal_person_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_appeal_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
    )
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.create_index("ix_appeal_open", ["space_id", "settled_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_appeal_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appeal_target_id"), ["target_id"], unique=False)

    op.create_table(
        "ballot_voter",
        sa.Column("ballot_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("standing", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_ballot_voter_ballot_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ballot_voter_person_id")),
        sa.PrimaryKeyConstraint("ballot_id", "person_id", name=op.f("pk_ballot_voter")),
    )
    op.create_table(
        "flag",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("target_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_by", sa.String(length=26), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_flag_person_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_flag_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
        sa.UniqueConstraint("kind", "target_id", "person_id", name=op.f("uq_flag_kind_target_id_person_id")),
    )
    with op.batch_alter_table("flag", schema=None) as batch_op:
        batch_op.create_index("ix_flag_open", ["space_id", "settled_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_flag_person_id"), ["person_id"], unique=False)

    op.create_table(
        "idea",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("title", sa.String(length=140), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("status_id", sa.String(length=26), nullable=True),
        sa.Column("configuration_id", sa.String(length=26), nullable=True),
        sa.Column("merged_into", sa.String(length=26), nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("up", sa.Integer(), nullable=False),
        sa.Column("down", sa.Integer(), nullable=False),
        sa.Column("pass", sa.Integer(), nullable=False),
        sa.Column("imported_up", sa.Integer(), nullable=False),
        sa.Column("imported_down", sa.Integer(), nullable=False),
        sa.Column(
            "top", sa.Integer(), sa.Computed("up - down + imported_up - imported_down", persisted=True), nullable=False
        ),
        sa.Column("tally_seq", sa.BigInteger(), nullable=False),
        sa.Column("comment_count", sa.Integer(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("shuffle_key", sa.Integer(), nullable=False),
        sa.Column("answer_body", sa.Text(), nullable=True),
        sa.Column("answer_by", sa.String(length=26), nullable=True),
        sa.Column("answer_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=True),
        sa.Column("author_id", sa.String(length=26), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_idea_space_id")),
        sa.ForeignKeyConstraint(["status_id"], ["status.id"], name=op.f("fk_idea_status_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idea")),
        sa.UniqueConstraint("space_id", "external_id", name=op.f("uq_idea_space_id_external_id")),
    )
    with op.batch_alter_table("idea", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idea_author_id"), ["author_id"], unique=False)
        batch_op.create_index("ix_idea_by_new", ["space_id", "state", "published_at", "id"], unique=False)
        batch_op.create_index("ix_idea_by_top", ["space_id", "state", "top", "up", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_idea_merged_into"), ["merged_into"], unique=False)

    op.create_table(
        "letter",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("cause", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=True),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_letter_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("cause", name=op.f("uq_letter_cause")),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_person_id"), ["person_id"], unique=False)

    op.create_table(
        "member",
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("stakeholder_type", sa.String(length=32), nullable=False),
        sa.Column("banned", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_member_person_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_member_space_id")),
        sa.PrimaryKeyConstraint("space_id", "person_id", name=op.f("pk_member")),
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_person_id"), ["person_id"], unique=False)

    op.create_table(
        "moderation_claim",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("target_id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_moderation_claim_person_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_moderation_claim_space_id")),
        sa.PrimaryKeyConstraint("kind", "target_id", name=op.f("pk_moderation_claim")),
    )
    with op.batch_alter_table("moderation_claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_moderation_claim_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_moderation_claim_space_id"), ["space_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("idea_id", sa.String(length=26), nullable=True),
        sa.Column("text_id", sa.String(length=26), nullable=True),
        sa.Column("actor_id", sa.String(length=64), nullable=True),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("person_id", "space_id", "seq", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_person_id_read_at", ["person_id", "read_at"], unique=False)

    op.create_table(
        "product_picture",
        sa.Column("product_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_picture_product_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_product_picture_space_id")),
        sa.PrimaryKeyConstraint("product_id", "name", name=op.f("pk_product_picture")),
    )
    op.create_table(
        "product_version",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("product_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("analysis", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_by", sa.String(length=26), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_version_product_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_product_version_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_version")),
        sa.UniqueConstraint("product_id", "number", name=op.f("uq_product_version_product_id_number")),
    )
    op.create_table(
        "single_use_link",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=True),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_single_use_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_single_use_link")),
        sa.UniqueConstraint("hash", name=op.f("uq_single_use_link_hash")),
    )
    with op.batch_alter_table("single_use_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_single_use_link_person_id"), ["person_id"], unique=False)

    op.create_table(
        "choice",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("product_id", sa.String(length=26), nullable=False),
        sa.Column("product_version_id", sa.String(length=26), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("chosen", sa.String(length=32), nullable=True),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_choice_person_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_choice_product_id")),
        sa.ForeignKeyConstraint(
            ["product_version_id"], ["product_version.id"], name=op.f("fk_choice_product_version_id")
        ),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_choice_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choice")),
        sa.UniqueConstraint(
            "product_version_id", "person_id", "number", name=op.f("uq_choice_product_version_id_person_id_number")
        ),
    )
    with op.batch_alter_table("choice", schema=None) as batch_op:
        batch_op.create_index("ix_choice_person_id_at", ["person_id", "at"], unique=False)
        batch_op.create_index("ix_choice_product_id", ["product_id"], unique=False)

    op.create_table(
        "comment",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("idea_id", sa.String(length=26), nullable=False),
        sa.Column("parent_id", sa.String(length=26), nullable=True),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=True),
        sa.Column("author_id", sa.String(length=26), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_comment_idea_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_comment_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_comment_author_id"), ["author_id"], unique=False)
        batch_op.create_index("ix_comment_idea_id_id", ["idea_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_comment_space_id"), ["space_id"], unique=False)

    op.create_table(
        "configuration",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("product_id", sa.String(length=26), nullable=False),
        sa.Column("product_version_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=True),
        sa.Column("name", sa.String(length=140), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("forked_from", sa.String(length=26), nullable=True),
        sa.Column("decisions", sa.JSON(), nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("totals", sa.JSON(), nullable=False),
        sa.Column("past", sa.JSON(), nullable=False),
        sa.Column("future", sa.JSON(), nullable=False),
        sa.Column("share_key", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_configuration_person_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_configuration_product_id")),
        sa.ForeignKeyConstraint(
            ["product_version_id"], ["product_version.id"], name=op.f("fk_configuration_product_version_id")
        ),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_configuration_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configuration")),
    )
    with op.batch_alter_table("configuration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_configuration_forked_from"), ["forked_from"], unique=False)
        batch_op.create_index(batch_op.f("ix_configuration_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_configuration_product_id_state", ["product_id", "state"], unique=False)
        batch_op.create_index("ix_configuration_space_id_state", ["space_id", "state", "published_at"], unique=False)

    op.create_table(
        "follow",
        sa.Column("idea_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("merge_id", sa.String(length=26), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_follow_idea_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_follow_person_id")),
        sa.PrimaryKeyConstraint("idea_id", "person_id", name=op.f("pk_follow")),
    )
    with op.batch_alter_table("follow", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_person_id"), ["person_id"], unique=False)

    op.create_table(
        "idea_score",
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("idea_id", sa.String(length=26), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("up", sa.Integer(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("as_of_seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_idea_score_idea_id")),
        sa.PrimaryKeyConstraint("space_id", "rule", "idea_id", name=op.f("pk_idea_score")),
    )
    with op.batch_alter_table("idea_score", schema=None) as batch_op:
        batch_op.create_index("ix_idea_score_order", ["space_id", "rule", "value", "up", "idea_id"], unique=False)

    op.create_table(
        "idea_tag",
        sa.Column("idea_id", sa.String(length=26), nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_idea_tag_idea_id")),
        sa.PrimaryKeyConstraint("idea_id", "tag", name=op.f("pk_idea_tag")),
    )
    with op.batch_alter_table("idea_tag", schema=None) as batch_op:
        batch_op.create_index("ix_idea_tag_space_id_tag", ["space_id", "tag"], unique=False)

    op.create_table(
        "imported_votes",
        sa.Column("idea_id", sa.String(length=26), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("up", sa.Integer(), nullable=False),
        sa.Column("down", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_imported_votes_idea_id")),
        sa.PrimaryKeyConstraint("idea_id", "source", name=op.f("pk_imported_votes")),
    )
    op.create_table(
        "insight",
        sa.Column("product_id", sa.String(length=26), nullable=False),
        sa.Column("with_votes", sa.Boolean(), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("product_version_id", sa.String(length=26), nullable=False),
        sa.Column("as_of_seq", sa.BigInteger(), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_insight_product_id")),
        sa.ForeignKeyConstraint(
            ["product_version_id"], ["product_version.id"], name=op.f("fk_insight_product_version_id")
        ),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_insight_space_id")),
        sa.PrimaryKeyConstraint("product_id", "with_votes", name=op.f("pk_insight")),
    )
    op.create_table(
        "merge",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("source_id", sa.String(length=26), nullable=False),
        sa.Column("target_id", sa.String(length=26), nullable=False),
        sa.Column("merged_by", sa.String(length=26), nullable=True),
        sa.Column("merged_at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["idea.id"], name=op.f("fk_merge_source_id")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_merge_space_id")),
        sa.ForeignKeyConstraint(["target_id"], ["idea.id"], name=op.f("fk_merge_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    with op.batch_alter_table("merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merge_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_merge_space_id"), ["space_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_merge_target_id"), ["target_id"], unique=False)

    op.create_table(
        "sampled_configuration",
        sa.Column("product_version_id", sa.String(length=26), nullable=False),
        sa.Column("hash", sa.String(length=32), nullable=False),
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_version_id"], ["product_version.id"], name=op.f("fk_sampled_configuration_product_version_id")
        ),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_sampled_configuration_space_id")),
        sa.PrimaryKeyConstraint("product_version_id", "hash", name=op.f("pk_sampled_configuration")),
    )
    op.create_table(
        "vote",
        sa.Column("idea_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("ballot_id", sa.String(length=26), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("cast_at", sa.BigInteger(), nullable=False),
        sa.Column("merge_id", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_vote_ballot_id")),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_vote_idea_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_vote_person_id")),
        sa.PrimaryKeyConstraint("idea_id", "person_id", name=op.f("pk_vote")),
        sa.UniqueConstraint("ballot_id", "idea_id", "person_id", name=op.f("uq_vote_ballot_id_idea_id_person_id")),
    )
    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.create_index("ix_vote_ballot_id_person_id", ["ballot_id", "person_id"], unique=False)

    op.create_table(
        "merged_comment",
        sa.Column("merge_id", sa.String(length=26), nullable=False),
        sa.Column("comment_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_merged_comment_comment_id")),
        sa.ForeignKeyConstraint(["merge_id"], ["merge.id"], name=op.f("fk_merged_comment_merge_id")),
        sa.PrimaryKeyConstraint("merge_id", "comment_id", name=op.f("pk_merged_comment")),
    )
    op.create_table(
        "merged_vote",
        sa.Column("merge_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("cast_at", sa.BigInteger(), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.Column("earlier_merge_id", sa.String(length=26), nullable=True),
        sa.ForeignKeyConstraint(["merge_id"], ["merge.id"], name=op.f("fk_merged_vote_merge_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_merged_vote_person_id")),
        sa.PrimaryKeyConstraint("merge_id", "person_id", name=op.f("pk_merged_vote")),
    )
    with op.batch_alter_table("merged_vote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merged_vote_person_id"), ["person_id"], unique=False)

    # ### end Alembic commands ###


def downgrade() -> None:
    with op.batch_alter_table("merged_vote", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_merged_vote_person_id"))

    op.drop_table("merged_vote")
    op.drop_table("merged_comment")
    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.drop_index("ix_vote_ballot_id_person_id")

    op.drop_table("vote")
    op.drop_table("sampled_configuration")
    with op.batch_alter_table("merge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_merge_target_id"))
        batch_op.drop_index(batch_op.f("ix_merge_space_id"))
        batch_op.drop_index(batch_op.f("ix_merge_source_id"))

    op.drop_table("merge")
    op.drop_table("insight")
    op.drop_table("imported_votes")
    with op.batch_alter_table("idea_tag", schema=None) as batch_op:
        batch_op.drop_index("ix_idea_tag_space_id_tag")

    op.drop_table("idea_tag")
    with op.batch_alter_table("idea_score", schema=None) as batch_op:
        batch_op.drop_index("ix_idea_score_order")

    op.drop_table("idea_score")
    with op.batch_alter_table("follow", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_person_id"))

    op.drop_table("follow")
    with op.batch_alter_table("configuration", schema=None) as batch_op:
        batch_op.drop_index("ix_configuration_space_id_state")
        batch_op.drop_index("ix_configuration_product_id_state")
        batch_op.drop_index(batch_op.f("ix_configuration_person_id"))
        batch_op.drop_index(batch_op.f("ix_configuration_forked_from"))

    op.drop_table("configuration")
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comment_space_id"))
        batch_op.drop_index("ix_comment_idea_id_id")
        batch_op.drop_index(batch_op.f("ix_comment_author_id"))

    op.drop_table("comment")
    with op.batch_alter_table("choice", schema=None) as batch_op:
        batch_op.drop_index("ix_choice_product_id")
        batch_op.drop_index("ix_choice_person_id_at")

    op.drop_table("choice")
    with op.batch_alter_table("single_use_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_single_use_link_person_id"))

    op.drop_table("single_use_link")
    op.drop_table("product_version")
    op.drop_table("product_picture")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_person_id_read_at")

    op.drop_table("notice")
    with op.batch_alter_table("moderation_claim", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_moderation_claim_space_id"))
        batch_op.drop_index(batch_op.f("ix_moderation_claim_person_id"))

    op.drop_table("moderation_claim")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_person_id"))

    op.drop_table("member")
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_person_id"))

    op.drop_table("letter")
    with op.batch_alter_table("idea", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idea_merged_into"))
        batch_op.drop_index("ix_idea_by_top")
        batch_op.drop_index("ix_idea_by_new")
        batch_op.drop_index(batch_op.f("ix_idea_author_id"))

    op.drop_table("idea")
    with op.batch_alter_table("flag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_flag_person_id"))
        batch_op.drop_index("ix_flag_open")

    op.drop_table("flag")
    op.drop_table("ballot_voter")
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appeal_target_id"))
        batch_op.drop_index(batch_op.f("ix_appeal_person_id"))
        batch_op.drop_index("ix_appeal_open")

    op.drop_table("appeal")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_token_person_id"))

    op.drop_table("api_token")
    with op.batch_alter_table("status", schema=None) as batch_op:
        batch_op.drop_index("ix_status_space_id_position")

    op.drop_table("status")
    op.drop_table("product")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_email"))
        batch_op.drop_index(batch_op.f("ix_person_demo_role"))

    op.drop_table("person")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_space_id"))

    op.drop_table("invitation")
    op.drop_table("import_run")
    with op.batch_alter_table("canned_reply", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_canned_reply_space_id"))

    op.drop_table("canned_reply")
    op.drop_table("ballot")
    op.drop_table("stakeholder_type")
    op.drop_table("space")
    op.drop_table("score_state")
    op.drop_table("plugin_task")
    with op.batch_alter_table("plugin_space", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plugin_space_space_id"))

    op.drop_table("plugin_space")
    op.drop_table("plugin_set_aside")
    op.drop_table("plugin_hold")
    op.drop_table("plugin_health")
    op.drop_table("plugin_bookmark")
    with op.batch_alter_table("pending_action", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pending_action_created_at"))

    op.drop_table("pending_action")
    op.drop_table("organization")
    op.drop_table("log_head")
    op.drop_table("log_bookmark")
    op.drop_table("lease")
    op.drop_table("import_arrival")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_space_id_name_seq")

    op.drop_table("event")
    op.drop_table("erasure")
    with op.batch_alter_table("ended_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ended_session_ended_at"))

    op.drop_table("ended_session")
    op.drop_table("demo_switch")
    # ### end Alembic commands ###
