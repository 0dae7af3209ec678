"""The server under the sockets: gevent's WSGI server, with what was measured to matter.

TCP_NODELAY on the listener (without it every keep-alive answer takes 44 ms), a limit on the length of frames (the websocket
library reads whatever the header claims), collection of garbage only when a lot has gathered.
"""

from __future__ import annotations

import gc
import logging
import socket
from collections.abc import Callable
from typing import Any

from gevent import sleep
from gevent.pywsgi import WSGIServer
from geventwebsocket.exceptions import WebSocketError
from geventwebsocket.handler import WebSocketHandler
from geventwebsocket.websocket import Header, WebSocket

from codesign.live.direct import Line

MAX_FRAME = 1_000_000  # bytes

_log = logging.getLogger(__name__)


class LimitedWebSocket(WebSocket):
    """Refuses frames above MAX_FRAME before reading them, and lets others have their turn after each."""

    __slots__ = ()

    def read_frame(self) -> tuple[Any, bytes]:
        # A socket that always has something to read never waits, and everybody else would wait for it.
        sleep(0)
        header = Header.decode_header(self.stream)
        if header.flags:
            raise WebSocketError("reserved flags are set")
        if header.length > MAX_FRAME:
            self.close(1009, b"too large")
            raise WebSocketError("frame too large")
        if not header.length:
            return header, b""
        payload = self.raw_read(header.length)
        if len(payload) != header.length:
            raise WebSocketError("the connection ended within a frame")
        return header, _unmasked(payload, header.mask) if header.mask else payload

    def validate_utf8(self, payload: bytes) -> None:
        """Nothing: the library would look at each byte in Python, twice, and then decodes the message, which finds as much."""


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    """The bytes of a client, which come XORed with four of its choice."""
    length = len(payload)
    stretched = (bytes(mask) * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(stretched, "big")).to_bytes(length, "big")


class Handler(WebSocketHandler):
    """Hands out limited websockets; keeps addresses out of the log."""

    def upgrade_connection(self) -> Any:
        result = super().upgrade_connection()
        if hasattr(self, "websocket"):
            # A second object in its place would not do: the first one says goodbye to the client when it is collected.
            self.websocket.__class__ = LimitedWebSocket
            self.websocket.raw_write = Line(self.socket)
        return result

    def log_request(self) -> None:
        """Requests are counted by the app, not written one by one."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket with TCP_NODELAY, which accepted connections inherit."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind((host, port))
    listener.listen(1024)
    listener.setblocking(False)
    return listener


def server(
    listener: socket.socket, app: Callable[..., Any], may_upgrade: Callable[[dict[str, Any]], bool]
) -> WSGIServer:
    """The server of *app* on *listener*; only requests that *may_upgrade* become websockets."""
    made = WSGIServer(listener, app, handler_class=Handler, log=None, error_log=_log)
    made.pre_start_hook = lambda handler: not may_upgrade(handler.environ)
    return made


def settle() -> None:
    """Call once everything is loaded: what lives now lives for ever (hardly anything of it is garbage), and full
    collections become rare."""
    gc.freeze()
    gc.set_threshold(20_000, 50, 1_000)
