"""The peer of the fan-out benchmark: a websocket server that does nothing but send the same bytes to everybody."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import Any

from gevent import monkey

monkey.patch_all()

import gevent  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402
from geventwebsocket.exceptions import WebSocketError  # noqa: E402
from geventwebsocket.handler import WebSocketHandler  # noqa: E402

from codesign.live.serving import listen  # noqa: E402


def main() -> None:
    size, rate = int(sys.argv[1]), float(sys.argv[2])
    sockets: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        line = environ["wsgi.websocket"]
        sockets.append(line)
        while line.receive() is not None:
            pass
        sockets.remove(line)
        return []

    def broadcast() -> None:
        number = 0
        while True:
            started, number = time.monotonic(), number + 1
            text = f"{number} {started} ".ljust(size, ".")
            for line in [*sockets]:
                with suppress(WebSocketError):  # it has just left
                    line.send(text)
            gevent.sleep(max(0.0, 1 / rate - (time.monotonic() - started)))

    listener = listen("127.0.0.1", 0)
    print(listener.getsockname()[1], flush=True)
    gevent.spawn(broadcast)
    WSGIServer(listener, app, handler_class=WebSocketHandler, log=None).serve_forever()


if __name__ == "__main__":
    main()
