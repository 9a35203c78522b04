"""The organisation makes itself known to the others."""

from __future__ import annotations

from network.exchange import definition
from network.exchange.envelope import Envelope
from network.participant import Participant
from network.rendering.channel import ROOT_FILE, TLS_ROOT_FILE
from network.steps.sending import is_sent, send
from network.steps.step import Step, TakenBy


class Publish(Step):
    """Puts the organisation's definition into its outbox. The organisation must be enrolled."""

    name = "publish"
    summary = (
        "its root certificates, the addresses of its nodes and its ordering nodes' TLS certificates go to the others"
    )
    taken_by = TakenBy.EVERY_ORG
    sends = (definition.FILE,)
    revises = ("orgs.*.display_name", "orgs.*.gateway_org")

    def done(self, participant: Participant) -> bool:
        """Says whether the definition in the outbox is that of the organisation as it is now."""
        return is_sent(participant, definition.FILE, _definition(participant))

    def take(self, participant: Participant) -> None:
        """Writes the definition."""
        send(participant, definition.FILE, _definition(participant))


def _definition(participant: Participant) -> Envelope:
    folder, org = participant.folder, participant.org
    certificates = {
        one.name: (folder.node(one.name) / "tls/server.crt").read_text(encoding="ascii") for one in org.orderers
    }
    one = definition.definition_of(
        participant.consortium,
        org,
        participant.endpoints,
        root=(folder.msp / ROOT_FILE).read_text(encoding="ascii"),
        tls_root=(folder.msp / TLS_ROOT_FILE).read_text(encoding="ascii"),
        orderer_certificates=certificates,
        declaration_digest=folder.declaration_digest(),
    )
    # It is the same before and after there is a network.
    return participant.envelope(definition.TYPE, one.to_json().encode(), network_id="")
