"""The conformance kit: what every plugin has to bear, tried on a fresh database.

``codesign plugin check PATH`` prints it; a plugin's own test calls ``codesign.testing.check_plugin(FOLDER)``.
"""
