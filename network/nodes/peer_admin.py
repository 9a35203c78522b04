"""What peers are asked and told by an organisation's admin, through Fabric's own commands."""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import cycle
from pathlib import Path

from network.channel.configuration import Config, config_in
from network.channel.policies import endorsement_in
from network.connection import NetworkConnection, NodeConnection, TlsPair
from network.declaration.chaincode_definition import ChaincodeDefinition, chaincode_definition
from network.declaration.policies import out_of
from network.errors import NetworkError
from network.exchange.channel_block import number_of
from network.nodes.peer_command import PeerCommand
from network.participant import Participant
from network.runtime.waiting import wait_until

PROBE_FUNCTION, PROBE_ARGUMENT = "ReadState", '{"after":"~","rows":1}'
PROBE = json.dumps({"function": PROBE_FUNCTION, "Args": [PROBE_ARGUMENT]})
"""The one question that every state of the ledger answers, also before the consortium is opened; it reads
behind the last key, so that no traffic can invalidate it. Asked as a transaction it writes nothing."""
AS_JSON = ("--output", "json")
LEADER_LIMIT_SECONDS = 30
COMMAND_LIMIT_SECONDS = 30
NO_LEADER_MARKS = ("SERVICE_UNAVAILABLE", "no Raft leader", "connection refused")
CHAINCODE_SILENT_MARKS = ("error in simulation", "make sure the chaincode")
"""What a peer says when the chaincode server was not reached (it may not answer at all), or when it has no definition
or no package of the chaincode."""
OUTDATED_MARK = "proposed update requires that key"
NOT_ADMITTED_MARK = "access denied for [GetChainInfo]"
NOT_IN_CHANNEL_MARK = "Invalid chain ID"
NOT_APPROVED_MARK = "could not fetch approved chaincode definition"
OWN_RECORD_LOST_MARK = "private data matching public hash version is not available"
"""What a peer says of its org's approval after its data was lost. The approval itself stands on the channel, with the
hash of the package by which the peer finds what it has installed; what was said beside it is the org's alone, and
cannot be said again for the same sequence."""


class PeerAdmin:
    """The admin of one organisation, against its own peers (or, for an organisation without, a merchant's)."""

    def __init__(self, participant: Participant) -> None:
        self.participant = participant
        self.consortium = participant.consortium

    @cached_property
    def view(self) -> NetworkConnection:
        """Gives the network as the organisation knows it."""
        return self.participant.view()

    @cached_property
    def tls(self) -> TlsPair | None:
        """Gives what the admin shows to nodes that ask for a TLS certificate."""
        return self.view.org(self.participant.name).identity("admin").tls

    @property
    def own_peers(self) -> tuple[NodeConnection, ...]:
        """Gives the organisation's own peers."""
        return self.view.org(self.participant.name).peers

    def own_peer(self, name: str) -> NodeConnection:
        """Gives one of the organisation's own peers by its name in the declaration."""
        return next(peer for peer in self.own_peers if peer.name == f"{name}.{self.participant.org.dns}")

    @property
    def gateway_peer(self) -> NodeConnection:
        """Gives the peer that serves the organisation first."""
        return self.view.gateway_peer(self.participant.name)

    def command(self, peer: NodeConnection) -> PeerCommand:
        """Gives the `peer` command against one peer."""
        own = self.participant
        return PeerCommand(own.folder, own.org.msp, own.programs, peer, self.tls)

    def is_in_channel(self, peer: NodeConnection) -> bool:
        """Says whether the peer is in the channel."""
        return self.consortium.channel in self.command(peer).run("channel", "list").splitlines()

    def height(self, peer: NodeConnection) -> int:
        """Gives how many blocks of the channel the peer has; 0 while it has not come to the one by which its
        organisation was taken in, as it tells its own admin nothing before. Raises NetworkError NETWORK_NOT_READY when
        it is not in it."""
        try:
            answer = self.command(peer).run("channel", "getinfo", "-c", self.consortium.channel)
        except NetworkError as error:
            if NOT_ADMITTED_MARK in error.detail:
                return 0
            if NOT_IN_CHANNEL_MARK not in error.detail:
                raise
            raise NetworkError("NETWORK_NOT_READY", f"{peer.name} is not in the channel") from error
        height: int = json.loads(answer.partition(":")[2])["height"]
        return height

    def installed_packages(self, peer: NodeConnection) -> list[str]:
        """Gives the ids of the packages that are installed on the peer."""
        installed = json.loads(self.command(peer).run("lifecycle", "chaincode", "queryinstalled", *AS_JSON))
        return [one["package_id"] for one in installed.get("installed_chaincodes", [])]

    def approved_package(self, peer: NodeConnection, definition: ChaincodeDefinition, expected: str) -> str | None:
        """Gives the id of the package that the organisation has approved with the definition, None before it has;
        `expected` where the peer has lost its own record of it."""
        scope = ["--channelID", definition.channel, "--name", definition.name]
        sequence = ["--sequence", str(definition.sequence)]
        command = self.command(peer)
        try:
            answer = command.run("lifecycle", "chaincode", "queryapproved", *scope, *sequence, *AS_JSON)
        except NetworkError as error:
            if NOT_APPROVED_MARK in error.detail:
                return None
            if OWN_RECORD_LOST_MARK in error.detail:
                return expected
            raise
        source = json.loads(answer).get("source", {}).get("Type", {}).get("LocalPackage", {})
        package_id: str | None = source.get("package_id")
        return package_id

    def committed_definition(self, peer: NodeConnection) -> ChaincodeDefinition | None:
        """Gives the definition that the channel has committed, as the peer knows it; None before there is one. Raises
        NetworkError CHANNEL_CONFIG_UNREADABLE where its policy names no organisations one by one."""
        channel, name = self.consortium.channel, self.consortium.chaincode
        answer = self.command(peer).run("lifecycle", "chaincode", "querycommitted", "--channelID", channel, *AS_JSON)
        for one in json.loads(answer).get("chaincode_definitions", []):
            if one["name"] == name:
                policy = endorsement_in(base64.b64decode(one["validation_parameter"]))
                if policy is None:
                    raise NetworkError("CHANNEL_CONFIG_UNREADABLE", f"{name}: its endorsement policy has another form")
                named = out_of(policy.needed, policy.organisations)
                return ChaincodeDefinition(channel, name, one["version"], one["sequence"], named)
        return None

    def due_definition(self, peer: NodeConnection) -> ChaincodeDefinition:
        """Gives the definition that the organisations are to agree on: the committed one, where it says what the
        declaration says, else the next one."""
        committed = self.committed_definition(peer)
        if committed is None:
            return chaincode_definition(self.consortium)
        declared = chaincode_definition(self.consortium, committed.sequence)
        return committed if committed.agrees_with(declared) else replace(declared, sequence=committed.sequence + 1)

    def unapproved(self, peer: NodeConnection) -> list[str]:
        """Gives the MSP ids of the merchants that have not approved the chaincode's definition, as `peer` has it."""
        arguments = ["lifecycle", "chaincode", "checkcommitreadiness", *self.due_definition(peer).flags, *AS_JSON]
        approvals = json.loads(self.command(peer).run(*arguments))["approvals"]
        return [merchant.msp for merchant in self.consortium.merchants if not approvals.get(merchant.msp)]

    def ordered_height(self) -> int:
        """Gives how many blocks the ordering nodes have, as the first of them says that answers; 0 when none does."""
        with tempfile.TemporaryDirectory(dir=self.participant.folder.root) as place:
            file = Path(place) / "newest.block"
            for node in self.view.orderers:
                scope = ["-c", self.consortium.channel, *self._orderer_flags(node)]
                try:
                    self.command(self.gateway_peer).run(
                        "channel", "fetch", "newest", str(file), *scope, limit_seconds=COMMAND_LIMIT_SECONDS
                    )
                except NetworkError as error:
                    self.participant.report(f"{node.name} gives no block: {error.detail}")
                    continue
                return number_of(file.read_bytes()) + 1
        return 0

    def all_peers_flags(self) -> list[str]:
        """Gives all peers of the network as the `peer` command takes them."""
        flags = []
        for peer in self.view.peers:
            flags += ["--peerAddresses", peer.address, "--tlsRootCertFiles", str(peer.tls_root)]
        return flags

    def submit(self, peer: NodeConnection, arguments: Sequence[str]) -> None:
        """Submits through `peer`; again, through the next ordering node, while this one has no leader or does not
        answer. Raises NetworkError STEP_FAILED or WAIT_TIMEOUT."""
        nodes = cycle(self.view.orderers)

        def submitted() -> bool:
            try:
                self.command(peer).run(*arguments, *self._orderer_flags(next(nodes)))
            except NetworkError as error:
                if any(mark in error.detail for mark in NO_LEADER_MARKS):
                    return False
                raise
            return True

        told = f"{self.participant.name}: peer {' '.join(arguments[:3])}"
        wait_until(submitted, told, LEADER_LIMIT_SECONDS, interval_seconds=0.2)

    def _orderer_flags(self, node: NodeConnection) -> list[str]:
        """Gives an ordering node as the `peer` command takes it."""
        tls = self.tls
        shown = ["--clientauth", "--certfile", str(tls.certificate), "--keyfile", str(tls.private_key)] if tls else []
        return ["--orderer", node.address, "--tls", "--cafile", str(node.tls_root), *shown]

    def configuration(self) -> Config:
        """Gives the channel's configuration as ordering nodes have it now. Raises NetworkError STEP_FAILED, WAIT_TIMEOUT
        or CHANNEL_CONFIG_UNREADABLE."""
        with tempfile.TemporaryDirectory(prefix="jifen-config-") as place:
            block = Path(place) / "config.block"
            scope = ["-c", self.consortium.channel]
            self.submit(self.gateway_peer, ["channel", "fetch", "config", str(block), *scope])
            return config_in(block.read_bytes())

    def update_configuration(self, envelope: bytes) -> None:
        """Submits a configuration update with its signatures. Raises NetworkError UPDATE_OUTDATED when the channel's
        configuration has changed since it was made, STEP_FAILED or WAIT_TIMEOUT."""
        with tempfile.TemporaryDirectory(prefix="jifen-update-") as place:
            file = Path(place) / "update.pb"
            file.write_bytes(envelope)
            try:
                self.submit(self.gateway_peer, ["channel", "update", "-f", str(file), "-c", self.consortium.channel])
            except NetworkError as error:
                if OUTDATED_MARK not in error.detail:
                    raise
                told = error.detail[error.detail.index(OUTDATED_MARK) :]
                raise NetworkError("UPDATE_OUTDATED", told) from error

    def probe_commit(self) -> None:
        """Sends a transaction that every merchant's peers endorse and that writes nothing; returns when every peer has
        seen its commit."""
        scope = ["-C", self.consortium.channel, "-n", self.consortium.chaincode]
        arguments = ["chaincode", "invoke", *scope, "-c", PROBE, "--waitForEvent", *self.all_peers_flags()]
        self.submit(self.gateway_peer, arguments)

    def chaincode_answers(self, peer: NodeConnection) -> bool:
        """Says whether the organisation's chaincode server answers through this peer, be it with a refusal."""
        scope = ["-C", self.consortium.channel, "-n", self.consortium.chaincode]
        try:
            self.command(peer).run("chaincode", "query", *scope, "-c", PROBE)
        except NetworkError as error:
            return "response: status:" in error.detail and not any(
                mark in error.detail for mark in CHAINCODE_SILENT_MARKS
            )
        return True

    def knows_endorsers(self, peer: NodeConnection) -> bool:
        """Says whether the peer knows enough other organisations' peers to name endorsers; until then its Gateway
        service refuses."""
        answer = self._discover(peer, "endorsers", "--chaincode", self.consortium.chaincode)
        return answer.returncode == 0 and '"EndorsersByGroups"' in answer.stdout

    def known_peers(self, peer: NodeConnection) -> list[bytes]:
        """Gives the certificates (PEM) of the peers that gossip with the peer about the channel. Raises NetworkError
        STEP_FAILED."""
        answer = self._discover(peer, "peers")
        if answer.returncode:
            raise NetworkError(
                "STEP_FAILED", f"{peer.name} does not tell whom it knows: {answer.stderr.strip()[-200:]}"
            )
        return [one["Identity"].encode() for one in json.loads(answer.stdout)]

    def _discover(self, peer: NodeConnection, question: str, *more: str) -> subprocess.CompletedProcess[str]:
        msp = self.participant.folder.identity_msp("admin")
        shown = ("--tlsCert", str(self.tls.certificate), "--tlsKey", str(self.tls.private_key)) if self.tls else ()
        command = [
            self.participant.programs.path("discover"),
            *shown,
            *("--peerTLSCA", str(peer.tls_root)),
            *("--userKey", str(msp / "keystore/key.pem"), "--userCert", str(msp / "signcerts/cert.pem")),
            *("--MSP", self.participant.org.msp, question, "--server", peer.address),
            *("--channel", self.consortium.channel, *more),
        ]
        return subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_LIMIT_SECONDS, check=False)
