"""What an organisation wants of the channel's configuration, by its own declaration and by what it has received; the
files by which a change is agreed on."""

from __future__ import annotations

from network.channel.admissible import must_be_admissible
from network.channel.changes import Admit, Change, wanted
from network.channel.configuration import Config
from network.errors import NetworkError
from network.exchange import config_signature, config_update, revocation_list
from network.exchange.config_signature import ConfigSignature, config_signature_from
from network.exchange.config_update import ConfigUpdate, config_update_from
from network.exchange.definition import received_definitions
from network.exchange.envelope import read_envelope
from network.exchange.files import received
from network.folders import OrgFolder
from network.participant import Participant


def wanted_changes(participant: Participant, config: Config) -> list[Change]:
    """Gives the changes by which the channel comes to hold the declared organisations and no others. Raises
    NetworkError STEP_INPUT_MISSING, FILE_REFUSED or DEFINITION_REFUSED."""
    folder, consortium = participant.folder, participant.consortium
    found = wanted(
        config, received_definitions(folder, consortium), consortium.endorsement.k, _received_revocations(participant)
    )
    for change in found:
        if isinstance(change, Admit):
            must_be_admissible(change.definition)
    return found


def _received_revocations(participant: Participant) -> dict[str, bytes]:
    """Gives the lists of revoked certificates (PEM) that have come, by the MSP ids of their senders."""
    found = {}
    for org in participant.consortium.orgs:
        try:
            envelope = received(
                participant.folder, participant.consortium, org.name, revocation_list.FILE, revocation_list.KIND
            )
        except NetworkError as error:
            if error.code != "STEP_INPUT_MISSING":
                raise
            continue
        found[org.msp] = envelope.payload
    return found


def sent_update(folder: OrgFolder, change: Change) -> ConfigUpdate | None:
    """Gives the update that the organisation itself has sent for a change, None before it has. Raises NetworkError
    FILE_REFUSED."""
    file = folder.outbox / config_update.file_of(change.name)
    return config_update_from(read_envelope(file.read_bytes(), file.name)) if file.is_file() else None


def sent_signature(folder: OrgFolder, change: Change) -> ConfigSignature | None:
    """Gives the organisation's own signature for a change, None before there is one. Raises NetworkError
    FILE_REFUSED."""
    file = folder.outbox / config_signature.file_of(change.name)
    return config_signature_from(read_envelope(file.read_bytes(), file.name)) if file.is_file() else None


def received_update(participant: Participant, change: Change) -> ConfigUpdate:
    """Gives the update that the operator has sent for a change. Raises NetworkError STEP_INPUT_MISSING or
    FILE_REFUSED."""
    name = config_update.file_of(change.name)
    envelope = received(participant.folder, participant.consortium, participant.operator, name, config_update.KIND)
    return config_update_from(envelope)


def received_signatures(participant: Participant, change: Change) -> dict[str, ConfigSignature]:
    """Gives the signatures that have come for a change, by their senders. Raises NetworkError FILE_REFUSED."""
    name, found = config_signature.file_of(change.name), {}
    for org in participant.consortium.orgs:
        try:
            envelope = received(participant.folder, participant.consortium, org.name, name, config_signature.KIND)
        except NetworkError as error:
            if error.code != "STEP_INPUT_MISSING":
                raise
            continue
        found[org.name] = config_signature_from(envelope)
    return found
