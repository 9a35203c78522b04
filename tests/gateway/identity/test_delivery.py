"""The mail sender against a real SMTP server on loopback: STARTTLS, TLS from the first byte, log-in, and what goes wrong."""

from __future__ import annotations

import dataclasses
import datetime
import socket
import ssl
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message as Letter
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr, ValidationError

from gateway.core.errors import GatewayError
from gateway.identity.contacts import Channel, Contact
from gateway.identity.delivery import ConsoleSender, FileSender, Message, SmtpSender, open_sender
from gateway.identity.settings import SenderSettings, SmtpSettings

MESSAGE = Message(Contact(Channel.EMAIL, "lin@example.org"), "验证码", "您的验证码是 12345678。")


class Mailbox:
    """Keeps what the server was given."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.encrypted: list[bool] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Takes a letter."""
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 OK"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("smtp") / "server.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


Start = Callable[..., tuple[Mailbox, int]]


@pytest.fixture
def start(certificate: Path) -> Iterator[Start]:
    """Starts a server on a free port; gives its mailbox and the port."""
    running: list[Controller] = []

    def begin(security: str, user: str | None = None, password: str | None = None) -> tuple[Mailbox, int]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        box = Mailbox()

        def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
            good = data.login == (user or "").encode() and data.password == (password or "").encode()
            return AuthResult(success=good)

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        controller = Controller(
            box,
            hostname="127.0.0.1",
            port=port,
            ssl_context=context if security == "tls" else None,
            tls_context=context if security == "starttls" else None,
            require_starttls=security == "starttls",
            authenticator=authenticate if user else None,
            auth_required=user is not None,
            auth_require_tls=security == "starttls",
        )
        controller.start()
        running.append(controller)
        return box, port

    yield begin
    for controller in running:
        controller.stop()


def settings(port: int, security: str, certificate: Path, **rest: Any) -> SmtpSettings:
    """The settings of a sender."""
    return SmtpSettings(
        host="localhost",
        port=port,
        security=security,
        sender="Jifen <jifen@shop.example>",
        ca_file=certificate,
        timeout_seconds=5,
        **rest,
    )


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
def test_delivered(start: Start, certificate: Path, security: str) -> None:
    box, port = start(security)
    SmtpSender(settings(port, security, certificate)).send(MESSAGE)
    (letter,) = box.letters
    assert (letter["To"], letter["From"]) == ("lin@example.org", "Jifen <jifen@shop.example>")
    assert letter["Subject"] == "验证码"
    assert letter.get_content().strip() == MESSAGE.text  # type: ignore[attr-defined]
    assert letter["Message-ID"]
    assert letter["Date"]
    assert box.encrypted == [security != "none"]


def test_logged_in(start: Start, certificate: Path) -> None:
    box, port = start("starttls", "mailer", "a mail password")
    good = {"user": "mailer", "password": SecretStr("a mail password")}
    SmtpSender(settings(port, "starttls", certificate, **good)).send(MESSAGE)
    assert len(box.letters) == 1
    for rest in ({}, {"user": "mailer", "password": SecretStr("wrong secret")}):
        with pytest.raises(GatewayError, match=r"^MESSAGE_NOT_SENT: ") as found:
            SmtpSender(settings(port, "starttls", certificate, **rest)).send(MESSAGE)
        told = str(found.value)
        assert "12345678" not in told
        assert "wrong secret" not in told
        assert "lin@" not in told
    assert len(box.letters) == 1


def test_a_server_that_nobody_vouches_for_is_not_trusted(start: Start, certificate: Path) -> None:
    box, port = start("starttls")
    chosen = settings(port, "starttls", certificate).model_copy(update={"ca_file": None})
    with pytest.raises(GatewayError, match=r"SSLCertVerificationError"):
        SmtpSender(chosen).send(MESSAGE)
    assert not box.letters


def test_a_server_without_starttls_gets_nothing(start: Start, certificate: Path) -> None:
    box, port = start("none")
    with pytest.raises(GatewayError, match=r"^MESSAGE_NOT_SENT: "):
        SmtpSender(settings(port, "starttls", certificate)).send(MESSAGE)
    assert not box.letters


def test_no_server(certificate: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        sender = SmtpSender(settings(taken.getsockname()[1], "none", certificate))
        with pytest.raises(GatewayError, match=r"^MESSAGE_NOT_SENT: ") as found:
            sender.send(MESSAGE)
    assert found.value.retry_after_seconds == 60


def test_an_address_cannot_bring_headers_along(start: Start, certificate: Path) -> None:
    box, port = start("none")
    evil = Message(Contact(Channel.EMAIL, "lin@example.org\r\nBcc: eve@example.org"), "x", "y")
    with pytest.raises(GatewayError, match=r"^MESSAGE_NOT_SENT: "):
        SmtpSender(settings(port, "none", certificate)).send(evil)
    assert not box.letters


def test_to_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "letters.jsonl"
    sender = open_sender(SenderSettings(file=path), tmp_path)
    sender.send(MESSAGE)
    sender.send(MESSAGE)
    assert path.read_text("utf-8").count("12345678") == 2
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(GatewayError, match=r"^MESSAGE_NOT_SENT: "):
        FileSender(tmp_path / "none" / "letters.txt").send(MESSAGE)


def test_unasked_no_message_reaches_standard_output(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    open_sender(SenderSettings(), tmp_path).send(MESSAGE)
    assert capfd.readouterr() == ("", "")
    assert "12345678" in (tmp_path / "messages.jsonl").read_text("utf-8")


def test_the_newest_messages_come_first_whatever_came_before(tmp_path: Path) -> None:
    sender = FileSender(tmp_path / "messages.jsonl", clock=lambda: 7.5)
    assert sender.newest(2) == []
    long = dataclasses.replace(MESSAGE, text="x" * 10_000)
    for _ in range(40):
        sender.send(long)
    sender.send(MESSAGE)
    found = sender.newest(3)
    assert [len(one["text"]) for one in found] == [len(MESSAGE.text), 10_000, 10_000]
    assert found[0] == {"at": 7, "to": MESSAGE.to.value, "subject": MESSAGE.subject, "text": MESSAGE.text}
    assert len(sender.newest(1_000)) < 41


def test_to_the_screen_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_sender(SenderSettings(kind="console"), tmp_path).send(MESSAGE)
    assert "12345678" in capsys.readouterr().out


def test_what_a_sender_reaches() -> None:
    mail = SmtpSender(SmtpSettings(host="mail.example", port=587, sender="a@b.example"))
    assert mail.takes(Channel.EMAIL)
    assert not mail.takes(Channel.PHONE)
    assert ConsoleSender().takes(Channel.PHONE)


@pytest.mark.parametrize(
    "rest", [{"security": "none"}, {"user": "x"}, {"port": 0}, {"security": "ssl"}, {"unknown": 1}]
)
def test_settings_that_cannot_be(rest: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SmtpSettings(**{"host": "mail.example", "port": 587, "sender": "a@b.example", **rest})
    for wrong in ({"kind": "smtp"}, {"kind": "console", "shown": True}, {"kind": "console", "file": "x"}):
        with pytest.raises(ValidationError):
            SenderSettings(**wrong)
