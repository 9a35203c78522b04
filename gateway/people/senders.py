"""Who brings messages to people: to a file or the screen for development, or to a mail server."""

from __future__ import annotations

import smtplib
import ssl
import sys
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Protocol

from gateway.errors import GatewayError
from gateway.people.contacts import Channel, Contact
from gateway.people.settings import SenderSettings, SmtpSettings


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


class ConsoleSender:
    """Writes messages to a file that only its owner can read, or to standard output. For development."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()

    def takes(self, channel: Channel) -> bool:
        """Any."""
        return True

    def send(self, message: Message) -> None:
        """Writes it down, a rule above and below."""
        text = f"--- to {message.to.value}\n{message.subject}\n\n{message.text}\n---\n"
        with self._lock:
            if self._file is None:
                sys.stdout.write(text)
                sys.stdout.flush()
                return
            try:
                self._file.touch(mode=0o600)
                with self._file.open("a", encoding="utf-8") as out:
                    out.write(text)
            except OSError as error:
                raise GatewayError("MESSAGE_NOT_SENT", f"the message file: {type(error).__name__}") from None


class SmtpSender:
    """Hands each message to a mail server, over TLS unless the server is on this machine and the settings say so. One connection a message."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._tls = ssl.create_default_context(cafile=None if settings.ca_file is None else str(settings.ca_file))

    def takes(self, channel: Channel) -> bool:
        """E-mail."""
        return channel is Channel.EMAIL

    def send(self, message: Message) -> None:
        """Delivers it to the server. Raises GatewayError MESSAGE_NOT_SENT with the kind of failure, never the conversation."""
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


def open_sender(settings: SenderSettings) -> Sender:
    """The sender that the settings name."""
    if settings.kind == "smtp":
        assert settings.smtp is not None
        return SmtpSender(settings.smtp)
    return ConsoleSender(settings.file)
