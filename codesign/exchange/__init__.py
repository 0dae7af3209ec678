"""The exchange: conversations from elsewhere come in, spaces go out, recorded votes are played again, the demo is made.

Words: an *export* is what another program wrote about one conversation; an *archive* is a whole space in one file;
a *replay* casts recorded votes through the public door, as their voters did; the *demo* is a made-up company with
made-up people, its *pulse* lets them go on living. Announces ``space.imported`` in the server's log; all else is
announced by the rooms it brings it into.
"""
