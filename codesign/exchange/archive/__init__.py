"""A space in one file: written row by row, read with suspicion, loaded out of sight and opened in one commit.

``contents`` says what belongs into it and what does not, ``rows`` how a row is spelled, ``writing`` makes the file,
``opening`` and ``checking`` read one that may be broken or hostile, ``loading`` brings it into this instance.
"""
