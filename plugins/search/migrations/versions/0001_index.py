"""The index: documents, topics, vocabulary, state; and the words in the form this database searches them."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0001", None, ("search",), None

_FTS5 = (
    """CREATE VIRTUAL TABLE search_words USING fts5(
        title_words, body_words, content='search_document', content_rowid='number', tokenize='ascii')""",
    """CREATE TRIGGER search_words_in AFTER INSERT ON search_document BEGIN
        INSERT INTO search_words(rowid, title_words, body_words) VALUES (new.number, new.title_words, new.body_words);
    END""",
    """CREATE TRIGGER search_words_out AFTER DELETE ON search_document BEGIN
        INSERT INTO search_words(search_words, rowid, title_words, body_words)
        VALUES ('delete', old.number, old.title_words, old.body_words);
    END""",
)
_POSTGRESQL = (
    """CREATE TABLE search_vector (
        number integer PRIMARY KEY REFERENCES search_document (number) ON DELETE CASCADE, words tsvector NOT NULL)""",
    "CREATE INDEX ix_search_vector_words ON search_vector USING gin (words)",
)


def upgrade():
    op.create_table(
        "search_document",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(26), nullable=False, unique=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("space_id", sa.String(26), nullable=False),
        sa.Column("idea_id", sa.String(26), nullable=False),
        sa.Column("status_id", sa.String(26)),
        sa.Column("author_id", sa.String(26)),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("title_words", sa.Text(), nullable=False),
        sa.Column("body_words", sa.Text(), nullable=False),
        sa.Column("vocabulary", sa.Text(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_search_document_space_id_published_at", "search_document", ["space_id", "published_at"])
    op.create_index("ix_search_document_idea_id", "search_document", ["idea_id"])
    op.create_index("ix_search_document_author_id", "search_document", ["author_id"])
    op.create_table(
        "search_tag",
        sa.Column("idea_id", sa.String(26), primary_key=True),
        sa.Column("tag", sa.String(40), primary_key=True),
        sa.Column("space_id", sa.String(26), nullable=False),
    )
    op.create_index("ix_search_tag_space_id_tag", "search_tag", ["space_id", "tag"])
    op.create_table(
        "search_word",
        sa.Column("space_id", sa.String(26), primary_key=True),
        sa.Column("word", sa.String(80, collation=_collation()), primary_key=True),
        sa.Column("stem", sa.String(80), primary_key=True),
        sa.Column("documents", sa.Integer(), nullable=False),
    )
    op.create_index("ix_search_word_space_id_stem", "search_word", ["space_id", "stem"])
    op.create_table(
        "search_space",
        sa.Column("space_id", sa.String(26), primary_key=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
    )
    for statement in _POSTGRESQL if _is_postgresql() else _FTS5 if _has_fts5() else ():
        op.execute(statement)


def downgrade():
    if _is_postgresql():
        op.execute("DROP TABLE search_vector")
    else:
        op.execute("DROP TRIGGER IF EXISTS search_words_in")
        op.execute("DROP TRIGGER IF EXISTS search_words_out")
        op.execute("DROP TABLE IF EXISTS search_words")
    for table in ("search_space", "search_word", "search_tag", "search_document"):
        op.drop_table(table)


def _is_postgresql():
    return op.get_bind().dialect.name == "postgresql"


def _has_fts5():
    """Some systems build SQLite without it; there the index is in files."""
    return op.get_bind().exec_driver_sql("SELECT sqlite_compileoption_used('ENABLE_FTS5')").scalar() == 1


def _collation():
    """Words are looked up by their beginning, so they are sorted letter by letter, whatever the server's language."""
    return "C" if _is_postgresql() else None
