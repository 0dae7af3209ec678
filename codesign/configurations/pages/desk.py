"""The desk of one configuration, ready to be drawn: groups, options with their states and reasons, totals, what comes next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial

from flask_babel import gettext, ngettext
from markupsafe import Markup, escape

from codesign.configurations.facts import ConfigurationFact, EditFact
from codesign.configurations.looking import (
    BLOCKED,
    CONTESTED,
    FOLLOWS,
    FREE,
    MINE,
    ON_STATES,
    REFUSED,
    Dispute,
    Look,
    Way,
)
from codesign.configurations.pages.words import filled, follows_from, joined, not_with
from codesign.configurations.views import amount, label, language, option_name, summed
from codesign.kernel.text import _
from codesign.products import engine
from codesign.products.engine import Explanation, Group, Option, Text
from codesign.web.text import say

#: Stepped numbers with more values than this are a list to pick from.
MOST_STEPS_DRAWN = 8
#: What stands at the right of an option: its state in words, and the icon of it.
WORDS = {
    MINE: (_("Your choice"), "check"),
    FOLLOWS: (_("Follows"), "link-2"),
    BLOCKED: (_("Not possible"), "ban"),
    REFUSED: (_("You ruled it out"), "x"),
    CONTESTED: (_("Not settled"), "triangle-alert"),
}
#: The same, where somebody else decided it.
THEIRS, DENIED = "theirs", "denied"
OTHERS = {MINE: (THEIRS, _("%(name)s’s choice"), "check"), REFUSED: (DENIED, _("Ruled out by %(name)s"), "x")}
#: What the last step was, for the name of the button that takes it back.
DID = {
    "on": _("chose %(option)s"),
    "off": _("ruled out %(option)s"),
    "open": _("left %(option)s open"),
    "swap": _("made %(option)s possible"),
    "wish": _("wished for %(option)s"),
    "unwish": _("gave up the wish for %(option)s"),
    "completed": _("completed the rest"),
    "reset": _("began anew"),
    "many": _("changed several things"),
}


@dataclass(frozen=True)
class Fix:
    """One way out: what it says, what it changes, what its button sends."""

    words: Markup
    changes: str
    do: str


@dataclass(frozen=True)
class RepairView:
    """The ways to have an option that does not go, and to keep it as a wish."""

    heading: str
    fixes: tuple[Fix, ...]
    wish: Markup | None
    wished_by: str = ""


@dataclass(frozen=True)
class DisputeView:
    """What two people chose that does not go together, and the ways to settle it."""

    id: str
    words: Markup
    fixes: tuple[Fix, ...]
    wish: Markup | None


@dataclass(frozen=True)
class OptionView:
    """One option. ``id`` is that of its field; ``side`` what its button sends, says and shows; ``why`` the reason."""

    id: str
    option: str
    name: str
    detail: str
    picture: str
    state: str
    checked: bool
    word: str
    icon: str
    price: str
    side: tuple[str, str, str] | None
    why: Markup | None
    can_ask: bool
    wished: bool
    repair: RepairView | None
    groups: tuple[GroupView, ...]


@dataclass(frozen=True)
class GroupView:
    """One group: how many may be chosen, what is, and the mark before it in the list of parts."""

    id: str
    name: str
    hint: str
    kind: str
    options: tuple[OptionView, ...]
    dot: str
    summary: str
    drawn: str = "rows"


class Desk:
    """Finds the words for a look at a configuration."""

    def __init__(
        self,
        look: Look,
        configuration: ConfigurationFact,
        *,
        wished_by: int = 0,
        may_change: bool = True,
        picture: Callable[[str], str] = lambda name: "",
        who: Mapping[str, str] | None = None,
        steps: tuple[EditFact | None, EditFact | None] = (None, None),
    ) -> None:
        #: Who decided an option, where that is somebody else.
        self.who, self.steps = who or {}, steps
        self.picture = picture
        self.look, self.configuration, self.may_change = look, configuration, may_change
        self.model, self.wished_by = look.model, wished_by
        self.attributes = summed(look.model)
        self.main = self.attributes[0] if self.attributes else None
        self.language = language()
        self.words = {state: (say(word), icon) for state, (word, icon) in WORDS.items()}
        self.sides = {
            CONTESTED: ("open", gettext("Leave it out: %(option)s"), "x"),
            MINE: ("open", gettext("Take back my choice: %(option)s"), "undo-2"),
            REFUSED: ("open", gettext("Allow again: %(option)s"), "undo-2"),
            FREE: ("off", gettext("Rule out: %(option)s"), "x"),
        }
        self.prices = cache(partial(amount, attribute=self.main, signed=True)) if self.main else None

    # --- Groups and options -------------------------------------------------------------------------------------------

    def groups(self, groups: Iterable[Group] | None = None) -> tuple[GroupView, ...]:
        """The groups of the product, those below options within them."""
        return tuple(self._group(group) for group in (self.model.groups if groups is None else groups))

    def _group(self, group: Group) -> GroupView:
        chosen = self.look.chosen(group)
        states = {self.look.states[option.id] for option in chosen}
        is_list = group.number is not None and len(group.options) > MOST_STEPS_DRAWN
        return GroupView(
            id=group.id,
            name=label(group.label, group.id),
            hint=self._how_many(group),
            kind="radio" if group.most == 1 else "checkbox",
            options=tuple(self._option(group, option, chosen) for option in group.options),
            dot=self._dot(states, chosen),
            summary=self._summary(group, chosen),
            drawn="list" if is_list else "rows",
        )

    def _dot(self, states: set[str], chosen: list[Option]) -> str:
        """The mark of a group: the viewer's own choice, somebody else's, or what follows."""
        if any(self.look.states[option.id] == MINE and option.id not in self.who for option in chosen):
            return MINE
        return THEIRS if MINE in states else FOLLOWS if FOLLOWS in states else ""

    def _how_many(self, group: Group) -> str:
        least, most, all_of_them = group.least, group.most, len(group.options)
        if (least, most) == (1, 1):
            return gettext("choose one")
        if (least, most) == (0, 1):
            return gettext("one, if you like")
        if least == 0 and most >= all_of_them:
            return gettext("as many as you like")
        if least == most:
            return gettext("choose %(most)s", most=most)
        if most >= all_of_them:
            return ngettext("at least %(num)s", "at least %(num)s", least)
        if least == 0:
            return gettext("up to %(most)s", most=most)
        return gettext("%(least)s to %(most)s of them", least=least, most=most)

    def _summary(self, group: Group, chosen: list[Option]) -> str:
        if group.most == 1 and chosen:
            return label(chosen[0].label, chosen[0].id)
        if chosen:
            return ngettext("%(num)s chosen", "%(num)s chosen", len(chosen))
        return gettext("open") if group.least else ""

    def _option(self, group: Group, option: Option, chosen: list[Option]) -> OptionView:
        state = self.look.states[option.id]
        shown, word, icon = self._state(option.id, state)
        repair = self.look.repair if self.look.repair is not None and self.look.repair.option == option.id else None
        name = self._said(option.label, option.id)
        return OptionView(
            id=f"o-{option.id}",
            option=option.id,
            name=name,
            detail=self._said(option.description),
            picture=self.picture(option.image) if option.image else "",
            state=shown,
            checked=state in ON_STATES,
            word=word,
            icon=icon,
            price=self._price(group, option, chosen),
            side=self._side(option.id, name, state),
            why=self._why(option.id, state),
            can_ask=state in {BLOCKED, CONTESTED} and self.may_change and repair is None,
            wished=option.id in self.look.choices.wishes,
            repair=self._repair(name) if repair is not None else None,
            groups=self.groups(option.groups) if state in ON_STATES and option.groups else (),
        )

    def _said(self, text: Text, otherwise: str = "") -> str:
        return engine.say(text, self.language) or otherwise

    def _state(self, option: str, state: str) -> tuple[str, str, str]:
        """The state as it is drawn, its word and its icon: what somebody else decided carries their name."""
        if option in self.who and state in OTHERS:
            drawn, sentence, icon = OTHERS[state]
            return drawn, gettext(sentence.message, name=self.who[option]), icon
        return state, *self.words.get(state, ("", ""))

    def _price(self, group: Group, option: Option, chosen: list[Option]) -> str:
        if self.main is None or self.prices is None:
            return ""
        value = option.attributes.get(self.main.id, 0)
        if group.most == 1 and chosen:
            value -= chosen[0].attributes.get(self.main.id, 0)
        return self.prices(value)

    def _side(self, option: str, name: str, state: str) -> tuple[str, str, str] | None:
        if not self.may_change or state not in self.sides:
            return None
        word, sentence, icon = self.sides[state]
        return f"{word}:{option}", sentence % {"option": name}, icon

    # --- Reasons and repairs ------------------------------------------------------------------------------------------

    def _why(self, option: str, state: str) -> Markup | None:
        found = self.look.reasons.get(option)
        if found is None or not found.blocked:
            return None
        if any(name in self.who for name in found.decisions):
            first = self._others_why(found, state)
        else:
            chosen, ruled_out = self._decided(found)
            first = not_with(chosen, ruled_out) if state == BLOCKED else follows_from(chosen, ruled_out)
        said = self._rules(found)
        return Markup("{} {}").format(first, said) if said else first

    def _decided(self, found: Explanation) -> tuple[list[str], list[str]]:
        names = {name: self._name(name) for name in found.decisions}
        decisions = self.look.choices.decisions
        chosen = [said for name, said in names.items() if decisions.get(name)]
        return chosen, [said for name, said in names.items() if not decisions.get(name)]

    def _others_why(self, found: Explanation, state: str) -> Markup:
        """The reason where not all of it is the viewer's own doing: each choice carries the name of who made it."""
        names = joined([self._by(name) for name in found.decisions])
        if state == FOLLOWS:
            return filled(gettext("Follows from %(choices)s."), choices=names)
        return filled(gettext("Not with %(choices)s."), choices=names)

    def _by(self, option: str) -> Markup:
        """An option and who decided it."""
        name = Markup("<b>{}</b>").format(self._name(option))
        who = self.who.get(option) or gettext("you")
        if self.look.choices.map.get(option) is False:
            return filled(gettext("%(option)s ruled out (%(name)s)"), option=name, name=who)
        return filled(gettext("%(option)s (%(name)s)"), option=name, name=who)

    def disputes(self) -> tuple[DisputeView, ...]:
        """What people chose that does not go together, for all of them to settle."""
        return tuple(self._dispute(dispute) for dispute in self.look.disputes)

    def _dispute(self, dispute: Dispute) -> DisputeView:
        option, name = dispute.option, self._name(dispute.option)
        others = joined([self._by(each) for each in dispute.reason.decisions])
        first = filled(gettext("%(option)s does not go with %(choices)s."), option=self._by(option), choices=others)
        said = self._rules(dispute.reason)
        fixes = [self._fix(option, dispute.value, way) for way in dispute.repair.ways]
        bold = Markup("<b>{}</b>").format(name)
        leave = gettext("Leave %(option)s open") if dispute.value else gettext("Do not rule out %(option)s")
        fixes.append(Fix(filled(leave, option=bold), "", f"open:{option}"))
        wish = filled(gettext("Keep %(option)s as a wish"), option=bold) if dispute.value else None
        return DisputeView(option, Markup("{} {}").format(first, said), tuple(fixes), wish)

    def _rules(self, found: Explanation) -> Markup:
        """The sentences of the rules; of a long chain the first and the last. What the page shows anyway is left out."""
        rules = [each for each in found.rules if each.kind == "rule"] or [
            each for each in found.rules if each.kind == "group"
        ]
        shown = rules if len(rules) <= 3 else [rules[0], rules[-1]]
        return Markup(" ").join(escape(say(each.said(self.language))) for each in shown)

    def _name(self, option: str) -> str:
        return option_name(self.model, option)

    def _repair(self, name: str) -> RepairView | None:
        repair = self.look.repair
        if repair is None:
            return None
        fixes = tuple(self._fix(repair.option, repair.value, way) for way in repair.ways)
        most = max((len(way.gives_up) for way in repair.ways), default=0)
        if repair.late:
            heading = gettext("What would have to go was not found in time. Leave some choices open, and ask again.")
        elif not fixes:
            heading = gettext("No choice of yours stands in the way: the product does not have it like this.")
        elif repair.value:
            heading = (
                gettext("You can have it. Give up one thing:") if most <= 1 else gettext("You can have it. Give up:")
            )
        else:
            heading = gettext("It can go, if you give up:")
        wish = None
        if repair.value and repair.option not in self.look.choices.wishes:
            bold = Markup("<b>{}</b>").format(gettext("%(option)s as a wish", option=name))
            wish = filled(gettext("Keep my choices, save %(wish)s"), wish=bold)
        wished = (
            ngettext("%(num)s person wishes it", "%(num)s people wish it", self.wished_by) if self.wished_by else ""
        )
        return RepairView(heading, fixes, wish, wished)

    def _fix(self, option: str, value: bool, way: Way) -> Fix:
        parts = [self._given_up(name, way.instead.get(name)) for name in way.gives_up]
        words = Markup("; ").join(parts) if parts else escape(gettext("Nothing has to go."))
        changes = [
            amount(way.changes[each.id], each, signed=True) for each in self.attributes if each.id in way.changes
        ]
        kind = "swap" if value else "drop"
        return Fix(words, ", ".join(changes), f"{kind}:{option}:{','.join(way.gives_up)}")

    def _given_up(self, name: str, instead: str | None) -> Markup:
        bold = Markup("<b>{}</b>").format(self._name(name))
        if name in self.who:
            return self._given_up_of(name, bold, instead)
        if not self.look.choices.decisions.get(name, True):
            return filled(gettext("%(option)s, which you ruled out, comes in again"), option=bold)
        if instead is None:
            return filled(gettext("Without your %(option)s"), option=bold)
        other = Markup("<b>{}</b>").format(self._name(instead))
        if self.look.choices.decisions.get(instead) is False:
            return filled(
                gettext("%(other)s, which you ruled out, instead of your %(option)s"),
                other=other,
                option=self._name(name),
            )
        return filled(gettext("%(other)s instead of your %(option)s"), other=other, option=self._name(name))

    def _given_up_of(self, name: str, bold: Markup, instead: str | None) -> Markup:
        """The same, where the choice that goes is somebody else's."""
        who = self.who[name]
        if not self.look.choices.decisions.get(name, True):
            return filled(gettext("%(option)s, which %(name)s ruled out, comes in again"), option=bold, name=who)
        if instead is None:
            return filled(gettext("Without %(option)s, which %(name)s chose"), option=bold, name=who)
        other = Markup("<b>{}</b>").format(self._name(instead))
        sentence = gettext("%(other)s instead of %(option)s, which %(name)s chose")
        return filled(sentence, other=other, option=self._name(name), name=who)

    # --- Steps --------------------------------------------------------------------------------------------------------

    def undo_name(self) -> str:
        """What undo takes back, in words; empty where nothing is."""
        return self._step(self.steps[0], gettext("Undo"))

    def redo_name(self) -> str:
        """What redo does again."""
        return self._step(self.steps[1], gettext("Redo"))

    def _step(self, step: EditFact | None, verb: str) -> str:
        if step is None:
            return ""
        sentence = DID.get(step.did, DID["many"])
        return f"{verb}: {gettext(sentence.message, option=self._name(step.option))}"
