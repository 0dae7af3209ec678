"""What can happen to an answer to a card. Nobody is shown single answers; they are no votes and change no tally."""

from __future__ import annotations

from codesign.events.base import NONE, Event, event


@event("choice.made", NONE)
class ChoiceMade(Event):
    """A person said which of the configurations on a card they would take; which, is not in the log."""

    choice_id: str
    product_id: str
    person_id: str


@event("choice.withdrawn", NONE)
class ChoiceWithdrawn(Event):
    """A person took an answer back."""

    choice_id: str
    product_id: str
    person_id: str
