"""The index of a space: what is published becomes documents. Every write reads core anew, so repeating one is harmless."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, insert, not_, select, text, update

from codesign import sdk

from . import words
from .engines import engine
from .models import Document, DocumentTag, IndexState, Vocabulary

IDEA, COMMENT = "idea", "comment"
_COUNT = text(
    "INSERT INTO search_word (space_id, word, stem, documents) VALUES (:space_id, :word, :stem, :documents)"
    " ON CONFLICT (space_id, word, stem) DO UPDATE SET documents = search_word.documents + excluded.documents"
)
# As tables: many rows of a class would be sorted by which of their columns are empty.
_DOCUMENTS: Any = Document.__table__
_TAGS: Any = DocumentTag.__table__
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
    vocabulary: frozenset[str]
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
    return Entry(
        source.id, kind, idea_id, status_id, source.author_id, source.published_at, answered, language,
        head_stems, rest_stems, frozenset(head).union(rest), tags,
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
    """The state of a space; whoever has it is the only one who writes there."""
    session = sdk.session()
    found = session.scalar(select(IndexState).where(IndexState.space_id == space_id).with_for_update())
    if found is None:
        found = IndexState(space_id=space_id, complete=False, documents=0, length=0, languages={})
        session.add(found)
        session.flush()
    return found


def write(space_id: str, entries: Sequence[Entry], replaced: Iterable[str]) -> None:
    """Put *entries* in the place of themselves and of what has the ids *replaced*."""
    session = sdk.session()
    entries = list({entry.id: entry for entry in entries}.values())
    ids = sorted({*replaced, *(entry.id for entry in entries)})
    old: list[Any] = []
    for start in range(0, len(ids), MANY):
        columns = (Document.number, Document.id, Document.kind, Document.language, Document.vocabulary, Document.length)
        old += session.execute(select(*columns).where(Document.id.in_(ids[start : start + MANY]))).all()
    if not old and not entries:
        return
    counted: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        counted.update((word, words.stem(word, entry.language)) for word in entry.vocabulary)
    for row in old:
        counted.subtract((word, words.stem(word, row.language)) for word in row.vocabulary.split())
    state = lock(space_id)
    count_words(space_id, counted)
    _take_out(old, [row.id for row in old if row.kind == IDEA] + [entry.id for entry in entries if entry.kind == IDEA])
    _put_in(space_id, entries)
    spoken = Counter(state.languages)
    spoken.update(entry.language for entry in entries)
    spoken.subtract(row.language for row in old)
    state.languages = {language: count for language, count in spoken.items() if count > 0}
    state.documents += len(entries) - len(old)
    state.length += sum(_length(entry) for entry in entries) - sum(row.length for row in old)
    session.flush()


def _length(entry: Entry) -> int:
    return len(entry.title) + len(entry.body)


def _take_out(old: Sequence[Any], idea_ids: Sequence[str]) -> None:
    session = sdk.session()
    numbers = [row.number for row in old]
    engine().drop(numbers)
    for start in range(0, len(numbers), MANY):
        session.execute(delete(Document).where(Document.number.in_(numbers[start : start + MANY])))
    for start in range(0, len(idea_ids), MANY):
        session.execute(delete(DocumentTag).where(DocumentTag.idea_id.in_(idea_ids[start : start + MANY])))


def _put_in(space_id: str, entries: Sequence[Entry]) -> None:
    if not entries:
        return
    session = sdk.session()
    rows = [
        {
            "id": entry.id, "kind": entry.kind, "space_id": space_id, "idea_id": entry.idea_id,
            "status_id": entry.status_id, "author_id": entry.author_id, "published_at": entry.published_at,
            "answered": entry.answered, "language": entry.language, "title_words": " ".join(entry.title),
            "body_words": " ".join(entry.body), "vocabulary": " ".join(sorted(entry.vocabulary)),
            "length": _length(entry),
        }
        for entry in entries
    ]  # fmt: skip
    session.execute(insert(_DOCUMENTS), rows)
    if tags := [
        {"idea_id": e.id, "tag": tag, "space_id": space_id} for e in entries if e.kind == IDEA for tag in set(e.tags)
    ]:
        session.execute(insert(_TAGS), tags)
    engine().store([entry.id for entry in entries])


def count_words(space_id: str, counted: Counter[tuple[str, str]]) -> None:
    changed = [
        {"space_id": space_id, "word": word, "stem": stem, "documents": count}
        for (word, stem), count in sorted(counted.items())
        if count
    ]
    if not changed:
        return
    session = sdk.session()
    session.execute(_COUNT, changed)
    if any(count < 0 for count in counted.values()):
        session.execute(delete(Vocabulary).where(Vocabulary.space_id == space_id, Vocabulary.documents <= 0))
