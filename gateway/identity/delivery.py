"""Who brings messages to people: a mail server; or, for a trial, a file or the screen."""

from __future__ import annotations

import json
import smtplib
import ssl
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any, Protocol

from gateway.core.errors import GatewayError
from gateway.identity.contacts import Channel, Contact
from gateway.identity.settings import SenderSettings, SmtpSettings

MESSAGES_FILE = "messages.jsonl"
READ_BYTES_MAX = 256 << 10


@dataclass(frozen=True)
class Message:
    """What is sent. Subject and text hold one-time codes, and show in no text form of this."""

    to: Contact
    subject: str = field(repr=False)
    text: str = field(repr=False)


class Sender(Protocol):
    """Brings a message, or says at once that it cannot."""

    def takes(self, channel: Channel) -> bool:
        """Whether it can reach this channel at all."""

    def send(self, message: Message) -> None:
        """Hands the message over. Raises GatewayError MESSAGE_NOT_SENT; the text never says to whom or what."""


class FileSender:
    """Writes messages to a file that its owner alone can read, a JSON document a line. For a trial: nobody receives
    them."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.time) -> None:
        self._file, self._clock = file, clock
        self._lock = threading.Lock()

    def takes(self, channel: Channel) -> bool:
        """Any."""
        return True

    def send(self, message: Message) -> None:
        """Adds it to the file. Raises GatewayError MESSAGE_NOT_SENT when it cannot be written."""
        document = {"at": int(self._clock()), "to": message.to.value, "subject": message.subject, "text": message.text}
        try:
            with self._lock:
                self._file.touch(mode=0o600)
                with self._file.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(document, ensure_ascii=False) + "\n")
        except OSError as error:
            raise GatewayError("MESSAGE_NOT_SENT", f"the message file: {type(error).__name__}") from None

    def newest(self, count: int) -> list[dict[str, Any]]:
        """The last messages, newest first: `at` (Unix seconds), `to`, `subject`, `text`. A file of any length is read
        from its end."""
        if not self._file.exists():
            return []
        with self._file.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - READ_BYTES_MAX))
            lines = file.read().splitlines()
        whole = lines if size <= READ_BYTES_MAX else lines[1:]
        return [json.loads(line) for line in reversed(whole[-count:])]


class ConsoleSender:
    """Writes messages to standard output, a rule above and below. For a trial, and only where it is asked for."""

    def takes(self, channel: Channel) -> bool:
        """Any."""
        return True

    def send(self, message: Message) -> None:
        """Writes it."""
        sys.stdout.write(f"--- to {message.to.value}\n{message.subject}\n\n{message.text}\n---\n")
        sys.stdout.flush()


class SmtpSender:
    """Hands each message to a mail server, over TLS unless the server is on this machine and the settings say so. One
    connection a message."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._tls = ssl.create_default_context(cafile=None if settings.ca_file is None else str(settings.ca_file))

    def takes(self, channel: Channel) -> bool:
        """E-mail."""
        return channel is Channel.EMAIL

    def send(self, message: Message) -> None:
        """Delivers it to the server. Raises GatewayError MESSAGE_NOT_SENT with the kind of failure, never the
        conversation."""
        try:
            with self._connect() as server:
                if self._settings.user is not None and self._settings.password is not None:
                    server.login(self._settings.user, self._settings.password.get_secret_value())
                server.send_message(self._letter(message))
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise GatewayError(
                "MESSAGE_NOT_SENT", f"the mail server: {type(error).__name__}", retry_after_seconds=60
            ) from None

    def _connect(self) -> smtplib.SMTP:
        chosen = self._settings
        if chosen.security == "tls":
            return smtplib.SMTP_SSL(chosen.host, chosen.port, timeout=chosen.timeout_seconds, context=self._tls)
        server = smtplib.SMTP(chosen.host, chosen.port, timeout=chosen.timeout_seconds)
        if chosen.security == "starttls":
            try:
                server.starttls(context=self._tls)
            except BaseException:
                server.close()
                raise
        return server

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage()
        letter["From"] = self._settings.sender
        letter["To"] = message.to.value
        letter["Subject"] = message.subject
        letter["Date"] = formatdate(localtime=False)
        letter["Message-ID"] = make_msgid(domain=self._settings.sender.rpartition("@")[2])
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.text)
        return letter


def open_sender(settings: SenderSettings, folder: Path) -> Sender:
    """The sender that the settings of the gateway in `folder` name."""
    if settings.kind == "smtp":
        assert settings.smtp is not None
        return SmtpSender(settings.smtp)
    if settings.kind == "console":
        return ConsoleSender()
    return FileSender(settings.file or folder / MESSAGES_FILE)
