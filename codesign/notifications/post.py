"""Sending letters by SMTP: claimed in one commit, sent outside, noted in another. Without SMTP they stay readable here.

A letter may arrive twice when the power fails in between; its Message-ID is the same, so mail programs show it once.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from datetime import timedelta
from email.header import Header
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from sqlalchemy import delete, select, update

from codesign.kernel import clock
from codesign.kernel.config import Settings
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.notifications.facts import LetterFact
from codesign.notifications.letters import base_address
from codesign.notifications.models import Delivery, Letter, Notice
from codesign.notifications.queries import letter_fact

log = logging.getLogger(__name__)

BATCH = 20
TIMEOUT = 20.0  # seconds a mail server may take for one step
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
MOST_TRIES = 20
LONGEST_WORD = 60  # letters that stand in a subject as they are; longer words do not fit into its lines
KEPT = timedelta(days=30)
NOTICES_KEPT = timedelta(days=365)


def send_due(settings: Settings) -> int:
    """Send the letters that are due; returns how many went out. What fails is tried again later, ever more calmly."""
    if not settings.smtp_url:
        return 0
    sent = 0
    if letters := _claim():
        try:
            with _connect(str(settings.smtp_url), _our_host(settings)) as server:
                for letter in letters:
                    sent += _send(server, letter, settings)
        except (OSError, smtplib.SMTPException, Invalid) as error:
            log.warning("letters could not be sent: %s", type(error).__name__)
            _note_failure([letter.id for letter in letters], str(error))
    return sent


def _send(server: smtplib.SMTP, letter: LetterFact, settings: Settings) -> bool:
    try:
        server.send_message(message(letter, settings))
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
        log.warning("the letter %s was refused: %s", letter.id, type(error).__name__)
        _note_failure([letter.id], str(error))
        return False
    _note_sent(letter.id)
    return True


class _OneLine(UnstructuredHeader, BaseHeader):
    """A header of addresses for programs: folded or encoded, as long lines are otherwise, mail programs do not know it."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class _Subject(UnstructuredHeader, BaseHeader):
    """Folded by the older half of the library: the newer one begins long subjects with an empty line."""

    def fold(self, *, policy: Policy) -> str:
        text = str(self)
        plain = text.isascii() and "=?" not in text and max(map(len, text.split()), default=0) <= LONGEST_WORD
        written = Header(text, "us-ascii" if plain else "utf-8", 76, self.name)
        return f"{self.name}: {written.encode(linesep=policy.linesep)}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)
_HEADERS.map_to_type("list-unsubscribe", _OneLine)
_POLICY = SMTP.clone(header_factory=_HEADERS)


def message(letter: LetterFact, settings: Settings) -> EmailMessage:
    """A letter as it goes over the wire. Headers cannot be broken out of: each is one line."""
    mail = EmailMessage(policy=_POLICY)
    sender = str(settings.mail_from)
    mail["From"], mail["To"] = sender, letter.recipient
    mail["Subject"] = " ".join(letter.subject.split())
    mail["Date"] = format_datetime(letter.created_at)
    mail["Message-ID"] = f"<{letter.id}@{_our_host(settings)}>"
    mail["Auto-Submitted"] = "auto-generated"
    if letter.stop:  # RFC 8058: a mail program ends these letters by one press, without signing in
        mail["List-Unsubscribe"] = f"<{base_address(settings)}{letter.stop}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(letter.body)
    if letter.html:
        mail.add_alternative(letter.html, subtype="html")
    return mail


def _our_host(settings: Settings) -> str:
    """The name this server goes by among mail servers."""
    return (
        urlsplit(str(settings.base_url)).hostname
        or parseaddr(str(settings.mail_from))[1].rpartition("@")[2]
        or "localhost"
    )


def _connect(url: str, ours: str) -> smtplib.SMTP:
    """A signed-in connection; credentials never go over an open line."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise Invalid.field("CODESIGN_SMTP_URL", _("Write it like smtp://user:password@mail.example.org:587."))
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            parts.hostname, parts.port or 465, ours, timeout=TIMEOUT, context=context
        )
        secure = True
    else:
        server = smtplib.SMTP(parts.hostname, parts.port or 25, ours, TIMEOUT)
        server.ehlo()
        secure = server.has_extn("starttls")
        if secure:
            server.starttls(context=context)
    if parts.username:
        if not secure:
            server.close()
            raise Invalid.field("CODESIGN_SMTP_URL", _("The mail server offers no encryption for the password."))
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


@verb
def _claim() -> list[LetterFact]:
    """Letters that are due. Each counts as tried now, so that one that kills its sender does not come first for ever."""
    moment = clock.now()
    due = Letter.sent_at.is_(None), Letter.next_try_at <= moment, Letter.tries < MOST_TRIES
    rows = (
        session().scalars(select(Letter).where(*due).order_by(Letter.next_try_at).limit(BATCH).with_for_update()).all()
    )
    for row in rows:
        row.next_try_at = moment + min(FIRST_PAUSE * 2**row.tries, LONGEST_PAUSE)
        row.tries += 1
    return [letter_fact(row) for row in rows]


@verb
def _note_sent(letter_id: str) -> None:
    """It is out. Its links would still work, so the text is not kept."""
    now = {"sent_at": clock.now(), "next_try_at": None, "last_error": None, "body": "", "html": None}
    session().execute(update(Letter).where(Letter.id == letter_id).values(**now))


@verb
def _note_failure(letter_ids: list[str], error: str) -> None:
    """It did not go out; who tried too often waits for an administrator."""
    failed = Letter.id.in_(letter_ids), Letter.sent_at.is_(None)
    session().execute(update(Letter).where(*failed).values(last_error=error[:500]))


@verb
def forget_old() -> None:
    """Drop letters and read notices that nobody needs any more (a timed task)."""
    moment = clock.now()
    session().execute(delete(Letter).where(Letter.created_at < moment - KEPT))
    for table in (Notice, Delivery):
        session().execute(delete(table).where(table.occurred_at < moment - NOTICES_KEPT))
