"""What people want: take-rates beside what rules alone would bring about, blocked wishes, part-worths, the most wanted
configuration, choice cards.

A *choice* is somebody's answer to a card of configurations: "which of these would you take?". It is no vote and joins no tally;
it tells what options are worth. Announces ``choice.made`` and ``choice.withdrawn``, to nobody's screen.
"""
