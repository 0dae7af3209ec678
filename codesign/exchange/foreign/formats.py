"""Whose table it is, and which column says what. A format is data: the columns that tell it, and those that are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from codesign.kernel.errors import Invalid
from codesign.kernel.text import Sentence, _
from codesign.triage.facts import FieldFact

#: Which columns say what: by field the names of columns; only tags are gathered from several.
Columns = dict[str, tuple[str, ...]]

#: What can be read from a table, in the order in which it is asked for.
FIELDS: dict[str, Sentence] = {
    "title": _("Title"),
    "body": _("Text"),
    "key": _("Number or id in the other system"),
    "created": _("When it was proposed"),
    "author": _("Name of the author"),
    "author_mail": _("Address of the author (only to tell people apart)"),
    "status": _("Status"),
    "tags": _("Tags"),
    "votes": _("Votes for it"),
    "votes_down": _("Votes against it"),
    "voter": _("Name of a supporter, one per row"),
    "voter_mail": _("Address of a supporter, one per row"),
    "voted": _("When they supported it"),
    "answer": _("Official answer"),
    "answered": _("When it was answered"),
    "original": _("Number of the idea it repeats"),
    "moderation": _("State of moderation"),
    "private": _("Confidential"),
    "withdrawn": _("When it was withdrawn"),
    "link": _("Address of the idea in the other system"),
}
IDEAS, VOTES, COMMENTS = "ideas", "votes", "comments"
#: Before the key of a field of the space.
FIELD = "field:"
CSV = "csv"


@dataclass(frozen=True)
class Format:
    """The table of one system. ``needs`` are columns (as ``plain``) no other system has together."""

    name: str
    title: str
    needs: frozenset[str] = frozenset()
    columns: Mapping[str, str | tuple[str, ...]] | None = None
    kind: str = IDEAS

    @property
    def source(self) -> str:
        """What its ideas are known by unless somebody says another name; votes and comments are for ideas of that name."""
        return self.name.removesuffix("-votes").removesuffix("-comments")


def _format(name: str, title: str, needs: str, kind: str = IDEAS, /, **columns: str | tuple[str, ...]) -> Format:
    return Format(name, title, frozenset(needs.split()), columns, kind)


FORMATS: tuple[Format, ...] = (
    _format(
        "codesign", "Codesign", "id title body votes_up votes_down created_at answered_at",
        key="id", title="title", body="body", author="author", created="created_at", status="status", tags="tags",
        votes="votes_up", votes_down="votes_down", answer="answer", answered="answered_at",
    ),
    _format(
        "fider", "Fider", "number title description created_by total_votes status original_number",
        key="number", title="title", body="description", author="created_by", created="created_at", status="status",
        votes="total_votes", tags="tags", answer="response", answered="responded_at", original="original_number",
    ),
    _format(
        "uservoice", "UserVoice", "idea_id idea_title voters_count",
        key="idea_id", title="idea_title", body="idea_description", author="idea_creator_name",
        author_mail="idea_creator_email_address", created="created_timestamp", status="public_status_name",
        tags="labels", votes="voters_count", answer="public_status_update_message",
        answered="public_status_updated_timestamp", moderation="moderation_state", voter="user_name",
        voter_mail="user_email_address", voted="linked_idea_creation_date",
    ),
    _format(
        "quackback", "Quackback", "id title body author_email moderation vote_count",
        key="id", title="title", body="body", author="author_name", author_mail="author_email", created="created_at",
        status="status", tags="tags", votes="vote_count", answer="response", answered="response_at",
        moderation="moderation",
    ),
    _format(
        "quackback-votes", "Quackback: votes", "post_id voter_email", VOTES,
        key="post_id", voter_mail="voter_email", voted="created_at",
    ),
    _format(
        "quackback-comments", "Quackback: comments", "post_id body author_email is_staff", COMMENTS,
        key="post_id", body="body", author="author_name", author_mail="author_email", created="created_at",
    ),
    _format(
        "feeblo", "Feeblo", "title content status board vote_count author_email",
        title="title", body="content", author="author_name", author_mail="author_email", created="created_at",
        status="status", tags="tags", votes="vote_count", link="url",
    ),
    _format(
        "consul", "Consul", "id title description cached_votes_up",
        key="id", title="title", body="description", votes="cached_votes_up", created="created_at",
        withdrawn="retired_at",
    ),
    _format(
        "decidim", "Decidim", "id title summary category subcategory status votes",
        key="id", title="title", body="summary", created="created_at", status="status", votes="votes",
        tags=("category", "subcategory", "district"),
    ),
    _format(
        "gitlab", "GitLab", "issue_id url title state confidential labels",
        key="issue_id", title="title", body="description", author="author", created="created_at_(utc)", status="state",
        tags="labels", private="confidential", link="url",
    ),
    _format("jive", "Jive", "subject body stage", title="subject", body="body", status="stage"),
    _format("jive", "Jive", "title description stage", title="title", body="description", status="stage"),
    Format(CSV, "CSV"),
)  # fmt: skip

#: Names that columns have elsewhere, as ``plain``; English, German, Spanish.
_GUESSES: dict[str, str] = {
    "title": "title subject name summary headline idea titel betreff idee titulo título asunto",
    "body": "body description details content text summary beschreibung inhalt descripcion descripción",
    "key": "id number key external_id post_id idea_id issue_id reference nummer ref",
    "created": "created_at created date created_on submitted_at published_at datum erstellt fecha",
    "author": "author author_name created_by creator user user_name owner autor verfasser name_of_author",
    "author_mail": "author_email author_mail creator_email email mail user_email",
    "status": "status state stage public_status estado zustand",
    "tags": "tags labels categories category topics schlagworte kategorie etiquetas",
    "votes": "votes vote_count total_votes votes_up upvotes score supports likes supporters stimmen votos apoyos",
    "votes_down": "votes_down downvotes against dislikes gegenstimmen",
    "answer": "answer response official_answer reply antwort respuesta",
    "answered": "answered_at responded_at response_at answered",
    "link": "url link permalink",
}


def plain(column: str) -> str:
    """The name of a column for comparing."""
    return "_".join(column.strip().lower().replace("-", " ").replace("_", " ").split())


def format_named(name: str) -> Format:
    """A format by its name; raises Invalid."""
    found = next((each for each in FORMATS if each.name == name), None)
    if found is None:
        raise Invalid.field("format", _("There is no such format."), "unknown")
    return found


def guess_format(header: Iterable[str]) -> Format:
    """Whose table this looks like."""
    names = {plain(column) for column in header}
    return next(each for each in FORMATS if each.needs <= names)


def guess_mapping(known: Format, header: Iterable[str]) -> Columns:
    """Which columns say what, as far as their names tell."""
    columns = {plain(column): column for column in reversed(list(header))}
    wanted = known.columns
    if wanted is None or not known.needs <= columns.keys():
        return _guessed(columns)
    named = {field: (names,) if isinstance(names, str) else names for field, names in wanted.items()}
    found = {field: tuple(columns[name] for name in names if name in columns) for field, names in named.items()}
    return {field: names for field, names in found.items() if names}


def guess_fields(columns: Columns, header: Iterable[str], fields: Iterable[FieldFact]) -> Columns:
    """*columns* with those that are called like a field of the space, where they say nothing else."""
    taken, named = {name for names in columns.values() for name in names}, {plain(column): column for column in header}
    found: Columns = {}
    for field in fields:
        for name in (plain(str(field.title)), field.key):
            if name in named and named[name] not in taken:
                found.setdefault(f"{FIELD}{field.key}", (named[name],))
    return {**found, **columns}


def _guessed(columns: Mapping[str, str]) -> Columns:
    taken: set[str] = set()
    mapping: Columns = {}
    for field, names in _GUESSES.items():
        name = next((name for name in names.split() if name in columns and name not in taken), None)
        if name is not None:
            taken.add(name)
            mapping[field] = (columns[name],)
    return mapping


def check_fields(mapping: Columns, fields: Iterable[FieldFact]) -> None:
    """Raise Invalid where a mapping reads something into what there is not."""
    named = {*FIELDS, *(f"{FIELD}{field.key}" for field in fields)}
    if unknown := [field for field in mapping if field not in named]:
        raise Invalid.field(unknown[0], _("Nothing is called “%(field)s” here.", field=unknown[0]), "unknown")


def check_mapping(mapping: Columns, header: Iterable[str], kind: str, fields: Iterable[FieldFact] = ()) -> None:
    """Raise Invalid where a mapping names what is not there, or leaves out what cannot be missed."""
    known = set(header)
    check_fields(mapping, fields)
    for field, columns in mapping.items():
        if missing := [column for column in columns if column not in known]:
            raise Invalid.field(field, _("The file has no column “%(column)s”.", column=missing[0]), "unknown")
        if len(columns) > 1 and field != "tags":
            raise Invalid.field(field, _("Only tags are gathered from several columns."))
    if kind == VOTES and not (mapping.get("key") and (mapping.get("voter") or mapping.get("voter_mail"))):
        raise Invalid.field("key", _("Say which columns name the idea and the supporter."), "required")
    if kind == COMMENTS and not (mapping.get("key") and mapping.get("body")):
        raise Invalid.field("body", _("Say which columns name the idea and hold the comment."), "required")
    if kind == IDEAS and not mapping.get("title"):
        raise Invalid.field("title", _("Say which column holds the title."), "required")
