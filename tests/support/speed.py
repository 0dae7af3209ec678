"""What makes a thousand apps and databases cheap. Nothing here changes what is tested."""

from __future__ import annotations

import functools
import gc
import importlib.metadata
import itertools
import os
import shutil
import tempfile

from argon2 import PasswordHasher

from codesign.accounts import passwords

_MEMORY = "/dev/shm"
_ENOUGH = 4 << 30


def use_memory_for_temporary_files() -> None:
    """Databases of tests lie in memory where there is plenty: SQLite then waits for no disk at its commits."""
    if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH:
        os.environ["TMPDIR"] = tempfile.tempdir = _MEMORY


def look_for_packages_once() -> None:
    """Every app asks every installed package for plugins; none is installed into a process of tests while it runs."""
    importlib.metadata.entry_points = functools.cache(importlib.metadata.entry_points)


def hash_passwords_lightly() -> None:
    """Passwords of tests need no protection; hashing them is slow on purpose. Servers that tests start hash in earnest."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1)


def collect_seldom() -> None:
    """An app is a hundred thousand objects; looking for cycles after each 700 of them finds none."""
    gc.set_threshold(100_000, 10, 10)


def pytest_runtest_logfinish() -> None:
    """What the product has loaded stays until the end: the collector need not walk over it again."""
    if next(_finished) in _LOADED_MORE:
        gc.collect()
        gc.freeze()


_finished = itertools.count(1)
_LOADED_MORE = (1, 10, 50, 200)


def pytest_configure() -> None:
    """Before the first test."""
    use_memory_for_temporary_files()
    look_for_packages_once()
    hash_passwords_lightly()
    collect_seldom()
