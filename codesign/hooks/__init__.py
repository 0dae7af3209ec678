"""The sockets in the wall: what a plugin has (its card), the moments it can answer (hooks), and the host that asks
it.

A plugin is *installed* on a server and *enabled* in a space. A *hook* is a moment, a *rule* a named pure function, a
*slot* a place on a page. Announces ``plugin.enabled``, ``plugin.disabled``, ``plugin.settings_changed``.
"""
