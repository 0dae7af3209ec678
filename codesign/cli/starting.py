"""What happens between typing ``codesign serve`` and the first page."""

from __future__ import annotations

import errno
import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import click
from flask import Flask

from codesign.kernel.config import Settings
from codesign.kernel.errors import Conflict, Forbidden, Unavailable
from codesign.kernel.text import _
from codesign.live import serving


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach *host*."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(settings: Settings, host: str) -> None:
    """Demo mode lets anybody be anybody: it stays on this machine unless told otherwise."""
    if settings.demo and not settings.demo_public and not is_loopback(host):
        raise Forbidden(
            _("Demo mode lets anybody enter as anybody, so it listens on 127.0.0.1 only. "
              "Set CODESIGN_DEMO_PUBLIC=1 to show it to others as customers.")
        )  # fmt: skip


def bind(host: str, port: int) -> socket.socket:
    """Take the port, or say how to take another."""
    try:
        return serving.listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Conflict(
                _("Port %(port)s is taken. Use another one: make run PORT=%(next)s (or codesign serve --port %(next)s).",
                  port=port, next=port + 1)
            ) from error  # fmt: skip
        raise Unavailable(_("Cannot listen on %(host)s: %(reason)s.", host=host, reason=error.strerror)) from error


def origins(settings: Settings, host: str, port: int) -> list[str]:
    """The origins whose pages may open sockets: the public address, what the operator adds, and this machine when local."""
    found = [origin.strip() for origin in settings.allowed_origins.split(",") if origin.strip()]
    if settings.base_url:
        base = urlsplit(settings.base_url)
        found.append(f"{base.scheme}://{base.netloc}")
    names = ["127.0.0.1", "localhost"] if is_loopback(host) or host in {"0.0.0.0", "::"} else [host]  # noqa: S104
    return found + [f"http://{name}:{port}" for name in names]


def may_upgrade(environ: dict[str, Any], allowed: list[str]) -> bool:
    """Only the socket path becomes a websocket, and only for pages of our own (a program sends no Origin)."""
    if not environ.get("PATH_INFO", "").startswith("/socket.io"):
        return False
    origin = environ.get("HTTP_ORIGIN")
    return origin is None or origin in allowed


def greet(app: Flask, settings: Settings, host: str, port: int) -> None:
    """Tell the operator where to go."""
    from codesign.accounts.service import needs_setup, setup_secret
    from codesign.notifications.letters import ADDRESS_FILE

    address = settings.base_url or f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}"  # noqa: S104
    # Letters and `codesign user link` are written by other processes; without a public address they lead here.
    (settings.instance_folder / ADDRESS_FILE).write_text(address)
    click.echo(f"Codesign is at {address}  (Ctrl-C stops it)")
    if settings.demo:
        click.echo("Demo mode: enter as one of the people offered; nothing here is real.")
    elif needs_setup():
        click.echo(f"Nobody is here yet. Make the first administrator at {address}/setup?token={setup_secret()}")
