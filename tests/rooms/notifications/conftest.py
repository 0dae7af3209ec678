"""A mail server on this machine, and people who showed that their address is theirs."""

from __future__ import annotations

import email
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from codesign.accounts.facts import PersonFact
from codesign.kernel import config
from codesign.notifications.wishes import note_confirmed
from tests.support.processes import free_port


class Postbox:
    """What a mail server took; it can be told to refuse."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take or refuse a letter."""
        if self.answer.startswith("250"):
            self.taken.append(envelope)
        return self.answer

    @property
    def mails(self) -> list[EmailMessage]:
        """What came, as a mail program reads it."""
        return [email.message_from_bytes(each.content, policy=default) for each in self.taken]


def smtp_settings(port: int, **values: str) -> config.Settings:
    """Settings with a mail server on *port*."""
    return config.load({}, smtp_url=f"smtp://127.0.0.1:{port}", mail_from="Codesign <ideas@example.org>", **values)


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, config.Settings]]:
    """A mail server on this machine."""
    box, port = Postbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, server_hostname="localhost")
    controller.start()
    yield box, smtp_settings(port)
    controller.stop()


@pytest.fixture
def make_reader(make_person: Callable[..., Any]) -> Callable[..., PersonFact]:
    """Make somebody with a confirmed address: ``make_reader("Mira")`` has mira@example.org."""

    def make(name: str, confirmed: bool = True) -> PersonFact:
        person: PersonFact = make_person(name, email=f"{name.lower()}@example.org")
        if confirmed:
            note_confirmed({person.id: str(person.email)})
        return person

    return make
