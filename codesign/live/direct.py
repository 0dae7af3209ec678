"""A client manager of Socket.IO that writes a broadcast to each socket at once, where nothing waits in front of it.

The stock manager puts every packet into a queue of the socket and wakes a greenlet for it, a thousand times for a thousand
sockets. Here the websocket frame is built once and handed to the kernel. Whoever still polls, has packets waiting or reads too
slowly gets it the stock way, behind what waits there, so the order never changes. This reads what python-socketio and
python-engineio keep to themselves: both are pinned, and tests/rooms/live/test_direct.py notices when that changes.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

import gevent
from engineio import packet as engine_packet
from gevent.lock import Semaphore
from geventwebsocket.websocket import Header, WebSocket
from socketio import Manager, packet

#: After so many sockets everybody else has a turn.
BREATH = 250


class Line:
    """The writing end of a websocket: one message after another, whoever writes."""

    __slots__ = ("_socket", "_turn")

    def __init__(self, socket: Any) -> None:
        self._socket, self._turn = socket, Semaphore(1)

    def __call__(self, message: bytes) -> None:
        """Write *message*; waits for the one before it and for the network."""
        with self._turn:
            self._socket.sendall(message)

    def offer(self, message: bytes) -> bool:
        """Write *message* if that can be done without waiting; answers whether it is on its way."""
        if not self._turn.acquire(blocking=False):
            return False
        written = 0
        with suppress(OSError):  # no room, or gone: the stock way waits, or notices
            written = os.write(self._socket.fileno(), message)
        if 0 < written < len(message):
            gevent.spawn(self._finish, message[written:])  # and nobody writes before that is done
            return True
        self._turn.release()
        return written > 0

    def _finish(self, rest: bytes) -> None:
        try:
            self._socket.sendall(rest)
        except OSError:
            pass  # the line is gone: its reader notices
        finally:
            self._turn.release()


class DirectManager(Manager):
    """Knows who is in which room, as the stock manager does, and sends to them without their queues."""

    def emit(self, event: str, data: Any, namespace: str, room: str | None = None, **options: Any) -> None:
        """Send one event to everybody in *room*. What is special (callbacks, bytes, skipped sockets) goes the stock way."""
        encoded = self._encoded(event, data, namespace) if room and not any(options.values()) else None
        if encoded is None:
            super().emit(event, data, namespace, room=room, **options)
            return
        content = encoded.encode()
        frame = bytes(Header.encode_header(True, WebSocket.OPCODE_TEXT, b"", len(content) + 1, 0)) + b"4" + content
        waiting = engine_packet.Packet(engine_packet.MESSAGE, encoded)
        for number, (_sid, engine_sid) in enumerate(self.get_participants(namespace, room), 1):
            if not self._write(engine_sid, frame):
                self.server._send_eio_packet(engine_sid, waiting)
            if number % BREATH == 0:
                gevent.sleep(0)

    def _encoded(self, event: str, data: Any, namespace: str) -> str | None:
        if not isinstance(data, dict):
            return None
        encoded = self.server.packet_class(packet.EVENT, namespace=namespace, data=[event, data]).encode()
        return encoded if isinstance(encoded, str) else None

    def _write(self, engine_sid: str, frame: bytes) -> bool:
        """Write a frame to a websocket that nothing else waits for; answers whether that was done."""
        engine = self.server.eio.sockets.get(engine_sid)
        if engine is None or not engine.upgraded or engine.upgrading or engine.closing or not engine.queue.empty():
            return False
        environ = self.server.environ.get(engine_sid) or {}
        websocket = environ.get("wsgi.websocket")  # absent where the client polled first
        line = getattr(websocket, "raw_write", None)
        return isinstance(line, Line) and bool(engine.check_ping_timeout()) and line.offer(frame)
