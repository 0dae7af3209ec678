"""``python -m codesign`` is the command ``codesign``."""

from codesign.cli import main

main()
