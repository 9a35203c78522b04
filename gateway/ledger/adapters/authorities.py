"""Reads the certificate authorities of a channel's organisations out of its configuration, as the own peer keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2
from fabric_protos.msp import msp_config_pb2

from gateway.ledger.evidence import Authority

PARTS = {"Application": "application", "Orderer": "orderer"}


def configuration_block_of(block: Any) -> int:
    """The number of the configuration block in force at a `common.Block`, as its orderers signed it; block 0 is one
    itself."""
    if block.header.number == 0:
        return 0
    signed = common_pb2.Metadata.FromString(block.metadata.metadata[common_pb2.SIGNATURES])
    return int(common_pb2.OrdererBlockMetadata.FromString(signed.value).last_config.index)


def authorities_in(block: Any) -> tuple[Authority, ...]:
    """The organisations of a configuration block, by part and name. Raises ValueError for a block that is none."""
    payload = common_pb2.Payload.FromString(common_pb2.Envelope.FromString(block.data.data[0]).payload)
    header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
    if header.type != common_pb2.CONFIG:
        raise ValueError(f"block {block.header.number} holds no configuration")
    channel = configtx_pb2.ConfigEnvelope.FromString(payload.data).config.channel_group
    return tuple(sorted(_authorities(channel), key=lambda found: (found.part, found.msp_id)))


def _authorities(channel: Any) -> Iterator[Authority]:
    for group_name, part in PARTS.items():
        for organisation in channel.groups[group_name].groups.values():
            described = msp_config_pb2.MSPConfig.FromString(organisation.values["MSP"].value)
            found = msp_config_pb2.FabricMSPConfig.FromString(described.config)
            yield Authority(found.name, part, tuple(found.root_certs), tuple(found.intermediate_certs))
