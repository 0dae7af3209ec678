"""Messages reach a websocket whole and in order, whichever way they take."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import engineio
import gevent
import gevent.socket
import pytest
import socketio

from codesign.live import serving
from codesign.live.direct import DirectManager, Line


@pytest.fixture
def ends() -> Iterator[tuple[Any, Any]]:
    """Both ends of a line with little room."""
    here, there = gevent.socket.socketpair()
    here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    yield here, there
    here.close()
    there.close()


def _read(end: Any, length: int) -> bytes:
    read = b""
    with gevent.Timeout(5):
        while len(read) < length:
            read += end.recv(65536)
    return read


def test_what_fits_is_written_at_once(ends: tuple[Any, Any]) -> None:
    here, there = ends
    assert Line(here).offer(b"at once")
    assert there.recv(100) == b"at once"


def test_a_half_written_message_is_finished_before_the_next(ends: tuple[Any, Any]) -> None:
    here, there = ends
    line, long = Line(here), b"x" * 1_000_000
    assert line.offer(long)
    assert not line.offer(b"too early")
    patient = gevent.spawn(line, b"waited")
    assert _read(there, len(long) + 6) == long + b"waited"
    patient.join(5)
    assert line.offer(b"free again")
    assert there.recv(100) == b"free again"


def test_a_full_line_takes_nothing(ends: tuple[Any, Any]) -> None:
    here, _there = ends
    line = Line(here)
    assert line.offer(b"x" * 1_000_000)
    with pytest.raises(gevent.Timeout), gevent.Timeout(0.05):
        line(b"has to wait")
    assert not line.offer(b"more")


def test_a_line_that_is_gone_takes_nothing(ends: tuple[Any, Any]) -> None:
    here, there = ends
    there.close()
    assert not Line(here).offer(b"hello")


@pytest.mark.parametrize("length", [0, 1, 3, 4, 5, 1001])
def test_a_mask_is_taken_off(length: int) -> None:
    mask, plain = bytes([7, 0, 255, 64]), bytes(number % 256 for number in range(length))
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(plain))
    assert serving._unmasked(masked, mask) == plain


class Counting(DirectManager):
    """Counts what goes straight into the line."""

    direct = 0

    def _write(self, engine_sid: str, frame: bytes) -> bool:
        written = super()._write(engine_sid, frame)
        self.direct += written
        return written


class Listener(socketio.Client):
    """Hands over each message before it reads the next; the library's own starts a thread for each, and those overtake."""

    def _engineio_client_class(self) -> type:
        class OneByOne(engineio.Client):
            def _trigger_event(self, event: str, *arguments: Any, **options: Any) -> Any:
                return super()._trigger_event(event, *arguments, **{**options, "run_async": False})

        return OneByOne


@pytest.mark.parametrize(
    ("transports", "direct"), [(["websocket"], True), (["polling", "websocket"], False), (["polling"], False)]
)
def test_every_way_of_connecting_hears_everything_in_order(transports: list[str], direct: bool) -> None:
    """Straight into the line where the connection began as a websocket; what a new release of the libraries hides shows here."""
    manager, heard, many = Counting(), [], 50
    server = socketio.Server(client_manager=manager, async_mode="gevent", namespaces="*")
    server.on("connect", lambda sid, environ: server.enter_room(sid, "all", namespace="/live"), namespace="/live")
    listener = serving.listen("127.0.0.1", 0)
    wsgi = serving.server(listener, socketio.WSGIApp(server), lambda environ: True)
    wsgi.start()
    connected, enough = threading.Event(), threading.Event()

    def listen() -> None:
        client = Listener(reconnection=False)
        client.on("frame", lambda content: heard.append(content["number"]), namespace="/live")
        client.connect(f"http://127.0.0.1:{listener.getsockname()[1]}", transports=transports, namespaces=["/live"])
        connected.set()
        enough.wait(10)
        client.disconnect()

    listening = threading.Thread(target=listen)
    listening.start()
    with gevent.Timeout(10):
        while not connected.is_set():
            gevent.sleep(0.01)
        for number in range(many):
            server.emit("frame", {"number": number, "text": "ä" * 100}, room="all", namespace="/live")
            gevent.sleep(0.002)
        while len(heard) < many:
            gevent.sleep(0.01)
        enough.set()
        while listening.is_alive():
            gevent.sleep(0.01)
    wsgi.stop()
    assert heard == list(range(many))
    assert (manager.direct > many // 2) is direct
