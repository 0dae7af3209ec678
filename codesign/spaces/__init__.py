"""Spaces: places with their people, rules and phases.

A *member* is a person in a space with a *role* (viewer, contributor, moderator, product, owner). The space's one main
*ballot* says of what kind votes are and when results show. Announces ``space.created``, ``space.changed``,
``space.archived``, ``space.phase_changed``, ``ballot.opened``, ``ballot.closed``, ``member.added``, ``member.changed``,
``member.removed``, ``invitation.made``.
"""
