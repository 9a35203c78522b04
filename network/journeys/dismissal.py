"""What is seen of an organisation that has left, or an identity that was revoked: no door lets it in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from network.connection import NodeConnection
from network.errors import NetworkError
from network.journeys.host import Host
from network.nodes.doors import Trial, Visitor, tried, tried_participation
from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant
from network.runtime.waiting import wait_until

LIMIT_SECONDS = 60
"""How long a peer may need to come to the block by which somebody is dismissed."""


def must_be_refused(host: Host, visitors: Sequence[Visitor], insiders: Sequence[Participant]) -> list[Trial]:
    """Tries each identity at every door of these organisations' nodes until it is refused everywhere; gives what it was
    told. Raises NetworkError STILL_LET_IN with the doors that are open."""
    found: list[Trial] = []

    def refused_everywhere() -> bool:
        found[:] = [trial for visitor in visitors for trial in _trials(visitor, insiders)]
        return all(trial.refused for trial in found)

    try:
        wait_until(refused_everywhere, "refused everywhere", LIMIT_SECONDS, interval_seconds=0.5)
    except NetworkError as error:
        told = "; ".join(f"{one.visitor}: {one.door} at {one.node}" for one in found if not one.refused)
        raise NetworkError("STILL_LET_IN", told) from error
    doors = sorted({trial.door for trial in found})
    host.say(f"{', '.join(one.name for one in visitors)}: refused at {', '.join(doors)} of every node")
    return found


def _trial_of_gossip(visitor: Visitor, insider: Participant, peer: NodeConnection) -> Trial:
    """Whether a peer goes on to speak of the channel with a node that has the visitor's certificate."""
    known = visitor.certificate.strip() in [one.strip() for one in PeerAdmin(insider).known_peers(peer)]
    return Trial(visitor.name, "gossip", peer.name, not known, "it is known" if known else "it is not known")


def _trials(visitor: Visitor, insiders: Sequence[Participant]) -> list[Trial]:
    view = insiders[0].view()
    visitor = replace(visitor, tls=view.org(insiders[0].name).identity("admin").tls)
    peers = [peer for one in insiders for peer in view.org(one.name).peers]
    found = list(tried(visitor, view, peers))
    for one in insiders:
        found += [_trial_of_gossip(visitor, one, peer) for peer in view.org(one.name).peers]
        for orderer in one.org.orderers:
            node = next(node for node in view.org(one.name).orderers if node.name == f"{orderer.name}.{one.org.dns}")
            found.append(tried_participation(visitor, node, one.endpoints[f"{orderer.name}.admin"]))
    return found
