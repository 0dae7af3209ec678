"""People: who somebody is on this server.

A *person* is one human or guest; a guest has no credentials, registering adds them to the same row. Announces (in the
server's log) ``person.registered``, ``person.changed``, ``person.joined``, ``person.signed_out``, ``person.banned``,
``person.erased``, ``password.reset_asked``, ``password.changed``, ``token.made``, ``token.revoked``, ``link.made``.
"""
