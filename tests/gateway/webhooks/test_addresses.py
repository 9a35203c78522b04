"""Nobody reaches the gateway's own network through a webhook: not by form, not by name, not by a name that changes, not by redirect."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.core.errors import GatewayError
from gateway.webhooks.addresses import AddressPolicy, check_endpoint, is_public, system_resolver
from gateway.webhooks.transport import ANSWER_BYTES_MAX, Sender
from tests.scenes.webhook_receiver import Received, Receiver, answer

PUBLIC = ("93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e")
PRIVATE = (
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
)
STRICT, OPEN = AddressPolicy(), AddressPolicy(allow_private=True, allow_http=True)


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_pass(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))
    assert check_endpoint(STRICT, lambda host, port: [text], "https://shop.example/hook") == "https://shop.example/hook"


@pytest.mark.parametrize("text", PRIVATE)
def test_addresses_of_other_networks_do_not_also_among_public_ones(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))
    with pytest.raises(GatewayError) as refused:
        check_endpoint(STRICT, lambda host, port: [PUBLIC[0], text], "https://shop.example/hook")
    assert refused.value.code == "WEBHOOK_ADDRESS_REFUSED"
    assert text not in refused.value.detail


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example/hook",
        "http://shop.example/",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "gopher://shop.example/",
        "unix:///var/run/docker.sock",
        "https://",
        "https:///path",
        "https://user@shop.example/",
        "https://user:word@shop.example/",
        "https://shop.example/#part",
        "https://shop.example:22/",
        "https://shop.example:80/",
        "https://shop.example:0/",
        "https://shop.example:99999/",
        "https://shop.example/\r\nHost: other",
        "https://shop.example/ x",
        "https://[::1/",
        f"https://shop.example/{'x' * 2048}",
    ],
)
def test_forms_that_are_refused(url: str) -> None:
    with pytest.raises(GatewayError) as refused:
        check_endpoint(STRICT, lambda host, port: [PUBLIC[0]], url)
    assert refused.value.code == "WEBHOOK_ADDRESS_REFUSED"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://localhost/",
        "https://LOCALHOST:8443/",
    ],
)
def test_this_machine_in_any_spelling(url: str) -> None:
    with pytest.raises(GatewayError) as refused:
        check_endpoint(STRICT, system_resolver, url)
    assert refused.value.code == "WEBHOOK_ADDRESS_REFUSED"


def test_a_host_that_does_not_resolve_is_refused() -> None:
    def nothing(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror("no such name")

    for resolver in (nothing, lambda host, port: []):
        with pytest.raises(GatewayError) as refused:
            check_endpoint(STRICT, resolver, "https://shop.example/")
        assert refused.value.code == "WEBHOOK_ADDRESS_REFUSED"


@pytest.fixture
async def send() -> AsyncIterator[Callable[..., Sender]]:
    """Makes senders, which are closed at the end."""
    made: list[Sender] = []

    def make(policy: AddressPolicy = OPEN, **more: object) -> Sender:
        made.append(Sender(policy, **{"timeout_seconds": 5.0, **more}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for sender in made:
        await sender.close()


async def test_a_name_that_changes_its_address_reaches_nothing(receiver: Receiver, send: Callable[..., Sender]) -> None:
    """DNS rebinding: public when it is registered, this machine when it is called."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return [PUBLIC[0]] if len(asked) == 1 else ["127.0.0.1"]

    policy = AddressPolicy(allow_private=False, allow_http=True)
    url = check_endpoint(policy, rebinding, f"http://shop.example:{receiver.port}/hook")
    outcome = await send(policy, resolver=rebinding).send(url, {}, b"{}")
    assert outcome.error == "ADDRESS_REFUSED"
    assert (len(asked), receiver.requests) == (2, [])


async def test_the_address_that_was_judged_is_the_one_that_is_called(
    receiver: Receiver, send: Callable[..., Sender]
) -> None:
    """A second look at the name would find another address; there is no second look, and the name stays in the Host header."""
    asked: list[str] = []

    def once(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else [PUBLIC[0]]

    outcome = await send(resolver=once).send(f"http://shop.example:{receiver.port}/hook", {}, b"{}")
    assert outcome.status_code == 204
    assert asked == ["shop.example"]
    assert receiver.requests[0].headers["host"] == f"shop.example:{receiver.port}"


async def test_a_redirect_is_not_followed(receiver: Receiver, send: Callable[..., Sender]) -> None:
    receiver.behaviour = answer(307, Location=receiver.url("/inside"))
    outcome = await send().send(receiver.url("/hook"), {}, b"{}")
    assert (outcome.status_code, outcome.delivered) == (307, False)
    assert [got.path for got in receiver.requests] == ["/hook"]


async def test_proxies_of_the_environment_are_not_used(
    receiver: Receiver, send: Callable[..., Sender], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await send().send(receiver.url(), {}, b"{}")).status_code == 204


async def test_a_slow_answer_is_given_up(receiver: Receiver, send: Callable[..., Sender]) -> None:
    def drip(handler: BaseHTTPRequestHandler, got: Received) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(200):
            handler.wfile.write(b".")
            handler.wfile.flush()
            time.sleep(0.05)

    receiver.behaviour = drip
    began = time.monotonic()
    outcome = await send(timeout_seconds=0.5).send(receiver.url(), {}, b"{}")
    assert outcome.error == "TIMEOUT"
    assert time.monotonic() - began < 5


async def test_a_big_answer_is_not_read_to_its_end(receiver: Receiver, send: Callable[..., Sender]) -> None:
    written: list[int] = []

    def flood(handler: BaseHTTPRequestHandler, got: Received) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 30))
        handler.end_headers()
        for _ in range(1 << 14):
            handler.wfile.write(b"x" * (1 << 16))
            written.append(1 << 16)

    receiver.behaviour = flood
    outcome = await send().send(receiver.url(), {}, b"{}")
    assert outcome.delivered
    assert sum(written) < 64 * ANSWER_BYTES_MAX * 16


async def test_ways_in_which_no_answer_comes(send: Callable[..., Sender]) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        refused = await send().send(f"http://127.0.0.1:{port}/", {}, b"{}")
        assert refused.error == "CONNECT_FAILED"
        silent.listen(1)
        outcome = asyncio.create_task(send(timeout_seconds=3.0).send(f"http://127.0.0.1:{port}/", {}, b"{}"))
        connection, _ = await asyncio.to_thread(silent.accept)
        connection.close()
        assert (await outcome).error == "CONNECTION_BROKEN"

    def nothing(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror("no such name")

    assert (await send(resolver=nothing).send("https://shop.example/", {}, b"{}")).error == "UNRESOLVED"
    strict = send(AddressPolicy(), resolver=lambda host, port: ["10.0.0.1"])
    assert (await strict.send("https://shop.example/", {}, b"{}")).error == "ADDRESS_REFUSED"
    assert (await strict.send("http://shop.example/", {}, b"{}")).error == "ADDRESS_REFUSED"


async def test_tls_is_for_the_name_and_not_for_the_address(tmp_path: Path, send: Callable[..., Sender]) -> None:
    server_tls, trusting = _tls(tmp_path, "shop.example")
    names: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n{}")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()

    server_tls.sni_callback = lambda connection, name, context: names.append(str(name))
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_tls)
    async with server:
        port = server.sockets[0].getsockname()[1]
        options = {"resolver": lambda host, port: ["127.0.0.1"], "tls": trusting}
        good = await send(**options).send(f"https://shop.example:{port}/", {}, b"{}")
        other = await send(**options).send(f"https://other.example:{port}/", {}, b"{}")
    assert good.status_code == 204
    assert other.error == "TLS_FAILED"
    assert names == ["shop.example", "other.example"]


def _tls(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context for the host, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "tls.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cafile=str(file))
    return server, client
