"""Lasting, encrypted connections to peers and orderers."""

from __future__ import annotations

from typing import Any

import grpc.aio
from fabric_protos.gateway import gateway_pb2
from google.rpc import status_pb2

from network.connection import NodeConnection, TlsPair

MESSAGE_BYTES_MAX = 100 << 20
KEEPALIVE_MILLISECONDS = 120_000
"""Peers and orderers end a connection that is probed more than once a minute."""
CHANNEL_OPTIONS = (
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ("grpc.keepalive_time_ms", KEEPALIVE_MILLISECONDS),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # Fabric's nodes are named addresses of the consortium, never behind the proxy of the environment.
    ("grpc.enable_http_proxy", 0),
)
STATUS_DETAILS_KEY = "grpc-status-details-bin"


def open_channel(node: NodeConnection, tls: TlsPair | None = None) -> grpc.aio.Channel:
    """A channel to the node, opened with its first call and again by itself after a break. `tls` is what it shows to a
    node that asks clients for a certificate. Raises OSError when a PEM file cannot be read."""
    options = (
        *CHANNEL_OPTIONS,
        ("grpc.ssl_target_name_override", node.tls_name),
        ("grpc.default_authority", node.tls_name),
    )
    credentials = grpc.ssl_channel_credentials(
        root_certificates=node.tls_root.read_bytes(),
        private_key=tls.private_key.read_bytes() if tls else None,
        certificate_chain=tls.certificate.read_bytes() if tls else None,
    )
    return grpc.aio.secure_channel(node.address, credentials, options=options)


def explain(error: grpc.aio.AioRpcError) -> str:
    """What went wrong, with what each peer and orderer said of it."""
    said = [f"{detail.msp_id} at {detail.address}: {detail.message}" for detail in details_of(error)]
    return "; ".join([error.details() or error.code().name, *said])


def details_of(error: grpc.aio.AioRpcError) -> list[Any]:
    """The Gateway service's `ErrorDetail`s: which node (`msp_id`, `address`) said what (`message`)."""
    found = []
    for key, value in error.trailing_metadata() or ():
        if key != STATUS_DETAILS_KEY:
            continue
        for packed in status_pb2.Status.FromString(value if isinstance(value, bytes) else value.encode()).details:
            detail = gateway_pb2.ErrorDetail()
            if packed.Unpack(detail):
                found.append(detail)
    return found
