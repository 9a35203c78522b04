"""`channel.json`, the first block of the channel, by whose hash the network is known."""

from __future__ import annotations

import hashlib
from typing import Any

from network.declaration.model import Consortium
from network.exchange.definition import sender_root
from network.exchange.envelope import Envelope, refused
from network.exchange.files import Kind, received
from network.folders import OrgFolder

TYPE = "channel-block"
FILE = "channel.json"
DER_SEQUENCE, DER_INTEGER, DER_OCTETS = 0x30, 0x02, 0x04


def received_block(folder: OrgFolder, consortium: Consortium) -> bytes:
    """Gives the block that the first operator sent to this organisation. Raises NetworkError STEP_INPUT_MISSING or
    FILE_REFUSED."""
    return received(folder, consortium, consortium.operators[0], FILE, KIND).payload


def network_id_of(first_block: bytes) -> str:
    """Gives the id of the network whose channel begins with this `common.Block`: its header's hash, 64 lower-case hex
    digits."""
    from fabric_protos.common import common_pb2  # a third of what a command takes to start, and few commands come here

    header = common_pb2.Block.FromString(first_block).header
    return header_hash(header.number, header.previous_hash, header.data_hash).hex()


def number_of(block: bytes) -> int:
    """Gives the number of a `common.Block`."""
    from fabric_protos.common import common_pb2

    return int(common_pb2.Block.FromString(block).header.number)


def header_hash(number: int, previous_hash: bytes, data_hash: bytes) -> bytes:
    """Gives the hash by which the next block names this one: SHA-256 over the header's three fields in DER."""
    integer = number.to_bytes(number.bit_length() // 8 + 1, "big")
    fields = _der(DER_INTEGER, integer) + _der(DER_OCTETS, previous_hash) + _der(DER_OCTETS, data_hash)
    return hashlib.sha256(_der(DER_SEQUENCE, fields)).digest()


def configuration_of(block: bytes) -> tuple[str, Any]:
    """Gives the channel that a configuration block is of, and its configuration (`common.Config`). Raises ValueError
    for another block."""
    from fabric_protos.common import common_pb2, configtx_pb2
    from google.protobuf.message import DecodeError

    try:
        data = common_pb2.Block.FromString(block).data.data
        payload = common_pb2.Payload.FromString(common_pb2.Envelope.FromString(data[0]).payload)
        header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
        config = configtx_pb2.ConfigEnvelope.FromString(payload.data).config
    except (DecodeError, IndexError) as error:
        raise ValueError("it is no block with a channel's configuration") from error
    if header.type != common_pb2.CONFIG:
        raise ValueError("it is no block with a channel's configuration")
    return header.channel_id, config


def orgs_in(config: Any) -> list[str]:
    """Gives the MSP ids of the organisations in a channel's application group."""
    return sorted(config.channel_group.groups["Application"].groups)


def _check(folder: OrgFolder, consortium: Consortium, envelope: Envelope) -> None:
    """Checks what can be seen of the block alone; that it says what the declaration and the definitions say is for the
    step `examine`. Raises NetworkError FILE_REFUSED."""
    if envelope.sender != consortium.operators[0]:
        raise refused(envelope.sender, f"the first block comes from {consortium.operators[0]}, the first operator")
    try:
        channel, _ = configuration_of(envelope.payload)
    except ValueError as error:
        raise refused(envelope.sender, str(error)) from error
    number = number_of(envelope.payload)
    if number != 0 or channel != consortium.channel:
        raise refused(
            envelope.sender, f"it is block {number} of channel {channel}, not the first of {consortium.channel}"
        )
    if envelope.network_id != network_id_of(envelope.payload):
        raise refused(envelope.sender, "its network is not the one that begins with this block")


def _words(envelope: Envelope) -> list[str]:
    channel, config = configuration_of(envelope.payload)
    return [
        f"the first block of channel {channel}; the network that begins with it is {network_id_of(envelope.payload)}",
        f"organisations in it: {', '.join(orgs_in(config))}",
        "whoever accepts it compares it with the declaration and with every definition before a node takes it",
    ]


def _der(tag: int, content: bytes) -> bytes:
    assert len(content) < 0x80, "the three fields of a block header are short"
    return bytes((tag, len(content))) + content


KIND = Kind(TYPE, lambda envelope: FILE, sender_root, _words, _check)
