"""What a configuration block holds: the tree of groups, values and policies, and which organisations are in it."""

from __future__ import annotations

from typing import Any

from fabric_protos.common import configtx_pb2
from fabric_protos.msp import msp_config_pb2

from network.errors import NetworkError
from network.exchange.channel_block import configuration_of

APPLICATION = "Application"
MSP, ANCHOR_PEERS = "MSP", "AnchorPeers"
Config = Any
"""A `common.Config`: its `sequence` and its tree, `channel_group`."""
Group = Any
"""A `common.ConfigGroup`."""


def config_in(block: bytes) -> Config:
    """Gives the configuration in a block. Raises NetworkError CHANNEL_CONFIG_UNREADABLE for one that holds none."""
    try:
        return configuration_of(block)[1]
    except ValueError as error:
        raise NetworkError("CHANNEL_CONFIG_UNREADABLE", str(error)) from error


def application(config: Config) -> Group:
    """Gives the group of the organisations that use the channel."""
    return config.channel_group.groups[APPLICATION]


def members(config: Config) -> list[str]:
    """Gives the MSP ids of these organisations, sorted."""
    return sorted(application(config).groups)


def msp_of(config: Config, msp_id: str) -> Any:
    """Gives the `FabricMSPConfig` of an organisation in the channel. Raises KeyError."""
    groups = application(config).groups
    if msp_id not in groups:
        raise KeyError(msp_id)
    described = msp_config_pb2.MSPConfig.FromString(groups[msp_id].values[MSP].value)
    return msp_config_pb2.FabricMSPConfig.FromString(described.config)


def copy_of(config: Config) -> Config:
    """Gives a copy to change."""
    copied = configtx_pb2.Config()
    copied.CopyFrom(config)
    return copied
