"""Templates stay compiled from one process to the next: otherwise the first look at each page takes a tenth of a second
longer in each of them."""

from __future__ import annotations

from contextlib import suppress

from flask import Flask
from jinja2.bccache import Bucket, FileSystemBytecodeCache

from codesign import __version__


class Kept(FileSystemBytecodeCache):
    """In Jinja's own folder beside other temporary files, which nobody but this user may write; it asks whether a
    template is still the same."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """A full disk, or a folder that was tidied away, makes pages slower and nothing worse."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def install(app: Flask) -> None:
    """Keep the compiled templates of *app*, where there is a place for them."""
    with suppress(OSError, RuntimeError):
        app.jinja_env.bytecode_cache = Kept(pattern=f"codesign-{__version__}-%s.cache")
