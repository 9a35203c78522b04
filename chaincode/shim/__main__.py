"""`python -m chaincode.shim`: serves the spec to a peer, with the same settings in the environment as the Go server.

CORE_CHAINCODE_ID_NAME the package id; CHAINCODE_SERVER_ADDRESS host:port; CHAINCODE_TLS_KEY_FILE and
CHAINCODE_TLS_CERT_FILE the server's key and certificate; CHAINCODE_CLIENT_CA_FILE, where set, the CA that the peer's
client certificate must come from; JIFEN_OPERATORS the MSP ids of the operators, with commas between them, and
JIFEN_NETWORK_ID the hash of the channel's first block: it endorses no OpenConsortium that names others. Ends on SIGTERM
after what is in flight. Exit code 2 with `SETTING: …` for a setting that is missing or cannot be used.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterable
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from fabric_chaincode_python.fabric_shim.logging import LOGGER as SHIM_LOGGER
from fabric_chaincode_python.fabric_shim.server import load_tls_config
from fabric_protos.peer import chaincode_shim_pb2, chaincode_shim_pb2_grpc

from chaincode.shim.handler import RulesHandler
from chaincode.shim.rules import Rules
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.fields import HASH

MESSAGE_BYTES_MAX = 100 * 1024 * 1024
"""As the Go shim's and the peer's own limit."""
GRACE_SECONDS = 10.0


class SettingError(Exception):
    """A setting is missing or cannot be used."""


class Service(chaincode_shim_pb2_grpc.ChaincodeServicer):  # type: ignore[misc]
    """Chaincode as a service: the peer connects, one stream each."""

    def __init__(self, package_id: str, operators: tuple[str, ...], network_id: str) -> None:
        self._package_id = package_id
        self._rules = Rules(operators, network_id)

    async def Connect(
        self,
        stream: AsyncIterable[chaincode_shim_pb2.ChaincodeMessage],
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> None:
        """One peer's stream."""
        await RulesHandler(self._package_id, self._rules).chat_with_peer(stream, context)


def setting(name: str) -> str:
    """An environment variable that must be set. Raises SettingError."""
    value = os.environ.get(name, "")
    if not value:
        raise SettingError(f"{name} is not set")
    return value


def network_id() -> str:
    """The network that this server was told of. Raises SettingError."""
    found = setting("JIFEN_NETWORK_ID")
    try:
        HASH.check(found, "JIFEN_NETWORK_ID")
    except Refusal as refusal:
        raise SettingError(refusal.detail) from None
    return found


def credentials() -> grpc.ServerCredentials:
    """The server's TLS credentials. Raises SettingError."""
    files = [setting("CHAINCODE_TLS_KEY_FILE"), setting("CHAINCODE_TLS_CERT_FILE")]
    client_ca = os.environ.get("CHAINCODE_CLIENT_CA_FILE", "")
    try:
        key, certificate = (Path(file).read_bytes() for file in files)
        found: grpc.ServerCredentials = load_tls_config(
            key, certificate, Path(client_ca).read_bytes() if client_ca else None
        )
    except OSError as error:
        raise SettingError(f"{error.filename}: {error.strerror}") from None
    return found


async def serve() -> None:
    """Serves until SIGTERM or SIGINT. Raises SettingError."""
    limits = [
        ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
        ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
    ]
    server = grpc.aio.server(options=limits)
    operators = tuple(setting("JIFEN_OPERATORS").split(","))
    service = Service(setting("CORE_CHAINCODE_ID_NAME"), operators, network_id())
    chaincode_shim_pb2_grpc.add_ChaincodeServicer_to_server(service, server)
    address = setting("CHAINCODE_SERVER_ADDRESS")
    try:
        server.add_secure_port(address, credentials())
    except RuntimeError as error:
        raise SettingError(f"CHAINCODE_SERVER_ADDRESS {address}: {error}") from None
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await server.start()
    logging.info("serving on %s", address)
    await stopping.wait()
    await server.stop(GRACE_SECONDS)


def main() -> int:
    """Exit code 0 after a stop, 2 for a bad setting."""
    # `force`: the shim, when it is imported, has set up logging at DEBUG.
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s", force=True
    )
    # The shim logs every key and value at INFO, and each message at WARNING.
    SHIM_LOGGER.setLevel(logging.ERROR)
    try:
        asyncio.run(serve())
    except SettingError as error:
        print(f"SETTING: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
