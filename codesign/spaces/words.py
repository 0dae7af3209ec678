"""How the rules of a space are called on pages: for each value its name and, where it helps, what it means."""

from __future__ import annotations

from codesign.kernel.text import Sentence, _

Words = list[tuple[str, Sentence, Sentence]]

VISIBILITIES: Words = [
    ("public", _("Public"), _("Everybody finds and reads it.")),
    ("unlisted", _("Unlisted"), _("Everybody with the address reads it; no list and no search engine shows it.")),
    ("private", _("Private"), _("Only members find and read it.")),
]
WHO: list[tuple[str, Sentence]] = [
    ("everyone", _("Everybody, guests too")),
    ("registered", _("Everybody with an account")),
    ("members", _("Members only")),
]
KINDS: Words = [
    ("upvote", _("For"), _("People vote for what they want.")),
    ("updown", _("For or against"), _("People vote for, against, or pass: “seen it”.")),
]
RESULTS: Words = [
    ("live", _("At once"), _("Counts move as people vote.")),
    ("after_vote", _("After the own vote"), _("Who has voted sees the counts, so nobody just follows the others.")),
    ("at_close", _("At the close"), _("Nobody but the team sees counts before the ballot closes.")),
]
ORDERS: Words = [
    ("ranked", _("By rank"), _("The most wanted first, as far as counts may be seen.")),
    ("shuffled", _("Shuffled"), _("Each person sees an order of their own, so being first is no advantage.")),
]
PHASES: Words = [
    ("collect", _("Collect"), _("Ideas come in and are voted on.")),
    ("discuss", _("Discuss"), _("No new ideas, no votes; people talk about what is there.")),
    ("vote", _("Vote"), _("People vote and comment on what is there.")),
    ("decided", _("Decided"), _("The ballot is closed, its counts show, everything can be read.")),
]
ACTIONS: list[tuple[str, Sentence]] = [
    ("propose", _("Propose ideas")),
    ("vote", _("Vote")),
    ("comment", _("Comment")),
]
ROLES: Words = [
    ("viewer", _("Viewer"), _("Reads.")),
    ("contributor", _("Contributor"), _("Proposes, votes, comments.")),
    ("moderator", _("Moderator"), _("Also answers, sets statuses, merges, looks after texts and people.")),
    ("product", _("Product"), _("Also moves phases, looks after statuses and voting.")),
    ("owner", _("Owner"), _("Also invites people and changes every rule.")),
]
COVERS: list[tuple[str, Sentence]] = [
    ("c1", _("Spruce")),
    ("c2", _("Brick")),
    ("c3", _("Blue")),
    ("c4", _("Ochre")),
    ("c5", _("Plum")),
]
#: The class of each cover in the style sheets.
COVER_CLASSES = {"c1": "spruce", "c2": "brick", "c3": "blue", "c4": "ochre", "c5": "plum"}
COLORS: list[tuple[str, Sentence]] = [
    ("open", _("Open: plain")),
    ("review", _("Under review: blue")),
    ("planned", _("Planned: blue edge")),
    ("building", _("Being built: spruce")),
    ("shipped", _("Shipped: green")),
    ("declined", _("Declined: grey edge")),
]
STATES: dict[str, Sentence] = {
    "importing": _("Being filled by an import"),
    "archived": _("Archived"),
}
FIELDS: dict[str, Sentence] = {
    "name": _("Name"),
    "slug": _("Address"),
    "purpose": _("Purpose"),
    "goal": _("Goal"),
    "use_of_input": _("What we will do with your input"),
    "responsible": _("People responsible"),
    "promise_days": _("We answer within"),
    "cover": _("Cover colour"),
    "visibility": _("Who finds and reads it"),
    "kind": _("Kind of ballot"),
    "results": _("When counts show"),
    "order": _("Order of ideas"),
    "who_proposes": _("Who may propose"),
    "who_votes": _("Who may vote"),
    "who_comments": _("Who may comment"),
    "phases": _("What each phase allows"),
    "when_down": _("When a reviewer does not answer"),
}
CHOICES: dict[str, list[tuple[str, Sentence]]] = {
    "visibility": [(value, title) for value, title, _hint in VISIBILITIES],
    "kind": [(value, title) for value, title, _hint in KINDS],
    "results": [(value, title) for value, title, _hint in RESULTS],
    "order": [(value, title) for value, title, _hint in ORDERS],
    "who_proposes": WHO,
    "who_votes": WHO,
    "who_comments": WHO,
    "cover": COVERS,
}
CHOICES_OF_PHASES = [(value, title) for value, title, _hint in PHASES]
CHOICES_OF_ROLES = [(value, title) for value, title, _hint in ROLES]


def title_of(words: Words | list[tuple[str, Sentence]], value: str) -> str:
    """The name of *value* in a list of words; the value itself where it has none."""
    return next((line[1] for line in words if line[0] == value), value)


def shown(field: str, value: object) -> str:
    """A value of a space's field as people read it."""
    if field in CHOICES:
        return title_of(CHOICES[field], str(value))
    return "" if value is None else str(value)
