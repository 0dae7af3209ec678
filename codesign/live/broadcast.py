"""Sending to many sockets at once. The one place that knows the Socket.IO client manager."""

from __future__ import annotations

from typing import Any

from flask_socketio import SocketIO

NAMESPACE = "/live"


class Broadcast:
    """Rooms of sockets and what is sent to them."""

    def __init__(self, socketio: SocketIO) -> None:
        self.server = socketio.server

    def send(self, room: str, name: str, content: dict[str, Any]) -> None:
        """Send one message to every socket in *room*; it is encoded once."""
        self.server.emit(name, content, room=room, namespace=NAMESPACE)

    def tell(self, sid: str, name: str, content: dict[str, Any]) -> None:
        """Send one message to one socket."""
        self.server.emit(name, content, to=sid, namespace=NAMESPACE)

    def enter(self, sid: str, room: str) -> None:
        """Put a socket into a room."""
        self.server.enter_room(sid, room, namespace=NAMESPACE)

    def leave(self, sid: str, room: str) -> None:
        """Take a socket out of a room."""
        self.server.leave_room(sid, room, namespace=NAMESPACE)

    def drop(self, sid: str) -> None:
        """Close a socket."""
        self.server.disconnect(sid, namespace=NAMESPACE)
