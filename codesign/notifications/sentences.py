"""What happened, in one sentence, as letters tell it."""

from __future__ import annotations

from codesign.ideas.facts import IdeaFact
from codesign.kernel.text import Sentence, _

_SENTENCES: dict[str, Sentence] = {
    "idea.answered": _("The team answered."),
    "idea.status_changed": _("It has another status now."),
    "idea.merged": _("It was merged with a look-alike. All votes count on."),
    "idea.split": _("It was part of an idea you know, and stands by itself now."),
    "option.added": _("It is an option now: compose it into yours."),
    "release.published": _("It came with a release: read what is new."),
    "note.added": _("There is a new internal note."),
    "comment.added": _("Somebody commented."),
    "comment.published": _("Somebody commented."),
    "idea.mentioned": _("Somebody mentioned you."),
    "comment.mentioned": _("Somebody mentioned you."),
    "note.mentioned": _("Somebody mentioned you."),
    "answer.mentioned": _("The team mentioned you in its answer."),
    "idea.publish": _("A moderator published your idea."),
    "idea.hold": _("Your idea waits for a moderator."),
    "idea.hide": _("A moderator hid your idea. The reason stands there."),
    "idea.refuse": _("A moderator refused your idea. The reason stands there."),
    "idea.change": _("A moderator asks you to change your idea."),
    "comment.publish": _("A moderator published your comment."),
    "comment.hold": _("Your comment waits for a moderator."),
    "comment.hide": _("A moderator hid your comment. The reason stands there."),
    "comment.refuse": _("A moderator refused your comment. The reason stands there."),
    "comment.change": _("A moderator asks you to change your comment."),
}


def sentence_of(name: str, idea: IdeaFact) -> Sentence:
    """The sentence of a notice called *name* about an idea as it is now."""
    if name == "idea.status_changed" and idea.status is not None:
        return _("Its status is “%(status)s” now.", status=idea.status.name)
    return _SENTENCES.get(name, _("Something happened to it."))
