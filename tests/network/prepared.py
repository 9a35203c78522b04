"""A consortium of two merchants whose organisations are prepared and have published, without any process."""

from __future__ import annotations

from collections.abc import Iterable

from fabric_protos.common import common_pb2

from network.declaration import merchants_declaration
from network.exchange.post import deliver
from network.folders import OrgFolder

DECLARATION = merchants_declaration(2)
FIRST_BLOCK = common_pb2.Block(header=common_pb2.BlockHeader(number=0, data_hash=bytes(range(32))))


def post(orgs: Iterable[OrgFolder]) -> None:
    """Brings what each has sent to all."""
    orgs = list(orgs)
    for org in orgs:
        deliver(org, orgs)
