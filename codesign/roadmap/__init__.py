"""Roadmap: what the team does with what people want. *Columns* gather statuses, and ideas stand in them by their status.

A space that never arranged its columns has the usual ones, one for each status but those where ideas start. Announces
``roadmap.changed``, ``release.published``, ``release.changed``.

A *release* is what the team brought out, in its words, with the ideas it came from; all of them are the *changelog*.
"""
