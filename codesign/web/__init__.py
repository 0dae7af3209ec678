"""The walls every page hangs on: base templates, menus and slots, errors as HTTP, security headers, languages.

It knows no room. Rooms fill its registries at boot (`registry.py`) and extend its templates. `install.py` wires it
into an app; docs/integrate/front-end.md is the contract with templates and scripts.
"""
