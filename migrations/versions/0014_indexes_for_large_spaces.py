"""Indexes for spaces of a hundred thousand ideas and a million votes

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ADDED = (
    ("ix_comment_space_id_state", "comment", ["space_id", "state"]),
    ("ix_idea_by_author", "idea", ["space_id", "author_id", "state", "published_at", "id"]),
    ("ix_idea_by_status", "idea", ["space_id", "status_id", "top", "up", "id"]),
    ("ix_idea_by_talk", "idea", ["space_id", "state", "comment_count", "id"]),
    ("ix_idea_shown", "idea", ["space_id", "state", "merged_into", "status_id", "answer_at", "published_at", "id"]),
    ("ix_idea_score_idea_id", "idea_score", ["idea_id"]),
    ("ix_vote_by_person", "vote", ["ballot_id", "person_id", "idea_id"]),
    ("ix_vote_by_time", "vote", ["ballot_id", "cast_at", "idea_id"]),
)
#: They begin as one of the new ones does.
DROPPED = (
    ("ix_comment_space_id", "comment", ["space_id"]),
    ("ix_vote_ballot_id_person_id", "vote", ["ballot_id", "person_id"]),
)


def upgrade() -> None:
    for name, table, columns in ADDED:
        op.create_index(name, table, columns, unique=False)
    for name, table, _columns in DROPPED:
        op.drop_index(name, table_name=table)


def downgrade() -> None:
    for name, table, columns in DROPPED:
        op.create_index(name, table, columns, unique=False)
    for name, table, _columns in reversed(ADDED):
        op.drop_index(name, table_name=table)
