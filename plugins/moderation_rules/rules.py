"""The rules. Each is a pure function of what is known of a text and its author; it says what it found, in words, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from codesign.sdk import ALLOW, HOLD, REFUSE, WARN, Verdict, _, pattern

from . import likeness, personal, words
from .trust import KNOWN, NEW

_LINK = re.compile(r"https?://|(?<![\w.])www\.|(?<![\w@./-])[\w-]{1,63}(?:\.[a-z]{2,24}){1,2}/", re.IGNORECASE)
_STRICTNESS = {ALLOW: 0, WARN: 1, HOLD: 2, REFUSE: 3}
#: So many signs of advertising together; one alone is a word like any other.
ADVERTISING_SIGNS = 2
MOST_SHOWN, MOST_LETTERS = 3, 40


@dataclass(frozen=True)
class Look:
    """All that the rules may know. ``twins`` are fingerprints of recent texts, ``last_minute`` counts the author's own."""

    kind: str
    title: str
    body: str
    level: int
    age: timedelta
    twins: frozenset[int] = frozenset()
    last_minute: int = 0
    seconds: float | None = None
    trapped: bool = False
    editing: bool = False

    @property
    def text(self) -> str:
        """What its author wrote: the title of a comment's idea is somebody else's."""
        return f"{self.title}\n{self.body}" if self.kind == "idea" else self.body

    @cached_property
    def links(self) -> int:
        return len(_LINK.findall(self.text))

    @cached_property
    def words(self) -> list[str]:
        return words.words_of(self.text)

    @cached_property
    def personal(self) -> tuple[str, ...]:
        return personal.personal_data(self.text)


@dataclass(frozen=True)
class Finding:
    """What one rule found: ``rule`` names it, ``decision`` is ALLOW, WARN, HOLD or REFUSE."""

    rule: str
    decision: str
    reason: Any


Settings = Mapping[str, Any]


def many_links(look: Look, settings: Settings) -> Finding | None:
    """More links than somebody of this trust level may place."""
    most = settings[("most_links_new", "most_links_known", "most_links_regular")[look.level]]
    if look.links <= most:
        return None
    reason = _("It has %(count)s links; more than %(most)s are read first.", count=look.links, most=most)
    return Finding("many_links", HOLD, reason)


def link_of_newcomer(look: Look, settings: Settings) -> Finding | None:
    """A link from an account this space has only just met."""
    hours = settings["new_account_hours"]
    if not hours or not look.links or look.level > NEW or look.age >= timedelta(hours=hours):
        return None
    return Finding("link_of_newcomer", HOLD, _("It has a link, and its author is new here."))


def same_again(look: Look, settings: Settings) -> Finding | None:
    """A text that was written here before, by whomever."""
    mine = likeness.fingerprint(look.kind, look.text)
    if not settings["same_text_days"] or mine is None or look.editing:
        return None
    letters = len(likeness.plain(look.text))
    if not any(likeness.same(mine, other, letters) for other in look.twins):
        return None
    return Finding("same_again", HOLD, _("The same text was written here a short time ago."))


def too_fast(look: Look, settings: Settings) -> Finding | None:
    """More texts in a minute than a person writes."""
    most = settings["most_per_minute"]
    if not most or look.editing or look.last_minute < most:
        return None
    reason = _("You have written %(count)s texts within a minute. Wait a little.", count=look.last_minute)
    return Finding("too_fast", REFUSE, reason)


def hurtful(look: Look, settings: Settings) -> Finding | None:
    """A word that hurts people, of the languages or of the space's own list."""
    found = words.of_languages(tuple(settings["languages"]), words.HURTFUL).hits(look.words)
    found += words.of_space(tuple(settings["own_words"])).hits(look.words)
    if not found:
        return None
    shown = ", ".join(dict.fromkeys(found[:MOST_SHOWN]))
    return Finding("hurtful", HOLD, _("It has words a moderator looks at first: %(words)s.", words=shown))


def own_pattern(look: Look, settings: Settings) -> Finding | None:
    """Something a pattern of the space's own fits."""
    found = [fits.group() for each in settings["own_patterns"] if (fits := pattern(each).search(look.text))]
    if not found:
        return None
    shown = ", ".join(words[:MOST_LETTERS] for words in dict.fromkeys(found[:MOST_SHOWN]))
    return Finding("own_pattern", HOLD, _("It has words a moderator looks at first: %(words)s.", words=shown))


def advertising(look: Look, settings: Settings) -> Finding | None:
    """Two signs of advertising, of which a link or a telephone number may be one; not of people we know."""
    if look.level > KNOWN:
        return None
    signs = len(words.of_languages(tuple(settings["languages"]), words.ADVERTISING).hits(look.words))
    if not signs or signs + bool(look.links) + (personal.PHONE in look.personal) < ADVERTISING_SIGNS:
        return None
    return Finding("advertising", HOLD, _("It reads like advertising."))


def program(look: Look, settings: Settings) -> Finding | None:
    """The trap was stepped into, or the form came back faster than a person types."""
    if settings["hold_programs"] and look.trapped:
        return Finding("program", HOLD, _("A field that people cannot see was filled in, as programs do."))
    if look.seconds is not None and look.seconds < settings["least_seconds"]:
        return Finding("program", HOLD, _("It was sent faster than a person types."))
    return None


_PERSONAL = {
    personal.EMAIL: _("It names an e-mail address. Everybody who sees this space can read it."),
    personal.PHONE: _("It names what looks like a telephone number. Everybody who sees this space can read it."),
    personal.CARD: _("It names what looks like a card number. Everybody who sees this space can read it."),
    personal.ACCOUNT: _("It names a bank account. Everybody who sees this space can read it."),
}


def personal_data(look: Look, settings: Settings) -> list[Finding]:
    """Data of somebody that would be public: their author is asked once."""
    if not settings["warn_personal"]:
        return []
    return [Finding("personal_data", WARN, _PERSONAL[kind]) for kind in look.personal]


RULES: tuple[Callable[[Look, Settings], Finding | None], ...] = (
    too_fast, program, hurtful, own_pattern, advertising, many_links, link_of_newcomer, same_again,
)  # fmt: skip


def judge(look: Look, settings: Settings) -> list[Finding]:
    """What all rules find."""
    found = [finding for rule in RULES if (finding := rule(look, settings)) is not None]
    return found + personal_data(look, settings)


def verdict(findings: list[Finding]) -> Verdict | None:
    """The strictest decision with the reasons for it; None where no rule has anything to say.

    A warning beside a hold is left out: the text is not public yet, and a moderator sees what it names.
    """
    if not findings:
        return None
    decision = max((finding.decision for finding in findings), key=_STRICTNESS.__getitem__)
    return Verdict(decision, tuple(finding.reason for finding in findings if finding.decision == decision))
