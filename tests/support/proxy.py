"""A TCP proxy in front of a server, whose line can be cut and mended."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import threading

from tests.support.processes import free_port

_CHUNK = 65_536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset, as a broken line does


class Proxy:
    """Passes connections on to a port of this machine. While cut, open ones are broken and new ones refused."""

    def __init__(self, target: int = 0) -> None:
        self.target, self.port = target, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.is_cut = False
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._listener: socket.socket | None = None
        self._waker, self._wake = socket.socketpair()
        self._lock, self._ended = threading.RLock(), False
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Proxy:
        self.mend()
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended = True
        self._waker.send(b".")
        self._thread.join(10)
        self.cut()

    def cut(self) -> None:
        """Break every connection; refuse new ones."""
        with self._lock:
            self.is_cut = True
            if self._listener is not None:
                self._selector.unregister(self._listener)
                self._listener.close()
                self._listener = None
            for end in list(self._pairs):
                self._close(end)

    def mend(self) -> None:
        """Take connections again."""
        with self._lock:
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self.port))
            listener.listen(128)
            self._selector.register(listener, selectors.EVENT_READ)
            self._listener, self.is_cut = listener, False
        self._waker.send(b".")

    def _run(self) -> None:
        while not self._ended:
            for key, _events in self._selector.select(0.5):
                with self._lock:
                    self._serve(key.fileobj)  # type: ignore[arg-type]

    def _serve(self, ready: socket.socket) -> None:
        if ready is self._wake:
            ready.recv(100)
        elif ready is self._listener:
            self._accept()
        elif ready in self._pairs:
            self._pass_on(ready)

    def _accept(self) -> None:
        assert self._listener is not None
        near, _address = self._listener.accept()
        try:
            far = socket.create_connection(("127.0.0.1", self.target), 5)
        except OSError:
            near.close()
            return
        for one, other in ((near, far), (far, near)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._pairs[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, ready: socket.socket) -> None:
        try:
            piece = ready.recv(_CHUNK)
            if piece:
                self._pairs[ready].sendall(piece)
                return
        except OSError:
            pass
        self._close(ready)

    def _close(self, end: socket.socket) -> None:
        other = self._pairs.pop(end, None)
        if other is None:
            return
        self._pairs.pop(other, None)
        for one in (end, other):
            self._selector.unregister(one)
            with contextlib.suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET if self.is_cut else struct.pack("ii", 0, 0))
            one.close()
