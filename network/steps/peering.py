"""A merchant's peers join the channel and take its chaincode; an operator commits the definition."""

from __future__ import annotations

import json
import subprocess
from itertools import cycle

from network.connection import NetworkConnection, NodeConnection, TlsPair
from network.declaration.model import Consortium, Org
from network.declaration.policies import out_of
from network.errors import NetworkError
from network.folders import OrgFolder
from network.nodes.peer_command import PeerCommand
from network.programs.program_sets import Programs
from network.runtime.waiting import wait_until
from network.steps.genesis import BLOCK_FILE
from network.steps.package import VERSION, label, make_package

SEQUENCE = "1"
PROBE = json.dumps({"function": "ReadState", "Args": ['{"after":"~","rows":1}']})
"""The one question that every state of the ledger answers, also before the consortium is opened; it reads
behind the last key, so that no traffic can invalidate it. Asked as a transaction it writes nothing."""
LEADER_LIMIT_SECONDS = 30
COMMAND_LIMIT_SECONDS = 30
NO_LEADER_MARKS = ("SERVICE_UNAVAILABLE", "no Raft leader", "connection refused")
CHAINCODE_SILENT_MARKS = ("error in simulation", "make sure the chaincode")
"""What a peer says when the chaincode server was not reached (it may not answer at all), or when it has no definition
or no package of the chaincode."""
NOT_IN_CHANNEL_MARK = "Invalid chain ID"
OWN_RECORD_LOST_MARK = "private data matching public hash version is not available"
"""What a peer says of its org's approval after its data was lost. The approval itself stands on the channel, with the
hash of the package by which the peer finds what it has installed; what was said beside it is the org's alone, and
cannot be said again for the same sequence."""


class Peering:
    """The steps of one org as its admin, against its own peers (or, for an org without, a merchant's)."""

    def __init__(
        self, folder: OrgFolder, consortium: Consortium, org: Org, view: NetworkConnection, programs: Programs
    ):
        self.folder, self.consortium, self.org, self.view, self.programs = folder, consortium, org, view, programs

    def command(self, peer: NodeConnection) -> PeerCommand:
        """The `peer` command against one peer."""
        return PeerCommand(self.folder, self.org.msp, self.programs, peer, self.tls)

    @property
    def tls(self) -> TlsPair | None:
        """What the admin shows to nodes that ask for a TLS certificate."""
        return self.view.org(self.org.name).identity("admin").tls

    @property
    def own_peers(self) -> tuple[NodeConnection, ...]:
        """The org's own peers."""
        return self.view.org(self.org.name).peers

    def join(self, genesis_from: str) -> None:
        """Every own peer is in the channel; joins with the first block received from `genesis_from`."""
        for peer in self.own_peers:
            if self.consortium.channel not in self.command(peer).run("channel", "list").splitlines():
                block = self.folder.received(genesis_from, BLOCK_FILE)
                self.command(peer).run("channel", "join", "--blockpath", str(block))

    def install(self) -> str:
        """The org's package is installed on every own peer; gives the package id."""
        package_id = make_package(self.folder, self.consortium)
        file = self.folder.chaincode / f"{label(self.consortium)}.tar.gz"
        for peer in self.own_peers:
            installed = json.loads(
                self.command(peer).run("lifecycle", "chaincode", "queryinstalled", "--output", "json")
            )
            if package_id not in [one["package_id"] for one in installed.get("installed_chaincodes", [])]:
                self.command(peer).run("lifecycle", "chaincode", "install", str(file))
        return package_id

    def approve(self, package_id: str) -> None:
        """The org's approval of the definition, with its own package, is on the channel. The peers have all blocks."""
        peer = self.own_peers[0]
        approved = self._approved(peer, package_id)
        if approved != package_id:
            arguments = ["lifecycle", "chaincode", "approveformyorg", *self._definition(), "--package-id", package_id]
            self._submit(peer, arguments)

    def commit(self) -> None:
        """The definition is committed; what the operator does when enough merchants have approved it."""
        peer = self.view.gateway_peer(self.org.name)
        if self._committed(peer):
            return
        self._submit(peer, ["lifecycle", "chaincode", "commit", *self._definition(), *self._all_peers()])

    def probe_commit(self) -> None:
        """A transaction that every merchant's peers endorse, that writes nothing, and whose commit every peer has seen."""
        scope = ["-C", self.consortium.channel, "-n", self.consortium.chaincode]
        arguments = ["chaincode", "invoke", *scope, "-c", PROBE, "--waitForEvent", *self._all_peers()]
        self._submit(self.view.gateway_peer(self.org.name), arguments)

    def knows_endorsers(self, peer: NodeConnection) -> bool:
        """Whether the peer knows enough other orgs' peers to name endorsers; until then its Gateway service refuses."""
        msp = self.folder.identity_msp("admin")
        shown = ("--tlsCert", str(self.tls.certificate), "--tlsKey", str(self.tls.private_key)) if self.tls else ()
        command = [
            self.programs.path("discover"),
            *shown,
            *("--peerTLSCA", str(peer.tls_root)),
            *("--userKey", str(msp / "keystore/key.pem"), "--userCert", str(msp / "signcerts/cert.pem")),
            *("--MSP", self.org.msp, "endorsers", "--server", peer.address),
            *("--channel", self.consortium.channel, "--chaincode", self.consortium.chaincode),
        ]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_LIMIT_SECONDS, check=False)
        return answer.returncode == 0 and '"EndorsersByGroups"' in answer.stdout

    def _all_peers(self) -> list[str]:
        flags = []
        for peer in self.view.peers:
            flags += ["--peerAddresses", peer.address, "--tlsRootCertFiles", str(peer.tls_root)]
        return flags

    def chaincode_answers(self, peer: NodeConnection) -> bool:
        """Whether the org's chaincode server answers through this peer, be it with a refusal."""
        scope = ["-C", self.consortium.channel, "-n", self.consortium.chaincode]
        try:
            self.command(peer).run("chaincode", "query", *scope, "-c", PROBE)
        except NetworkError as error:
            return "response: status:" in error.detail and not any(
                mark in error.detail for mark in CHAINCODE_SILENT_MARKS
            )
        return True

    def height(self, peer: NodeConnection) -> int:
        """How many blocks of the channel the peer has. Raises NetworkError NETWORK_NOT_READY when it is not in it."""
        try:
            answer = self.command(peer).run("channel", "getinfo", "-c", self.consortium.channel)
        except NetworkError as error:
            if NOT_IN_CHANNEL_MARK not in error.detail:
                raise
            raise NetworkError("NETWORK_NOT_READY", f"{peer.name} is not in the channel") from error
        height: int = json.loads(answer.partition(":")[2])["height"]
        return height

    def _definition(self) -> list[str]:
        merchants = [merchant.msp_id for merchant in self.view.merchants]
        return [
            *("--channelID", self.consortium.channel),
            *("--name", self.consortium.chaincode),
            *("--version", VERSION),
            *("--sequence", SEQUENCE),
            *("--signature-policy", out_of(self.consortium.endorsement.k, merchants)),
        ]

    def _approved(self, peer: NodeConnection, expected: str) -> str | None:
        """The package id that the org has approved, None before it has; `expected` where the peer has lost its own
        record of it."""
        scope = ["--channelID", self.consortium.channel, "--name", self.consortium.chaincode, "--sequence", SEQUENCE]
        command = self.command(peer)
        try:
            answer = command.run("lifecycle", "chaincode", "queryapproved", *scope, "--output", "json")
        except NetworkError as error:
            if "could not fetch approved chaincode definition" in error.detail:
                return None
            if OWN_RECORD_LOST_MARK in error.detail:
                return expected
            raise
        source = json.loads(answer).get("source", {}).get("Type", {}).get("LocalPackage", {})
        package_id: str | None = source.get("package_id")
        return package_id

    def _committed(self, peer: NodeConnection) -> bool:
        scope = ["--channelID", self.consortium.channel, "--output", "json"]
        answer = self.command(peer).run("lifecycle", "chaincode", "querycommitted", *scope)
        definitions = json.loads(answer).get("chaincode_definitions", [])
        return any(one["name"] == self.consortium.chaincode for one in definitions)

    def _submit(self, peer: NodeConnection, arguments: list[str]) -> None:
        """Submits; again, through the next ordering node, while this one has no leader or does not answer."""
        nodes = cycle(self.view.orderers)
        tls = self.tls
        shown = ["--clientauth", "--certfile", str(tls.certificate), "--keyfile", str(tls.private_key)] if tls else []

        def submitted() -> bool:
            node = next(nodes)
            flags = ["--orderer", node.address, "--tls", "--cafile", str(node.tls_root), *shown]
            try:
                self.command(peer).run(*arguments, *flags)
            except NetworkError as error:
                if any(mark in error.detail for mark in NO_LEADER_MARKS):
                    return False
                raise
            return True

        wait_until(
            submitted, f"{self.org.name}: peer {' '.join(arguments[:3])}", LEADER_LIMIT_SECONDS, interval_seconds=0.2
        )
