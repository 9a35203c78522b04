"""The organisation's own chaincode package, and the connection file that goes with it."""

from __future__ import annotations

from pathlib import Path

from network.exchange import chaincode_program
from network.exchange.envelope import Envelope
from network.folders import OrgFolder, write
from network.nodes.services import package_of
from network.participant import Participant
from network.programs.chaincode import PYTHON_PROGRAM, provide_chaincode, sha256_of
from network.rendering.chaincode_package import ChaincodePackage
from network.steps.sending import is_sent, send
from network.steps.step import Step, TakenBy


class MakePackage(Step):
    """Writes the package and the full connection file into the organisation's folder, where they stay, and tells the
    others which program it runs."""

    name = "package"
    summary = "the organisation's own chaincode package is written; it says where its chaincode server listens"
    taken_by = TakenBy.MERCHANTS
    sends = (chaincode_program.FILE,)

    def done(self, participant: Participant) -> bool:
        """Says whether all files are what follows from the organisation's certificates, ports and program."""
        package = package_of(participant)
        file, connection = package_file(participant.folder, package), _connection_file(participant.folder, package)
        return (
            file.is_file()
            and connection.is_file()
            and file.read_bytes() == package.content
            and connection.read_text(encoding="ascii") == package.connection
            and is_sent(participant, chaincode_program.FILE, _program(participant, package))
        )

    def take(self, participant: Participant) -> None:
        """Writes the files. The organisation must be enrolled. Raises NetworkError with a CHAINCODE code."""
        package = package_of(participant)
        write(_connection_file(participant.folder, package), package.connection, private=True)
        write(package_file(participant.folder, package), package.content)
        send(participant, chaincode_program.FILE, _program(participant, package))


def package_file(folder: OrgFolder, package: ChaincodePackage) -> Path:
    """Gives the file of the package."""
    return folder.chaincode / f"{package.label}.tar.gz"


def _program(participant: Participant, package: ChaincodePackage) -> Envelope:
    chaincode = participant.org.chaincode
    if chaincode.program:
        digest = sha256_of([Path(chaincode.program)])
    elif chaincode.implementation == "python":
        digest = sha256_of(PYTHON_PROGRAM)
    else:
        digest = sha256_of([Path(provide_chaincode(participant.report))])
    told = chaincode_program.ChaincodeProgram(chaincode.implementation, package.id, digest)
    return participant.envelope(chaincode_program.TYPE, told.to_json().encode())


def _connection_file(folder: OrgFolder, package: ChaincodePackage) -> Path:
    return folder.chaincode / "connections" / f"{package.label}.json"
