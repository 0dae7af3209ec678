"""How facts are told: for each event a drawn mark and a sentence.

Placeholders: ``%(person)s`` who did it, ``%(other)s`` whom it concerns, ``%(idea)s``, ``%(status)s``, ``%(role)s``,
``%(phase)s``, ``%(plugin)s``. A room or plugin adds its own with ``tell``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from codesign.kernel.text import Sentence, _


@dataclass(frozen=True)
class Phrase:
    """A sentence for one kind of event; ``choose`` picks another one. ``idea`` and ``other`` name fields of the payload."""

    icon: str
    text: Sentence
    idea: str = "idea_id"
    other: str = "person_id"
    choose: Callable[[Mapping[str, Any]], Sentence | None] | None = None

    def sentence(self, payload: Mapping[str, Any]) -> Sentence:
        """The pattern for a fact with *payload*."""
        return (self.choose(payload) if self.choose else None) or self.text


phrases: dict[str, Phrase] = {}


def tell(name: str, phrase: Phrase) -> None:
    """Tell events called *name* with *phrase* from now on."""
    phrases[name] = phrase


def _answered(payload: Mapping[str, Any]) -> Sentence | None:
    return _("%(person)s took back the answer to %(idea)s") if payload.get("removed") else None


def _scheduled(payload: Mapping[str, Any]) -> Sentence | None:
    return None if payload.get("phase") else _("%(person)s took away the date of the next phase")


def _member(payload: Mapping[str, Any]) -> Sentence | None:
    return _("%(person)s keeps %(other)s out") if payload.get("banned") else None


def _claimed(payload: Mapping[str, Any]) -> Sentence | None:
    return _("%(person)s leaves a text of the queue to others") if payload.get("released") else None


for _name, _phrase in {
    "product.created": Phrase("sliders-horizontal", _("%(person)s began a product")),
    "product.changed": Phrase("pencil", _("%(person)s changed the words of a product")),
    "product.published": Phrase("sliders-horizontal", _("%(person)s published a version of a product")),
    "product.withdrawn": Phrase("eye-off", _("%(person)s took a product out of the offer")),
    "product.offered": Phrase("sliders-horizontal", _("%(person)s offers a product again")),
    "option.added": Phrase("plus", _("%(idea)s became an option of a product")),
    "idea.published": Phrase("lightbulb", _("%(person)s proposed %(idea)s")),
    "idea.edited": Phrase("pencil", _("%(person)s edited %(idea)s")),
    "idea.withdrawn": Phrase("undo-2", _("%(person)s took an idea back")),
    "idea.hidden": Phrase("eye-off", _("A moderator hid an idea")),
    "idea.held": Phrase("pause", _("An idea of %(person)s waits for a moderator")),
    "idea.status_changed": Phrase("tag", _("%(person)s moved %(idea)s to %(status)s")),
    "idea.answered": Phrase("message-square", _("%(person)s answered %(idea)s"), choose=_answered),
    "idea.merged": Phrase("layers-2", _("Two look-alikes became one: %(idea)s"), idea="into"),
    "idea.unmerged": Phrase("undo-2", _("%(idea)s stands on its own again")),
    "idea.split": Phrase(
        "git-fork", _("%(idea)s was part of another idea and stands by itself now"), idea="offshoot_id"
    ),
    "ideas.imported": Phrase("download", _("%(person)s brought in ideas of another system")),
    "votes.imported": Phrase("download", _("Counts from elsewhere were added to %(idea)s")),
    "comment.added": Phrase("message-square", _("%(person)s commented on %(idea)s")),
    "comment.published": Phrase("message-square", _("A comment on %(idea)s can be read now")),
    "comment.held": Phrase("pause", _("A comment of %(person)s on %(idea)s waits for a moderator")),
    "comment.hidden": Phrase("eye-off", _("A moderator hid a comment on %(idea)s")),
    "comment.removed": Phrase("undo-2", _("A comment on %(idea)s is gone")),
    "note.added": Phrase("lock", _("%(person)s left a note for the team at %(idea)s")),
    "configuration.published": Phrase("sliders-horizontal", _("%(person)s published a configuration")),
    "configuration.forked": Phrase("git-fork", _("Somebody goes on from a configuration")),
    "configuration.withdrawn": Phrase("undo-2", _("A configuration is no longer shown")),
    "flag.raised": Phrase("flag", _("Somebody reported a text")),
    "flag.settled": Phrase("flag", _("%(person)s decided on a report")),
    "text.claimed": Phrase("eye", _("%(person)s reads a text of the queue"), choose=_claimed),
    "text.decided": Phrase("shield", _("A moderator decided on a text")),
    "text.appealed": Phrase("flag", _("%(person)s asks another moderator to look again")),
    "space.created": Phrase("layers-2", _("%(person)s made this space")),
    "space.changed": Phrase("settings", _("%(person)s changed the words or rules of this space")),
    "space.opened": Phrase("layers-2", _("This space opened with what was imported")),
    "space.archived": Phrase("history", _("%(person)s archived this space")),
    "space.reopened": Phrase("undo-2", _("%(person)s opened this space again")),
    "space.phase_changed": Phrase("milestone", _("The phase %(phase)s began")),
    "space.phase_scheduled": Phrase("clock", _("%(person)s set a date for the phase %(phase)s"), choose=_scheduled),
    "ballot.closed": Phrase("lock", _("Voting closed")),
    "ballot.opened": Phrase("play", _("Voting opened again")),
    "member.added": Phrase("user", _("%(other)s joined as %(role)s")),
    "member.changed": Phrase("user", _("%(person)s changed what %(other)s is here: %(role)s"), choose=_member),
    "member.removed": Phrase("log-out", _("%(other)s is not a member any more")),
    "invitation.made": Phrase("mail", _("%(person)s invited somebody as %(role)s")),
    "invitation.revoked": Phrase("x", _("%(person)s revoked an invitation")),
    "workflow.changed": Phrase("tag", _("%(person)s changed what moves between statuses need")),
    "roadmap.changed": Phrase("milestone", _("%(person)s arranged the roadmap anew")),
    "release.published": Phrase("star", _("%(person)s brought out something new")),
    "release.changed": Phrase("pencil", _("%(person)s put the words of a release right")),
    "status.changed": Phrase("tag", _("%(person)s changed the list of statuses")),
    "idea.assigned": Phrase("user", _("%(person)s said who looks after %(idea)s")),
    "idea.field_set": Phrase("pencil", _("%(person)s set a field of %(idea)s")),
    "triage.done": Phrase("inbox", _("%(person)s worked at the desk")),
    "triage.undone": Phrase("undo-2", _("%(person)s took back what was done at the desk")),
    "triage.arranged": Phrase("inbox", _("%(person)s arranged the desk")),
    "vote.entered": Phrase("user", _("%(person)s entered a customer's vote for %(idea)s")),
    "vote.entry_removed": Phrase("undo-2", _("%(person)s took back a vote entered for a customer")),
    "evidence.added": Phrase("link-2", _("%(person)s attached what a customer said to %(idea)s")),
    "evidence.removed": Phrase("trash-2", _("%(person)s took evidence away from %(idea)s")),
    "weights.set": Phrase("sliders-horizontal", _("%(person)s set what votes of segments weigh")),
    "plugin.enabled": Phrase("plug", _("%(person)s switched %(plugin)s on")),
    "plugin.replayed": Phrase("plug", _("%(person)s had %(plugin)s told everything again")),
    "plugin.disabled": Phrase("plug", _("%(person)s switched %(plugin)s off")),
    "plugin.settings_changed": Phrase("plug", _("%(person)s changed the settings of %(plugin)s")),
}.items():
    tell(_name, _phrase)

#: Facts of everyday work that nobody needs to read in the feed; the log still has them.
QUIET = frozenset(
    {
        "space.changed",
        "status.changed",
        "roadmap.changed",
        "workflow.changed",
        "release.changed",
        "idea.edited",
        "idea.field_set",
        "triage.done",
        "triage.undone",
        "triage.arranged",
        "vote.entry_removed",
        "evidence.removed",
        "comment.removed",
        "comment.hidden",
        "product.changed",
        "configuration.published",
        "configuration.withdrawn",
        "text.claimed",
        "text.decided",
    }
)
