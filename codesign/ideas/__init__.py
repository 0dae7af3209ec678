"""Ideas: the one thing people vote on.

Owns text, status, tags, follows, tallies and scores. Announces ``idea.published``, ``idea.held``, ``idea.edited``,
``idea.withdrawn``, ``idea.hidden``, ``idea.status_changed``, ``idea.answered``, ``idea.tagged``, ``scores.changed``,
``votes.imported``.
"""
