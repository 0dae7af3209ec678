"""Comments: what people say about an idea, two levels deep, and the team's internal notes.

Announces ``comment.added``, ``comment.held``, ``comment.edited``, ``comment.revised``, ``comment.removed``,
``comment.hidden``, ``comment.published``, ``comment.moderated``, ``note.added``, ``note.edited``, ``note.removed``.
"""
