"""Ideas: the one thing people vote on.

Owns text, status, tags, follows, tallies and scores. Announces ``idea.published``, ``idea.held``, ``idea.edited``,
``idea.revised``, ``idea.withdrawn``, ``idea.hidden``, ``idea.moderated``, ``idea.status_changed``, ``idea.answered``,
``scores.changed``, ``idea.rescored``, ``votes.imported``.
"""
