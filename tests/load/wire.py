"""A bare client for many sockets: enough of WebSocket and engine.io to listen to thousands in one process."""

from __future__ import annotations

import base64
import json
import os
import re
import selectors
import socket
import struct
import time
from collections.abc import Callable
from urllib.parse import urlsplit

_SEQ = re.compile(rb'"seq":(\d+)')
PATH = "/socket.io/?EIO=4&transport=websocket"


def masked(payload: bytes) -> bytes:
    """One text frame from a client (masked with zeros: the mask is not the point here)."""
    size = len(payload)
    short = size < 126
    head = struct.pack("!BB", 0x81, 0x80 | size) if short else struct.pack("!BBH", 0x81, 0x80 | 126, size)
    return head + b"\0\0\0\0" + payload


class Listener:
    """One socket that reads frames and hands each payload to *heard*."""

    def __init__(self, url: str, path: str, heard: Callable[[Listener, bytes], None]) -> None:
        parts = urlsplit(url)
        self.heard = heard
        self.last_seq = 0
        self.frames = 0
        self.watching = False
        self._buffer = b""
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=20)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        while b"\r\n\r\n" not in self._buffer:
            self._buffer += self.socket.recv(4096)
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(head.decode(errors="replace"))

    def send(self, payload: str) -> None:
        """Send one text message."""
        self.socket.sendall(masked(payload.encode()))

    def readable(self) -> None:
        """Read what has come and hand on whole payloads."""
        self._buffer += self.socket.recv(65536)
        while len(self._buffer) >= 2:
            size, start = self._buffer[1] & 127, 2
            if size == 126:
                if len(self._buffer) < 4:
                    return
                size, start = struct.unpack("!H", self._buffer[2:4])[0], 4
            elif size == 127:
                if len(self._buffer) < 10:
                    return
                size, start = struct.unpack("!Q", self._buffer[2:10])[0], 10
            if len(self._buffer) < start + size:
                return
            payload, self._buffer = self._buffer[start : start + size], self._buffer[start + size :]
            if payload == b"2":
                self.send("3")
            else:
                self.watching = self.watching or payload.startswith(b"43/live,1[")
                self.heard(self, payload)

    def note_seq(self, payload: bytes) -> int | None:
        """The number a frame reaches, if *payload* is one."""
        if b'"frame"' not in payload[:20]:
            return None
        found = _SEQ.search(payload)
        self.frames += 1
        self.last_seq = int(found[1]) if found else self.last_seq
        return self.last_seq


class Crowd:
    """Many listeners in one loop."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.listeners: list[Listener] = []

    def add(self, listener: Listener) -> Listener:
        listener.socket.setblocking(False)
        self.selector.register(listener.socket, selectors.EVENT_READ, listener)
        self.listeners.append(listener)
        return listener

    def pump(self, seconds: float) -> None:
        """Read for at most so long, coming back as soon as nothing is there any more."""
        until = time.perf_counter() + seconds
        while True:
            left = until - time.perf_counter()
            ready = self.selector.select(max(0.0, left))
            for key, _events in ready:
                key.data.readable()
            if not ready or left <= 0:
                return

    def settle(self, patience: float = 120) -> None:
        """Wait until every listener's ``watch`` was acknowledged, and a moment more for the last presence to be told."""
        until = time.perf_counter() + patience
        while not all(listener.watching for listener in self.listeners):
            if time.perf_counter() > until:
                raise TimeoutError("not every socket could watch")
            self.pump(0.2)
        self.pump(3)

    def close(self) -> None:
        for listener in self.listeners:
            listener.socket.close()
        self.selector.close()


def watcher(url: str, space: str, heard: Callable[[Listener, bytes], None], token: str | None = None) -> Listener:
    """A listener that has joined the namespace and watches a space."""
    listener = Listener(url, PATH, heard)
    listener.send("40/live," + (json.dumps({"token": token}) if token else ""))
    listener.send(f"42/live,1{json.dumps(['watch', {'space': space}])}")
    return listener
