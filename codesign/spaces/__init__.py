"""Spaces: places with their people, rules and phases.

A *member* is a person in a space with a *role* (viewer, contributor, moderator, product, owner). The space's one main
*ballot* says of what kind votes are and when results show. An *invitation* is a link that makes people members. A
*template* is what a space starts from, a *status* what the team says about an idea.

Announces ``space.created changed opened archived reopened deleted phase_changed phase_scheduled``, ``ballot.opened
closed``, ``member.added changed removed``, ``invitation.made revoked``, ``status.changed``; in the server's log also
``stakeholder_type.changed`` and ``organization.changed``.
"""
