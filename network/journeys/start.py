"""`start`: what does not run is started."""

from __future__ import annotations

from network.connection import NetworkConnection, load
from network.errors import NetworkError
from network.journeys.host import Host
from network.journeys.journey import Journey, walk
from network.journeys.readiness import prove_ready
from network.steps.serve import Serve

START: Journey = (Serve(),)


def start(host: Host) -> NetworkConnection:
    """Starts what is missing and waits until every peer has all blocks and every chaincode server answers. Raises
    NetworkError NETWORK_NOT_READY when the network never came wholly up (then `up` goes on with it)."""
    with host.alone(existing=True):
        participants = [one for one in host.participants() if one.name not in host.folder.joining]
        if not all(one.folder.connection.is_file() and one.folder.network_id for one in participants):
            raise NetworkError(
                "NETWORK_NOT_READY", f"{host.folder.root} never came wholly up; `jifen network up` goes on"
            )
        host.blocks_must_be_there(participants)
        host.endpoints_must_be_free()
        host.provide_programs(participants)
        walk(START, participants)
        prove_ready(host)
    return load(host.folder.root)
