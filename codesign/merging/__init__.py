"""Merging: look-alikes become one, voters united, with a way back. Announces ``idea.merged``, ``idea.unmerged``."""
