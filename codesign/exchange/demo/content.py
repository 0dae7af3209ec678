"""The hand-written content of the demo, read from ``content/*.toml`` and checked, so that a slip shows at once."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from codesign.exchange.demo.proofreading import check
from codesign.exchange.demo.riders import Composed, DraftText, EditText, TasteText
from codesign.exchange.demo.voices import VoiceText, read_voices

_FOLDER = Path(__file__).with_name("content")
_SPACE_FIELDS = (
    "slug", "name", "purpose", "goal", "use_of_input", "promise_days", "responsible", "cover", "visibility",
    "who_proposes", "who_votes", "who_comments", "order", "kind", "results",
)  # fmt: skip


@dataclass(frozen=True)
class PersonText:
    """One person of the demo; ``demo_role`` marks those who can be entered with one click."""

    key: str
    name: str
    stakeholder_type: str
    organization: str | None = None
    demo_role: str | None = None
    guest: bool = False


@dataclass(frozen=True)
class OrganizationText:
    """A company; ``people`` are those who are written elsewhere and belong to it."""

    name: str
    segment: str
    yearly_sales: int | None = None
    people: tuple[str, ...] = ()


@dataclass(frozen=True)
class FlagText:
    """Somebody's report of a comment."""

    by: str
    reason: str


@dataclass(frozen=True)
class TalkText:
    """One comment with its replies; internal ones are for the team, early ones came before the answer."""

    by: str
    say: str
    internal: bool = False
    early: bool = False
    replies: tuple[TalkText, ...] = ()
    flag: FlagText | None = None


@dataclass(frozen=True)
class AnswerText:
    """The team's public answer to an idea."""

    by: str
    days: float
    body: str


@dataclass(frozen=True)
class IdeaText:
    """One idea; ``way`` lists its statuses, each with the days since it was set; ``weight`` says how wanted it is.

    ``composed`` is the configuration of the space's product that it carries.
    """

    space: str
    key: str
    title: str
    author: str
    days: float
    weight: float
    tags: tuple[str, ...]
    body: str
    way: tuple[tuple[str, float], ...] = ()
    answer: AnswerText | None = None
    talk: tuple[TalkText, ...] = ()
    merged_into: str | None = None
    merged_days: float | None = None
    merged_by: str | None = None
    held: str | None = None
    rising: bool = False
    agree: float = 1.0
    passing: float = 0.0
    composed: Composed | None = None

    @property
    def status(self) -> str:
        """The status it has today."""
        return self.way[-1][0] if self.way else "open"


@dataclass(frozen=True)
class SpaceText:
    """One space. ``members`` says who belongs to it besides the team: all, partner (a stakeholder type) or authors.

    ``roadmap`` are columns of its own: a name, and the kinds of statuses in it.
    """

    slug: str
    name: str
    purpose: str
    goal: str
    use_of_input: str
    promise_days: int
    responsible: str
    cover: str
    days: float
    visibility: str
    who_proposes: str
    who_votes: str
    who_comments: str
    order: str
    kind: str
    results: str
    next_phase: str
    next_phase_in: float
    members: str
    votes_per_person: float
    team: dict[str, str]
    tags: tuple[str, ...]
    roadmap: tuple[tuple[str, list[str]], ...] = ()

    def fields(self) -> dict[str, str | int]:
        """What a new space is made from, by the names its fields have."""
        return {name: getattr(self, name) for name in _SPACE_FIELDS}


@dataclass(frozen=True)
class PulseText:
    """A comment kept for the pulse; ``stakeholder_type`` asks for a kind of person."""

    key: str
    idea: str
    say: str
    stakeholder_type: str | None = None


@dataclass(frozen=True)
class ProductText:
    """A product of a space: its model as text, and the pictures it names, by name."""

    space: str
    slug: str
    name: str
    by: str
    days: float
    description: str
    source: str
    pictures: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class ReleaseText:
    """What a team brought out, with the keys of the ideas it came from."""

    space: str
    by: str
    days: float
    title: str
    body: str
    ideas: tuple[str, ...]


@dataclass(frozen=True)
class DemoContent:
    """Everything that was written for the demo."""

    spaces: tuple[SpaceText, ...]
    people: tuple[PersonText, ...]
    organizations: tuple[OrganizationText, ...]
    ideas: tuple[IdeaText, ...]
    pulse: tuple[PulseText, ...]
    products: tuple[ProductText, ...] = ()
    drafts: tuple[DraftText, ...] = ()
    tastes: tuple[TasteText, ...] = ()
    releases: tuple[ReleaseText, ...] = ()
    voices: tuple[VoiceText, ...] = ()

    def person(self, key: str) -> PersonText:
        """The person *key*."""
        return next(person for person in self.people if person.key == key)


def key_of(name: str) -> str:
    """The key of a person: the name in plain small letters, "João P." becomes "joao-p"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


@cache
def load_content() -> DemoContent:
    """Read and check everything in ``content/``."""
    people = _read("people")
    content = DemoContent(
        spaces=tuple(_space(table) for table in _read("spaces")["space"]),
        people=tuple(_people(people)),
        organizations=tuple(_organizations(people)),
        ideas=tuple(idea for path in sorted(_FOLDER.glob("ideas_*.toml")) for idea in _ideas(_read(path.stem))),
        pulse=tuple(_pulse(_read("pulse")["comment"])),
        products=tuple(_product(table) for table in _read("products")["product"]),
        drafts=tuple(_drafts(_read("drafts"))),
        tastes=tuple(TasteText(**{**t, "people": tuple(t["people"])}) for t in _read("tastes")["taste"]),
        releases=tuple(
            ReleaseText(**{**table, "ideas": tuple(table["ideas"]), "body": _unwrapped(table["body"])})
            for table in _read("releases")["release"]
        ),
        voices=tuple(read_voices(_read("customers"))),
    )
    check(content)
    return content


def _read(name: str) -> dict[str, Any]:
    with (_FOLDER / f"{name}.toml").open("rb") as stream:
        return tomllib.load(stream)


def _unwrapped(text: str) -> str:
    """Text without the line breaks it has in the file only; paragraphs and lists keep theirs."""
    paragraphs = [part.strip() for part in text.strip().split("\n\n")]
    return "\n\n".join(part if part.startswith("- ") else " ".join(part.split("\n")) for part in paragraphs)


def _space(table: dict[str, Any]) -> SpaceText:
    texts = {name: _unwrapped(table[name]) for name in ("purpose", "goal", "use_of_input")}
    roadmap = tuple((name, kinds) for name, kinds in table.get("roadmap", ()))
    return SpaceText(**{**table, **texts, "tags": tuple(table["tags"]), "roadmap": roadmap})


def _organizations(tables: dict[str, Any]) -> Iterable[OrganizationText]:
    for table in tables["organization"]:
        yield OrganizationText(**{**table, "people": tuple(table.get("people", ()))})


def _people(tables: dict[str, Any]) -> Iterable[PersonText]:
    at = {key: company.name for company in _organizations(tables) for key in company.people}
    for table in tables["person"]:
        yield PersonText(**{"organization": at.get(table["key"]), **table})
    for group in tables["group"]:
        for name in group["names"]:
            key = key_of(name)
            yield PersonText(key, name, group["stakeholder_type"], group.get("organization", at.get(key)))
    for number in range(1, tables["guests"] + 1):
        role = "guest" if number == 1 else None
        yield PersonText(f"guest-{number}", "", "interested_party", demo_role=role, guest=True)


def _ideas(tables: dict[str, Any]) -> Iterable[IdeaText]:
    for table in tables["idea"]:
        answer, composed = table.pop("answer", None), _composed(table, "composes")
        talk = tuple(_talk(entry) for entry in table.pop("talk", ()))
        yield IdeaText(
            **{
                **table,
                "space": tables["space"],
                "body": _unwrapped(table["body"]),
                "tags": tuple(table["tags"]),
                "composed": composed if composed.chooses else None,
                "way": tuple((status, float(days)) for status, days in table.get("way", ())),
                "answer": AnswerText(answer["by"], answer["days"], _unwrapped(answer["body"])) if answer else None,
                "talk": talk,
            }
        )


def _composed(table: dict[str, Any], chooses: str) -> Composed:
    """What is composed in a table, whose other fields stay."""
    swaps = tuple((swap["takes"], tuple(swap["gives_up"])) for swap in table.pop("swaps", ()))
    return Composed(
        chooses=tuple(table.pop(chooses, ())),
        wishes=tuple(table.pop("wishes", ())),
        goes_on_from=table.pop("goes_on_from", None),
        gives_up=tuple(table.pop("gives_up", ())),
        swaps=swaps,
        completes=table.pop("completes", None),
    )


def _drafts(tables: dict[str, Any]) -> Iterable[DraftText]:
    for table in tables["draft"]:
        composed = _composed(table, "chooses")
        edits = tuple(EditText(**{**edit, "chooses": tuple(edit["chooses"])}) for edit in table.pop("edit", ()))
        yield DraftText(**table, space=tables["space"], composed=composed, edits=edits)


def _talk(table: dict[str, Any]) -> TalkText:
    flag = table.get("flag")
    return TalkText(
        by=table["by"],
        say=_unwrapped(table["say"]),
        internal=table.get("internal", False),
        early=table.get("early", False),
        replies=tuple(_talk(reply) for reply in table.get("reply", ())),
        flag=FlagText(flag["by"], _unwrapped(flag["reason"])) if flag else None,
    )


def _pulse(tables: Iterable[dict[str, Any]]) -> Iterable[PulseText]:
    for number, table in enumerate(tables, 1):
        yield PulseText(f"pulse-{number}", table["idea"], _unwrapped(table["say"]), table.get("from"))


def _product(table: dict[str, Any]) -> ProductText:
    folder = _FOLDER / "products"
    pictures = tuple((path.name, path.read_bytes()) for path in sorted((folder / "pictures").glob("*.svg")))
    source = (folder / table["source"]).read_text(encoding="utf-8")
    return ProductText(
        **{**table, "source": source, "description": " ".join(table["description"].split())}, pictures=pictures
    )
