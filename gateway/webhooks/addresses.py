"""Which addresses webhooks may be sent to, so that nobody reaches the gateway's own network through it.

A host name is judged by what it resolves to, every address of it, when the endpoint is registered and again for each
connection (`gateway.webhooks.transport` connects to the very address that was judged).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from gateway.core.errors import GatewayError

URL_CHARACTERS_MAX = 2048
UNPRIVILEGED_PORT = 1024
PORT_MAX = 65_535
HTTPS_PORT, HTTP_PORT = 443, 80
NOT_PUBLIC = "the host does not resolve to public addresses"
"""The one answer for every host that is not taken: which names there are inside the gateway's network is nobody else's
business."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""The addresses of a host, as text. Raises OSError when it has none. May block."""

REFUSED_NETWORKS = tuple(
    ipaddress.ip_network(text)
    for text in (
        # IANA's special-purpose registries (RFC 6890 and later), and multicast.
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",  # unspecified, loopback, IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64, local use
        "100::/64",
        "2001::/23",  # Teredo, ORCHID and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)


@dataclass(frozen=True)
class AddressPolicy:
    """What is allowed beyond https to public addresses. `allow_private` lets every address and port pass: for tests and
    closed networks."""

    allow_private: bool = False
    allow_http: bool = False

    def check_url(self, text: str) -> httpx.URL:
        """The address, when its form is allowed. Raises GatewayError WEBHOOK_ADDRESS_REFUSED."""
        try:
            url = httpx.URL(text)
        except (httpx.InvalidURL, ValueError, UnicodeError):
            raise refused("not a URL") from None
        if len(text) > URL_CHARACTERS_MAX or not text.isprintable() or " " in text:
            raise refused(f"not a URL of at most {URL_CHARACTERS_MAX} characters")
        if url.scheme != "https" and not (url.scheme == "http" and self.allow_http):
            raise refused("only https" if not self.allow_http else "only https and http")
        if not url.host:
            raise refused("no host")
        if url.userinfo or url.fragment:
            raise refused("a user, a password or a fragment has no place in it")
        if url.port is not None:
            self.check_port(url.port, url.scheme)
        return url

    def check_port(self, port: int, scheme: str) -> None:
        """The scheme's own port, or one that no system service has. Raises GatewayError WEBHOOK_ADDRESS_REFUSED."""
        own = HTTPS_PORT if scheme == "https" else HTTP_PORT
        least = 1 if self.allow_private else UNPRIVILEGED_PORT
        if port != own and not least <= port <= PORT_MAX:
            raise refused(f"port {port}: only {own}, or {least} to {PORT_MAX}")

    def check_addresses(self, found: Sequence[str]) -> list[Address]:
        """The addresses of a host, when each of them is allowed. Raises GatewayError WEBHOOK_ADDRESS_REFUSED, which
        does not tell them."""
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in found]
        if not addresses or not (self.allow_private or all(is_public(address) for address in addresses)):
            raise refused(NOT_PUBLIC)
        return addresses


def is_public(address: Address) -> bool:
    """Whether the address belongs to the public internet, and not to a network that only the gateway may reach."""
    if any(address.version == network.version and address in network for network in REFUSED_NETWORKS):
        return False
    return address.is_global and not address.is_multicast


def refused(detail: str) -> GatewayError:
    """WEBHOOK_ADDRESS_REFUSED."""
    return GatewayError("WEBHOOK_ADDRESS_REFUSED", detail)


def system_resolver(host: str, port: int) -> list[str]:
    """The addresses that the machine's own resolver gives."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_endpoint(policy: AddressPolicy, resolver: Resolver, text: str) -> str:
    """The address of an endpoint that is being registered, in normal form. Raises GatewayError
    WEBHOOK_ADDRESS_REFUSED."""
    url = policy.check_url(text)
    try:
        found = resolver(url.host, url.port or HTTPS_PORT)
    except (OSError, UnicodeError):
        raise refused(NOT_PUBLIC) from None
    policy.check_addresses(found)
    return str(url)
