"""The demo: a made-up e-bike maker with its ideas, arguments and answers.

``content/`` holds what was written by hand, ``content.py`` reads it, ``plan.py`` turns it into a timeline that is the
same for the same seed, ``pulse.py`` proposes what a demo person could do next. None of them touches a database.
"""
