"""What ``codesign plugin new --table`` writes beside the rest, or in its place: a table, its migration, and what fills it."""

from __future__ import annotations

HOOKS = '''"""What it does. `codesign plugin hooks` lists every moment a plugin can answer."""

from collections.abc import Sequence

from codesign.sdk import IdeaFact, Recorded, SpaceFact, _, hookimpl

from . import store


@hookimpl
def events_recorded(space: SpaceFact, events: Sequence[Recorded]) -> None:
    """Told by the worker of what the card listens to; it may be told again, so nothing may count twice."""
    for fact in events:
        store.note(space.id, fact.payload["idea_id"], fact.occurred_at)


@hookimpl
def fill_slot(slot: str, facts: list[IdeaFact]) -> dict[str, object] | None:
    """The data for slots/idea.aside.html, which draws beside an idea."""
    if slot != "idea.aside" or not facts:
        return None
    return {"heading": _("$title"), "comments": facts[0].comment_count, "last": store.last_word(facts[0].id)}
'''

STORE = '''"""The table, and the only functions that touch it. A changed column takes a new file in migrations/versions."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from codesign.sdk import Base, Moment, read, session


class LastWord(Base):
    """When somebody last commented on an idea. Ids of core are kept without a foreign key."""

    __tablename__ = "${name}_last_word"

    idea_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26), index=True)
    said_at: Mapped[datetime] = mapped_column(Moment)


def note(space_id: str, idea_id: str, said_at: datetime) -> None:
    """Keep the latest; inside `events_recorded`, whose transaction this is."""
    row = session().get(LastWord, idea_id)
    if row is None:
        session().add(LastWord(idea_id=idea_id, space_id=space_id, said_at=said_at))
    elif row.said_at < said_at:
        row.said_at = said_at


def last_word(idea_id: str) -> datetime | None:
    """When an idea was last spoken of."""
    with read() as work:
        row = work.get(LastWord, idea_id)
        return row.said_at if row else None
'''

MIGRATION = '''"""The table of the plugin. Once it is out, never change this file: add 0002."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, ("$name",), None


def upgrade() -> None:
    op.create_table(
        "${name}_last_word",
        sa.Column("idea_id", sa.String(26), primary_key=True),
        sa.Column("space_id", sa.String(26), nullable=False),
        sa.Column("said_at", sa.BigInteger, nullable=False),  # a Moment is kept as milliseconds
    )
    op.create_index("ix_${name}_last_word_space_id", "${name}_last_word", ["space_id"])


def downgrade() -> None:
    op.drop_table("${name}_last_word")
'''

SLOT = """{% from "_time.html" import ago %}
<p><b class="num">{{ data.comments }}</b> {{ _("comments count here") }}</p>
{% if data.last %}<p class="quiet small">{{ _("Last word:") }} {{ ago(data.last) }}</p>{% endif %}
"""

TEST = """

def test_it_keeps_when_an_idea_was_last_spoken_of(client, plugins, make_space, make_person, make_token, make_idea):
    space, token = make_space(), make_token(make_person("Ann"))
    idea = make_idea(space)
    plugins.enable("$name", space)
    said = {"json": {"body": "A lamp, please"}, "headers": {"Authorization": f"Bearer {token}"}}
    assert client.post(f"/api/v1/ideas/{idea.id}/comments", **said).status_code == 201
    plugins.work()
    plugins.replay("$name", space)
    plugins.work()
    assert "Last word" in client.get(f"/spaces/{space.slug}/ideas/{idea.id}", follow_redirects=True).text
"""

README = """
It keeps in its table `${name}_last_word` when each idea was last spoken of: no names, no texts.
`codesign db upgrade` makes the table; until then the plugin waits.
"""
