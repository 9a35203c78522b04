"""`chaincode.json`, in which a merchant tells the others which program it runs as its chaincode, and under which package
id: who wants to know whether two organisations run the same build compares the two hashes."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass

from network.declaration.model import Consortium
from network.exchange.definition import sender_root
from network.exchange.envelope import Envelope, refused
from network.exchange.files import Kind
from network.folders import OrgFolder

TYPE = "chaincode-program"
FILE = "chaincode.json"
SHA256 = r"[0-9a-f]{64}"


@dataclass(frozen=True)
class ChaincodeProgram:
    """What a merchant's peers run. `package_id` is `label:hash` as peers compute it, `program_sha256` that of the
    program's files in hex."""

    implementation: str
    package_id: str
    program_sha256: str

    def to_json(self) -> str:
        """Gives the payload's text."""
        return json.dumps(asdict(self), indent=2) + "\n"


def program_from(envelope: Envelope) -> ChaincodeProgram:
    """Reads the payload. Raises NetworkError FILE_REFUSED for another form."""
    try:
        program = ChaincodeProgram(**json.loads(envelope.text))
        whole = re.fullmatch(SHA256, program.program_sha256) and re.fullmatch(r"[^:]+:" + SHA256, program.package_id)
    except (ValueError, TypeError) as error:
        raise refused(envelope.sender, f"it says of no program what it must: {error}") from error
    if not whole or program.implementation not in ("go", "python"):
        raise refused(envelope.sender, "a package id and the SHA-256 of a program were expected")
    return program


def _check(folder: OrgFolder, consortium: Consortium, envelope: Envelope) -> None:
    program_from(envelope)


def _words(envelope: Envelope) -> list[str]:
    program = program_from(envelope)
    return [
        f"{envelope.sender} runs the chaincode in {program.implementation}, package {program.package_id}",
        f"SHA-256 of its program: {program.program_sha256}",
    ]


KIND = Kind(TYPE, lambda envelope: FILE, sender_root, _words, _check)
