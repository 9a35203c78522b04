"""The organisation's own chaincode package, and the connection file that goes with it."""

from __future__ import annotations

from pathlib import Path

from network.folders import OrgFolder, write
from network.nodes.services import package_of
from network.participant import Participant
from network.rendering.chaincode_package import ChaincodePackage
from network.steps.step import Step, TakenBy


class MakePackage(Step):
    """Writes the package and the full connection file into the organisation's folder; they stay there."""

    name = "package"
    summary = "the organisation's own chaincode package is written; it says where its chaincode server listens"
    taken_by = TakenBy.MERCHANTS

    def done(self, participant: Participant) -> bool:
        """Says whether both files are what follows from the organisation's certificates and ports."""
        package = package_of(participant)
        file, connection = package_file(participant.folder, package), _connection_file(participant.folder, package)
        return (
            file.is_file()
            and connection.is_file()
            and file.read_bytes() == package.content
            and connection.read_text(encoding="ascii") == package.connection
        )

    def take(self, participant: Participant) -> None:
        """Writes both files. The organisation must be enrolled."""
        package = package_of(participant)
        write(_connection_file(participant.folder, package), package.connection, private=True)
        write(package_file(participant.folder, package), package.content)


def package_file(folder: OrgFolder, package: ChaincodePackage) -> Path:
    """Gives the file of the package."""
    return folder.chaincode / f"{package.label}.tar.gz"


def _connection_file(folder: OrgFolder, package: ChaincodePackage) -> Path:
    return folder.chaincode / "connections" / f"{package.label}.json"
