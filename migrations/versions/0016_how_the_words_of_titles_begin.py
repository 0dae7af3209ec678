"""How the words of titles begin

Revision ID: 0016
Revises: 0015
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

AT_ONCE = 2_000
IDEA = sa.table("idea", *(sa.column(name, sa.String) for name in ("id", "space_id", "search_text")))
NAMES = ("space_id", "word", "idea_id")
KEPT = sa.table("idea_title_word", *(sa.column(name, sa.String) for name in NAMES))


def upgrade() -> None:
    op.create_table(
        "idea_title_word",
        sa.Column("space_id", sa.String(length=26), nullable=False),
        sa.Column("word", sa.String(length=4), nullable=False),
        sa.Column("idea_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "word", "idea_id", name=op.f("pk_idea_title_word")),
        sqlite_with_rowid=False,
    )
    line, last = op.get_bind(), ""
    if op.get_context().as_sql:
        return
    while True:
        query = sa.select(IDEA).where(IDEA.c.id > last).order_by(IDEA.c.id).limit(AT_ONCE)
        ideas = line.execute(query).all()
        if not ideas:
            return
        last = ideas[-1].id
        rows = [dict(zip(NAMES, (idea.space_id, word, idea.id), strict=True)) for idea in ideas for word in words(idea)]
        if rows:
            line.execute(sa.insert(KEPT), rows)


def words(idea):
    """The first line is the title, in small letters and without accents."""
    title = (idea.search_text or "").partition("\n")[0]
    return dict.fromkeys(word[:4] for word in re.findall(r"\w{3,}", title))


def downgrade() -> None:
    op.drop_table("idea_title_word")
