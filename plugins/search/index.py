"""The index of a space: what is published becomes documents. Every write reads core anew, so repeating one is harmless."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, not_, select, text, update

from codesign import sdk

from . import words
from .bulk import among, put
from .engines import engine
from .models import Document, DocumentTag, IndexState, Vocabulary

IDEA, COMMENT = "idea", "comment"
#: After these a text, or what it is narrowed by, is not what it was.
CHANGES: tuple[type[sdk.Event], ...] = (
    sdk.IdeaPublished, sdk.IdeaEdited, sdk.IdeaWithdrawn, sdk.IdeaHidden, sdk.IdeaHeld, sdk.IdeaMerged, sdk.IdeaUnmerged,
    sdk.IdeaSplit, sdk.IdeaAnswered, sdk.StatusChanged, sdk.CommentAdded, sdk.CommentEdited, sdk.CommentRemoved,
    sdk.CommentHidden, sdk.CommentHeld, sdk.CommentPublished,
)  # fmt: skip
_MOMENT = sdk.Moment()
# As tables: classes cost more, and many rows of one would be sorted by which of their columns are empty.
_DOCUMENTS: Any = Document.__table__
_TAGS: Any = DocumentTag.__table__
_VOCABULARY: Any = Vocabulary.__table__
_SPACES: Any = IndexState.__table__
_OF_DOCUMENT = (
    "id", "kind", "space_id", "idea_id", "status_id", "author_id", "published_at", "answered", "language", "title_words",
    "body_words", "vocabulary", "length",
)  # fmt: skip
_OF_WORD = ("space_id", "word", "stem", "documents")
_ADD = "ON CONFLICT (space_id, word, stem) DO UPDATE SET documents = search_word.documents + excluded.documents"
_HOLD = update(_SPACES).where(_SPACES.c.space_id == bindparam("space")).values(documents=_SPACES.c.documents)
_BEGIN = text(
    "INSERT INTO search_space (space_id, complete, documents, length, languages) VALUES (:space, :no, 0, 0, '{}')"
    " ON CONFLICT DO NOTHING"
)
#: How many ids one statement names.
MANY = 400


@dataclass(frozen=True)
class Entry:
    """A text ready to be written down."""

    id: str
    kind: str
    idea_id: str
    status_id: str | None
    author_id: str | None
    published_at: datetime
    answered: bool
    language: str
    title: Sequence[str]
    body: Sequence[str]
    words: frozenset[tuple[str, str]]  # as people write them, each with its stem
    vocabulary: str
    tags: tuple[str, ...] = field(default=())


def entry_of_idea(idea: sdk.IdeaText, otherwise: str) -> Entry:
    """An idea as its readers see it, read in its language."""
    body = sdk.plain_text(idea.body)
    language = words.language_of(f"{idea.title} {body}", otherwise)
    return _entry(idea, idea.id, IDEA, idea.status_id, idea.answered, language, idea.title, body, idea.tags)


def entry_of_comment(comment: sdk.CommentText, idea: Any, otherwise: str) -> Entry:
    """A comment on *idea* (its text or its document), read in its own language."""
    body = sdk.plain_text(comment.body)
    language = words.language_of(body, otherwise)
    return _entry(comment, comment.idea_id, COMMENT, idea.status_id, idea.answered, language, "", body)


def _entry(
    source: Any, idea_id: str, kind: str, status_id: str | None, answered: bool, language: str, title: str, body: str,
    tags: tuple[str, ...] = (),
) -> Entry:  # fmt: skip
    (head, head_stems), (rest, rest_stems) = words.spoken(title, language), words.spoken(body, language)
    both = frozenset(zip(head, head_stems, strict=True)).union(zip(rest, rest_stems, strict=True))
    return Entry(
        source.id, kind, idea_id, status_id, source.author_id, source.published_at, answered, language,
        head_stems, rest_stems, both, " ".join(sorted({word for word, _stem in both})), tags,
    )  # fmt: skip


# --- Following the log ------------------------------------------------------------------------------------------------


def renew_ideas(space_id: str, ids: Iterable[str], otherwise: str, *, comments: bool = False) -> None:
    """Bring these ideas up to date; what cannot be seen any more goes, its comments too. With ``comments``, those are
    brought up to date as well."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), MANY):
        part = wanted[start : start + MANY]
        seen = {idea.id: idea for idea in sdk.idea_texts(space_id, part)}
        entries = [entry_of_idea(idea, otherwise) for idea in seen.values()]
        if comments and seen:
            said = sdk.comment_texts(space_id, idea_ids=seen, limit=100_000)
            entries += [entry_of_comment(comment, seen[comment.idea_id], otherwise) for comment in said]
        gone = select(Document.id).where(Document.idea_id.in_(part))
        gone = gone.where(Document.idea_id.not_in(list(seen))) if not comments else gone
        write(space_id, entries, [*part, *sdk.session().scalars(gone)])
        _tell_comments(seen.values())


def _tell_comments(ideas: Iterable[sdk.IdeaText]) -> None:
    """Comments are narrowed by the status of their idea."""
    for idea in ideas:
        told = (Document.status_id.is_not_distinct_from(idea.status_id), Document.answered == idea.answered)
        stale = update(Document).where(Document.idea_id == idea.id, Document.kind == COMMENT, not_(and_(*told)))
        sdk.session().execute(stale.values(status_id=idea.status_id, answered=idea.answered))


def renew_comments(space_id: str, ids: Iterable[str], otherwise: str) -> None:
    """Bring these comments up to date; what cannot be seen any more goes."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), MANY):
        part = wanted[start : start + MANY]
        said = sdk.comment_texts(space_id, part)
        ideas = {idea.id: idea for idea in sdk.idea_texts(space_id, [comment.idea_id for comment in said])}
        entries = [
            entry_of_comment(comment, ideas[comment.idea_id], otherwise) for comment in said if comment.idea_id in ideas
        ]
        write(space_id, entries, part)


def note_complete(space_id: str) -> None:
    """From here on the index can be trusted, if every idea is in it."""
    state = sdk.session().get(IndexState, space_id)
    if state is None or state.complete:
        return
    if count_ideas(space_id) >= sdk.count_ideas(space_id):
        trust(space_id)


def trust(space_id: str) -> None:
    """Say that the index of a space is complete."""
    lock(space_id).complete = True


def count_ideas(space_id: str) -> int:
    """How many ideas of a space are in the index."""
    query = select(text("count(*)")).select_from(Document)
    return sdk.session().scalar(query.where(Document.space_id == space_id, Document.kind == IDEA)) or 0


def forget_person(person_id: str) -> None:
    """The index names authors by their id; a forgotten one is nobody's."""
    sdk.session().execute(update(Document).where(Document.author_id == person_id).values(author_id=None))


# --- Writing ----------------------------------------------------------------------------------------------------------


def lock(space_id: str) -> IndexState:
    """The state of a space; whoever has it is the only one who writes there.

    It is changed to what it is: what is read behind a change stays true until the end, on SQLite too.
    """
    session = sdk.session()
    session.flush()
    if not session.connection().execute(_HOLD, {"space": space_id}).rowcount:
        session.execute(_BEGIN, {"space": space_id, "no": False})
        session.connection().execute(_HOLD, {"space": space_id})
    return session.get_one(IndexState, space_id, populate_existing=True)


def write(space_id: str, entries: Sequence[Entry], replaced: Iterable[str]) -> None:
    """Put *entries* in the place of themselves and of what has the ids *replaced*."""
    session = sdk.session()
    entries = list({entry.id: entry for entry in entries}.values())
    ids = sorted({*replaced, *(entry.id for entry in entries)})
    if not ids:
        return
    state = lock(space_id)
    columns = (Document.number, Document.id, Document.kind, Document.language, Document.vocabulary, Document.length)
    old = session.execute(select(*columns).where(among(_DOCUMENTS.c.id, ids))).all()
    if not old and not entries:
        return
    count_words(space_id, _moved(entries, old))
    _take_out(old, [row.id for row in old if row.kind == IDEA] + [entry.id for entry in entries if entry.kind == IDEA])
    _put_in(space_id, entries)
    spoken = Counter(state.languages)
    spoken.update(entry.language for entry in entries)
    spoken.subtract(row.language for row in old)
    state.languages = {language: count for language, count in spoken.items() if count > 0}
    state.documents += len(entries) - len(old)
    state.length += sum(_length(entry) for entry in entries) - sum(row.length for row in old)
    session.flush()


def _moved(entries: Sequence[Entry], old: Sequence[Any]) -> Counter[tuple[str, str]]:
    """In how many more, or fewer, documents each word stands; most texts come back with the words they had."""
    before = {row.id: row for row in old}
    counted: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        row = before.get(entry.id)
        if row is not None and (row.language, row.vocabulary) == (entry.language, entry.vocabulary):
            del before[entry.id]
        else:
            counted.update(entry.words)
    for row in before.values():
        counted.subtract((word, words.stem(word, row.language)) for word in row.vocabulary.split())
    return counted


def _length(entry: Entry) -> int:
    return len(entry.title) + len(entry.body)


def _take_out(old: Sequence[Any], idea_ids: Sequence[str]) -> None:
    session = sdk.session()
    if numbers := [row.number for row in old]:
        engine().drop(numbers)
        session.execute(delete(_DOCUMENTS).where(among(_DOCUMENTS.c.number, numbers)))
    if idea_ids:
        session.execute(delete(_TAGS).where(among(_TAGS.c.idea_id, idea_ids)))


def _put_in(space_id: str, entries: Sequence[Entry]) -> None:
    kept = {entry.id: (" ".join(entry.title), " ".join(entry.body)) for entry in entries}
    rows = [
        (
            entry.id, entry.kind, space_id, entry.idea_id, entry.status_id, entry.author_id,
            _MOMENT.process_bind_param(entry.published_at, None), entry.answered, entry.language, *kept[entry.id],
            entry.vocabulary, _length(entry),
        )
        for entry in entries
    ]  # fmt: skip
    put(_DOCUMENTS, _OF_DOCUMENT, rows)
    tags = [(entry.id, tag, space_id) for entry in entries if entry.kind == IDEA for tag in set(entry.tags)]
    put(_TAGS, ("idea_id", "tag", "space_id"), tags)
    engine().store(kept)


def count_words(space_id: str, counted: Counter[tuple[str, str]]) -> None:
    """Add to the documents that each word stands in."""
    changed = [(space_id, word, stem, count) for (word, stem), count in sorted(counted.items()) if count]
    put(_VOCABULARY, _OF_WORD, changed, _ADD)
    if any(row[-1] < 0 for row in changed):
        gone = delete(_VOCABULARY).where(_VOCABULARY.c.space_id == space_id, _VOCABULARY.c.documents <= 0)
        sdk.session().execute(gone)


def counts(space_id: str, spelt: Sequence[str] | None = None) -> Select[Any]:
    """In how many documents each word of a space is said to stand; of *spelt* alone where they are given."""
    table = _VOCABULARY.c
    query = select(table.word, table.stem, table.documents).where(table.space_id == space_id)
    return query if spelt is None else query.where(among(table.word, spelt))
