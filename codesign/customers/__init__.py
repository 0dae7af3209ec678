"""The customer's voice: what customers want who do not write here themselves, and who wants what.

Words: an *entered vote* is the vote of a customer that somebody of the team entered, from a call or a mail; it is that
person's own vote and counts once. *Evidence* is what a customer said elsewhere: a quote, a link, an organization.
*Who wants it* tells of groups of voters (segments, stakeholder types, organizations, revenue), never of fewer than five
people. *Weights* say how much a vote of a segment weighs in the weighted totals; they are versioned.

Announces ``vote.entered``, ``vote.entry_removed``, ``evidence.added``, ``evidence.removed``, ``weights.set``; the votes
themselves are announced by ``voting``.
"""
