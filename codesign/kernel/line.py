"""The line of one call outside: it leads to one address, and every wait on it ends when the time of the whole call is over."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore


class Line(httpcore.NetworkBackend):
    """Connects to *address*, whatever name is asked for; *until* is a moment of ``time.monotonic``."""

    def __init__(self, address: str, until: float) -> None:
        self._real, self._address, self._until = httpcore.SyncBackend(), address, until

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        """Open the line; *host* is what the certificate is held against later."""
        left = _left(self._until, httpcore.ConnectTimeout)
        stream = self._real.connect_tcp(self._address, port, left, local_address, socket_options)
        return _Stream(stream, self._until)


class _Stream(httpcore.NetworkStream):
    """A stream that drips is cut: each wait gets what is left of the time."""

    def __init__(self, real: httpcore.NetworkStream, until: float) -> None:
        self._real, self._until = real, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._real.read(max_bytes, _left(self._until, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._real.write(buffer, _left(self._until, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._until, httpcore.ConnectTimeout)
        return _Stream(self._real.start_tls(ssl_context, server_hostname, left), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._real.get_extra_info(info)

    def close(self) -> None:
        self._real.close()


def _left(until: float, late: type[httpcore.TimeoutException]) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise late("the time of the call is over")
    return left
