"""No test reaches another machine: a connection to anything but loopback is refused and fails the test."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterator
from typing import Any

import pytest

_guarding = False
_installed = False
_tried: list[str] = []


def _is_here(address: object) -> bool:
    if not isinstance(address, tuple):  # a Unix socket's path, a netlink address
        return True
    host = str(address[0]).partition("%")[0]
    if host in {"", "localhost", "localhost.localdomain"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _audit(name: str, arguments: tuple[Any, ...]) -> None:
    if not _guarding or not name.startswith("socket."):
        return
    if name in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
    elif name in {"socket.getaddrinfo", "socket.gethostbyname"}:
        address = (arguments[0].decode() if isinstance(arguments[0], bytes) else arguments[0] or "",)
    else:
        return
    if address is not None and not _is_here(address):
        _tried.append(str(address[0]))
        raise ConnectionRefusedError(f"a test tried to reach {address[0]}; only this machine may be used")


@pytest.fixture(autouse=True)
def only_this_machine() -> Iterator[None]:
    """Fail the test that tried to reach another machine, even when the code swallowed the refusal."""
    global _guarding, _installed
    if not _installed:  # an audit hook sees every socket of Python, gevent's too, and cannot be taken out again
        sys.addaudithook(_audit)
        _installed = True
    _tried.clear()
    _guarding = True
    yield
    _guarding = False
    if _tried:
        pytest.fail(f"this test tried to reach {', '.join(sorted(set(_tried)))}; only this machine may be used")
