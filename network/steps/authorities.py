"""The organisation's certificate authorities run."""

from __future__ import annotations

from network.nodes.services import authority_service
from network.participant import Participant
from network.runtime.service import bring_up
from network.steps.step import Step, TakenBy


class RunAuthorities(Step):
    """Starts the server of the organisation's certificate authorities, anew where its configuration has changed."""

    name = "authorities"
    summary = "the organisation's certificate authorities run, with the configuration that they have now"
    taken_by = TakenBy.EVERY_ORG
    revises = ("orgs.*.ca.port", "orgs.*.ca.metrics_port")

    def done(self, participant: Participant) -> bool:
        """Says whether the server, where it is on this machine, listens and is not outdated."""
        if not participant.runs_here("ca"):
            return True
        status = participant.runtime.status(authority_service(participant))
        return status.listening and not status.outdated

    def take(self, participant: Participant) -> None:
        """Starts it. Raises NetworkError PORT_TAKEN, PROCESS_ENDED or WAIT_TIMEOUT."""
        bring_up(participant.runtime, [authority_service(participant)])
