"""Merging: look-alikes become one, voters united, with a way back; and an idea becomes two.

Announces ``idea.merged``, ``idea.unmerged``, ``idea.split``.
"""
