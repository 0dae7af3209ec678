"""Votes: one person's answer in a ballot.

The log keeps every cast and withdrawal; the table keeps the current vote. Announces ``vote.cast``, ``vote.withdrawn``.
"""
