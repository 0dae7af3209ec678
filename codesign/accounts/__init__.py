"""People: who somebody is on this server.

A *person* is one human or guest; a guest has no credentials, registering adds them to the same row. Announces (in the
server's log) ``person.registered``, ``person.joined``, ``person.erased``, ``password.reset_asked``, ``password.changed``,
``token.made``, ``token.revoked``.
"""
