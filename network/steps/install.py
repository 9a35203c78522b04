"""The chaincode is installed on peers."""

from __future__ import annotations

from network.nodes.peer_admin import PeerAdmin
from network.nodes.services import package_of
from network.participant import Participant
from network.steps.package import package_file
from network.steps.step import Step, TakenBy


class Install(Step):
    """Installs the organisation's package on each of its peers."""

    name = "install"
    summary = "the organisation's chaincode package is installed on each of its peers"
    taken_by = TakenBy.MERCHANTS
    told = "peers in the channel, chaincode installed"

    def done(self, participant: Participant) -> bool:
        """Says whether every peer has the package."""
        admin, package = PeerAdmin(participant), package_of(participant)
        return all(package.id in admin.installed_packages(peer) for peer in admin.own_peers)

    def take(self, participant: Participant) -> None:
        """Installs it where it is missing. Raises NetworkError STEP_FAILED."""
        admin, package = PeerAdmin(participant), package_of(participant)
        file = package_file(participant.folder, package)
        for peer in admin.own_peers:
            if package.id not in admin.installed_packages(peer):
                admin.command(peer).run("lifecycle", "chaincode", "install", str(file))
