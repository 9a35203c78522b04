"""The organisation's services run."""

from __future__ import annotations

from network.exchange import channel_block
from network.nodes.services import services_of
from network.participant import Participant
from network.runtime.service import bring_up
from network.steps.step import Step, TakenBy


class Serve(Step):
    """Starts the organisation's peers, ordering nodes, chaincode server and all else that it runs; anew what is
    outdated."""

    name = "serve"
    summary = "all services of the organisation run, with the configuration that they have now"
    taken_by = TakenBy.EVERY_ORG
    needs = (channel_block.FILE,)
    revises = (
        "proposal_time_window",
        "limits.*",
        "orgs.*.peers.*.metrics_port",
        "orgs.*.peers.*.profile_port",
        "orgs.*.orderers.*.admin_port",
        "orgs.*.orderers.*.metrics_port",
    )

    def done(self, participant: Participant) -> bool:
        """Says whether all listen and none is outdated."""
        found = [participant.runtime.status(service) for service in services_of(participant)]
        return all(status.listening and not status.outdated for status in found)

    def take(self, participant: Participant) -> None:
        """Starts what is missing. Raises NetworkError PORT_TAKEN, PROCESS_ENDED or WAIT_TIMEOUT."""
        started = bring_up(participant.runtime, services_of(participant))
        if started:
            participant.report(f"started {', '.join(started)}")
