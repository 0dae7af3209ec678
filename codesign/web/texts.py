"""The sentences scripts say, translated here and handed over with the page, so that one catalogue serves both."""

from __future__ import annotations

import json

from babel import Locale
from flask import current_app
from flask_babel import get_locale, gettext
from markupsafe import Markup

from codesign.web.text import plural_forms

EXTENSION = "codesign.web.texts"


def _(text: str) -> str:
    """Mark for the catalogue; translated when a page is drawn."""
    return text


SENTENCES: dict[str, str] = {
    "announce.paused": _("Live changes are paused."),
    "announce.resumed": _("Live changes are on again."),
    "announce.withdrawn": _("Your vote is taken back."),
    "announce.passed": _("Noted: you passed."),
    "announce.voted": _("Your vote counts."),
    "configurator.refused": _("That did not go. The page is drawn anew."),
    "configurator.resent": _("What you chose while you were offline has been sent now."),
    "configurator.unsent": _(
        "Your choice did not arrive. It is kept in this browser and sent when you are online again."
    ),
    "desk.colleague": _("A colleague"),
    "desk.looking": _("%(name)s is looking at this"),
    "desk.looking_more": _("%(name)s and %(num)s more are looking at this"),
    "desk.failed": _("That did not arrive. Try again in a moment."),
    "desk.key.answer": _("Answer"),
    "desk.key.assign": _("Say who looks after it"),
    "desk.key.close": _("Close the open idea, drop the selection"),
    "desk.key.merge": _("Merge"),
    "desk.key.next": _("Next idea"),
    "desk.key.open": _("Open beside the list"),
    "desk.key.previous": _("Previous idea"),
    "desk.key.read": _("Mark as read"),
    "desk.key.search": _("Search the desk"),
    "desk.key.select": _("Select"),
    "desk.key.status": _("Set the status"),
    "desk.key.tag": _("Tag"),
    "desk.key.undo": _("Undo what you did last"),
    "dialog.close": _("Close"),
    "draft.kept": _("Draft kept"),
    "draft.here": _("Here with you: %(names)s."),
    "draft.alone": _("Nobody else is here now."),
    "draft.guest": _("a guest"),
    "draft.somebody": _("somebody"),
    "keys.comment": _("Write a comment"),
    "keys.heading": _("Keys"),
    "keys.help": _("Show this list"),
    "keys.load": _("Show what is new"),
    "keys.new": _("Propose an idea"),
    "keys.next": _("Next idea"),
    "keys.off": _("Switch single keys off"),
    "keys.on": _("Switch single keys on"),
    "keys.pause": _("Pause live changes"),
    "keys.previous": _("Previous idea"),
    "keys.search": _("Search"),
    "keys.vote": _("Vote, or take the vote back"),
    "list.loading": _("Loading more"),
    "list.failed": _("The next page did not arrive."),
    "list.again": _("Try again"),
    "mentions.list": _("People to mention"),
    "palette.do": _("do"),
    "palette.go": _("go to"),
    "palette.heading": _("Go to, or do"),
    "palette.ideas": _("idea"),
    "palette.nothing": _("Nothing matches."),
    "picture.added": _("The picture is in your text. Say what it shows."),
    "picture.failed": _("Your picture did not arrive. Try again in a moment."),
    "picture.full": _("There is no room for a picture in this text any more."),
    "picture.hint": _("You can also drop or paste pictures into the text."),
    "picture.sending": _("%(name)s is on its way …"),
    "picture.wait": _("Your picture is still on its way. Publish in a moment."),
    "pill.offline": _("Votes are kept and sent later"),
    "pill.order": _("New order"),
    "pill.reconnecting": _("Reconnecting …"),
    "region.gone": _("This is no longer shown here."),
    "toast.close": _("Close this message"),
    "toast.undo": _("Undo"),
    "vote.back": _("Your vote did not arrive and is taken back here. Try again in a moment."),
    "vote.take_back": _("Take back"),
    "vote.unsent": _("Your vote did not arrive. We will try again when you are online."),
    "vote.for": _("Vote for: %(title)s. %(count)s"),
    "vote.against": _("Vote against: %(title)s. %(count)s"),
    "vote.pass": _("Pass on: %(title)s"),
    "vote.take_back_for": _("Take back my vote for: %(title)s. %(count)s"),
    "vote.take_back_against": _("Take back my vote against: %(title)s. %(count)s"),
    "vote.take_back_pass": _("Take back my pass on: %(title)s"),
    "vote.hidden": _("The count is not shown yet."),
    "time.now": _("just now"),
    "time.yesterday": _("yesterday"),
}


def counted() -> dict[str, dict[str, str]]:
    """Sentences with a number in them, by plural category of the viewer's language."""
    return {
        "desk.selected": plural_forms("%(num)s selected", "%(num)s selected"),
        "pill.new": plural_forms("%(num)s new idea", "%(num)s new ideas"),
        "draft.looking": plural_forms("%(num)s looks on.", "%(num)s look on."),
        "palette.found": plural_forms("%(num)s match", "%(num)s matches"),
        "presence.here": plural_forms("%(num)s person here", "%(num)s people here"),
        "presence.reading": plural_forms("%(num)s person reading", "%(num)s people reading"),
        "vote.votes": plural_forms("%(num)s vote", "%(num)s votes"),
        "lookalikes.found": plural_forms("%(num)s idea looks like it", "%(num)s ideas look like it"),
        "mentions.found": plural_forms("%(num)s person to mention", "%(num)s people to mention"),
        "list.more": plural_forms("%(num)s more", "%(num)s more"),
        "time.minutes": plural_forms("%(num)s minute ago", "%(num)s minutes ago"),
        "time.hours": plural_forms("%(num)s hour ago", "%(num)s hours ago"),
        "time.days": plural_forms("%(num)s day ago", "%(num)s days ago"),
    }


def script_texts() -> Markup:
    """All of them as a block of JSON that scripts read (data, not script: nothing in it runs); the same on every page of a
    language."""
    kept: dict[Locale | None, Markup] = current_app.extensions.setdefault(EXTENSION, {})
    locale = get_locale()
    if locale not in kept:
        kept[locale] = _block()
    return kept[locale]


def _block() -> Markup:
    texts = {name: gettext(text) for name, text in SENTENCES.items()} | counted()
    content = json.dumps(texts, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
    return Markup('<script type="application/json" id="texts">{}</script>').format(Markup(content))  # noqa: S704
