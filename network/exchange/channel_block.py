"""`channel.block`, the first block of the channel, by whose hash the network is known."""

from __future__ import annotations

import hashlib

from network.declaration.model import Consortium
from network.folders import OrgFolder

FILE = "channel.block"
DER_SEQUENCE, DER_INTEGER, DER_OCTETS = 0x30, 0x02, 0x04


def received_block(folder: OrgFolder, consortium: Consortium) -> bytes:
    """Gives the block that the first operator sent to this organisation. Raises NetworkError STEP_INPUT_MISSING."""
    return folder.received(consortium.operators[0], FILE).read_bytes()


def network_id(folder: OrgFolder, consortium: Consortium) -> str:
    """Gives the network's id, from the block that was received. Raises NetworkError STEP_INPUT_MISSING."""
    return network_id_of(received_block(folder, consortium))


def network_id_of(first_block: bytes) -> str:
    """Gives the id of the network whose channel begins with this `common.Block`: its header's hash, 64 lower-case hex
    digits."""
    from fabric_protos.common import common_pb2  # a third of what a command takes to start, and few commands come here

    header = common_pb2.Block.FromString(first_block).header
    return header_hash(header.number, header.previous_hash, header.data_hash).hex()


def header_hash(number: int, previous_hash: bytes, data_hash: bytes) -> bytes:
    """Gives the hash by which the next block names this one: SHA-256 over the header's three fields in DER."""
    integer = number.to_bytes(number.bit_length() // 8 + 1, "big")
    fields = _der(DER_INTEGER, integer) + _der(DER_OCTETS, previous_hash) + _der(DER_OCTETS, data_hash)
    return hashlib.sha256(_der(DER_SEQUENCE, fields)).digest()


def _der(tag: int, content: bytes) -> bytes:
    assert len(content) < 0x80, "the three fields of a block header are short"
    return bytes((tag, len(content))) + content
