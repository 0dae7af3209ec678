"""Calls to other machines at addresses that people typed: one client for all of them.

The name is looked up once, every address it has is checked, and the connection goes to the address that was checked: a name
that answers differently the second time leads nowhere. Redirects are not followed. Answers are cut at a size, and the
whole call at a time.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

MOST_BYTES = 1_000_000
#: The whole call, in seconds; a server that drips its answer does not hold anybody longer.
DEADLINE = 10.0


class Unreachable(Exception):
    """No whole answer came: refused, unknown name, too slow, too long, or an address that may not be called."""

    def __init__(self, reason: str, *, forbidden: bool = False) -> None:
        super().__init__(reason)
        #: Whether trying again is in vain: the address itself may not be called.
        self.forbidden = forbidden


@dataclass(frozen=True)
class Request:
    """What is sent: the headers say everything but the body's length."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What came back. ``headers`` have lower-case names."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


#: Sends a request: the real one below, or a test's. Raises Unreachable.
Send = Callable[[Request], Answer]


def checked_address(url: str, allowed: Collection[str] = ()) -> tuple[str, str]:
    """The host of *url* and the one network address to call; raises Unreachable(forbidden=True) for what may not be.

    *allowed* names hosts, addresses and networks that may be called though they are private.
    """
    try:
        if not url.isprintable():
            raise ValueError(url)
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Unreachable("the address cannot be read", forbidden=True) from None
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.password:
        raise Unreachable("the address must begin with https:// and hold no password", forbidden=True)
    found = _addresses(host, port)
    for address in found:
        if not _may_be_called(host, address, allowed):
            raise Unreachable("addresses of private networks may not be called from here", forbidden=True)
    return host, found[0]


def _addresses(host: str, port: int) -> list[str]:
    """What *host* stands for: itself, in whatever way a number can be written (127.1, 2130706433), or what its name has."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    try:
        return [socket.inet_ntoa(socket.inet_aton(host))]
    except OSError:
        pass
    try:
        return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise Unreachable(f"nobody knows the name {host}") from None


def _may_be_called(host: str, address: str, allowed: Collection[str]) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found.sixtofour or found
    if found.is_global and not found.is_multicast:
        return True
    return host in allowed or any(_holds(each, found) for each in allowed)


def _holds(network: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def sender(allowed: Collection[str] = (), deadline: float = DEADLINE) -> Send:
    """The real thing: sends one request at a time, to checked addresses only."""
    import httpcore  # heavy: loaded when the first request is sent
    import httpx

    from codesign.kernel.line import Line

    def send(request: Request) -> Answer:
        _host, address = checked_address(request.url, allowed)
        try:
            url = str(httpx.URL(request.url))  # names and paths of all languages, as they are sent
            given = {key.lower(): value for key, value in request.headers.items()}
            headers = list({"user-agent": "Codesign", **given}.items())
            with (
                httpcore.ConnectionPool(network_backend=Line(address, time.monotonic() + deadline)) as pool,
                pool.stream(request.method, url, headers=headers, content=request.body) as answer,
            ):
                named = {key.decode("ascii").lower(): value.decode("latin-1") for key, value in answer.headers}
                return Answer(answer.status, named, _read(answer.iter_stream()))
        except httpcore.TimeoutException:
            raise Unreachable("the answer came too slowly") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.InvalidURL, OSError, ValueError) as error:
            raise Unreachable(f"no answer: {type(error).__name__}") from None

    return send


def _read(pieces: Iterable[bytes]) -> bytes:
    body = b""
    for piece in pieces:
        body += piece
        if len(body) > MOST_BYTES:
            raise Unreachable("the answer is longer than a megabyte")
    return body
