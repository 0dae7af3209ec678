"""The desk: where the team looks through what people propose, decides, and takes back what it should not have done.

Words: an *inbox* is a kind of idea that waits for the team; a *mark* says who looks after an idea and whether it was read;
a *field* is a number, choice, text, date or switch the team keeps for each idea; a *view* is a saved filter; a *deed* is one
change, of one idea or of thousands, that can be taken back as a whole.

Announces ``idea.assigned``, ``idea.field_set``, ``triage.done``, ``triage.undone``; statuses, tags, answers and merges are
announced by the rooms they belong to.
"""
