"""The end of `up` and `start`: the network is ready, and that was seen."""

from __future__ import annotations

import json

from network.folders import write
from network.health import wait_ready
from network.journeys.host import Host
from network.nodes.peer_admin import PeerAdmin


def prove_ready(host: Host) -> None:
    """Returns when the network is ready as `status` means it; and unless these very processes have shown it before,
    when a commit was seen on every peer. Raises the errors of `wait_ready`, or NetworkError STEP_FAILED."""
    wait_ready(host)
    host.say("every peer is level with the channel, every chaincode server answers")
    pids = {service.label: host.runtime.status(service).pid for service in host.services_inside()}
    running, proved = json.dumps(pids, indent=2), host.folder.proved
    if not proved.is_file() or proved.read_text(encoding="utf-8") != running:
        participants = host.participants()
        operator = next(one for one in participants if one.name == one.operator)
        PeerAdmin(operator).probe_commit()
        write(proved, running)
        host.say("a commit was seen on every peer")
