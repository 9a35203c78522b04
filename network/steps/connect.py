"""The organisation writes down what it knows of the network: `connection.json`, hfc's `profile.json`, and the roots of
the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from network.connection import CREDENTIAL_STORE, connection_of, load_org
from network.exchange import channel_block, definition
from network.exchange.definition import NodeDefinition, OrgDefinition, received_definitions
from network.folders import write
from network.nodes.peer_admin import PeerAdmin
from network.participant import Participant
from network.rendering.authority import identity_authority, tls_authority
from network.steps.step import Step, TakenBy

KNOWN = "the organisation knows the network: its gateways and other clients find it in `connection.json`"
PASSING = (
    "until the chaincode's policy names who joins and no more who leaves, gateways have so many of the others endorse that "
    "the policies before and after are both satisfied"
)


class Connect(Step):
    """Writes the connection files from the declaration, the definitions and the first block received. With `passing`
    they name who is in the network both before and after a change of the chaincode's policy, and the greater number of
    endorsements: what is endorsed so is valid whenever it comes into a block."""

    needs = (definition.FILE, channel_block.FILE)
    revises = (
        "orgs.*.display_name",
        "orgs.*.gateway_org",
        "orgs.*.roles+",
        "orgs.*.ca.port",
        "proposal_time_window",
    )

    def __init__(
        self,
        name: str = "connect",
        taken_by: TakenBy = TakenBy.EVERY_ORG,
        awaits: tuple[str, ...] = (),
        *,
        passing: bool = False,
    ) -> None:
        self.name = name
        self.awaits = awaits
        self.taken_by = taken_by
        self.summary = PASSING if passing else KNOWN
        self._passing = passing

    def done(self, participant: Participant) -> bool:
        """Says whether the files are what follows from what was received."""
        store = participant.folder.root / CREDENTIAL_STORE
        return store.is_dir() and all(
            file.is_file() and file.read_text(encoding="utf-8") == text
            for file, text in self._files(participant).items()
        )

    def waits_for(self, participant: Participant) -> list[str]:
        """Gives, behind a commit, that the chaincode's definition does not follow the declaration yet."""
        admin = PeerAdmin(participant)
        if not self.awaits or admin.committed_definition(admin.gateway_peer) == admin.due_definition(
            admin.gateway_peer
        ):
            return []
        return ["the chaincode's definition to name everybody"]

    def take(self, participant: Participant) -> None:
        """Writes the files. Raises NetworkError STEP_INPUT_MISSING, DECLARATION_CHANGED or DEFINITION_REFUSED."""
        (participant.folder.root / CREDENTIAL_STORE).mkdir(mode=0o700, parents=True, exist_ok=True)
        for file, text in self._files(participant).items():
            write(file, text)

    def _files(self, participant: Participant) -> dict[Path, str]:
        folder, consortium = participant.folder, participant.consortium
        definitions, k = received_definitions(folder, consortium), consortium.endorsement_k
        if self._passing:
            definitions = [one for one in definitions if one.name not in participant.newcomers]
            k = max(k, load_org(folder.root).endorsement_k)
        document = {
            "name": consortium.name,
            "channel": consortium.channel,
            "chaincode": consortium.chaincode,
            "network_id": folder.network_id,
            "time_zone": consortium.time_zone,
            "currency": consortium.currency.model_dump(),
            "endorsement_k": k,
            "proposal_time_window_seconds": consortium.proposal_time_window // 1000,
            "replay": consortium.replay,
            "operators": list(consortium.operators),
            "orgs": [_org(participant, one) for one in definitions],
        }
        files: dict[Path, str] = {}
        for one in definitions:
            files[_known(participant, one) / "ca.pem"] = one.root
            files[_known(participant, one) / "tlsca.pem"] = one.tls_root
        profile = connection_of(folder.root, document).profile(participant.name)
        files[folder.profile] = json.dumps(profile, ensure_ascii=False, indent=2) + "\n"
        # Last, as it says that the organisation knows the network.
        files[folder.connection] = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        return files


def _known(participant: Participant, one: OrgDefinition) -> Path:
    return participant.folder.root / "known" / one.name


def _org(participant: Participant, one: OrgDefinition) -> dict[str, Any]:
    tls_root = str((_known(participant, one) / "tlsca.pem").relative_to(participant.folder.root))
    own = participant.org if one.name == participant.name else None

    def node(definition: NodeDefinition) -> dict[str, str]:
        return {
            "name": definition.tls_name,
            "address": definition.address,
            "tls_root": tls_root,
            "tls_name": definition.tls_name,
        }

    return {
        "name": one.name,
        "display_name": one.display_name,
        "msp_id": one.msp_id,
        "domain": one.domain,
        "peers": [node(peer) for peer in one.peers],
        "orderers": [node(orderer) for orderer in one.orderers],
        "chaincode_implementation": one.chaincode_implementation,
        "gateway_org": one.gateway_org,
        "identities": _identities(participant) if own else {},
        "authority": {
            "name": identity_authority(own),
            "tls_name": tls_authority(own),
            "url": participant.endpoints["ca"].url(),
            "tls_root": tls_root,
        }
        if own
        else None,
    }


def _identities(participant: Participant) -> dict[str, dict[str, str]]:
    folder = participant.folder
    found = {}
    for name in ("admin", "gateway", *participant.org.roles):
        msp = folder.identity_msp(name).relative_to(folder.root)
        found[name] = {
            "role": name,
            "certificate": str(msp / "signcerts/cert.pem"),
            "private_key": str(msp / "keystore/key.pem"),
        }
        if participant.consortium.mutual_tls:
            tls = folder.identity_tls(name).relative_to(folder.root)
            found[name] |= {"tls_certificate": str(tls / "client.crt"), "tls_private_key": str(tls / "client.key")}
    return found
