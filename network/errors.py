"""What can go wrong in this room: one error class with a stable code, and the list of the codes.

A code is public and for ever: it is never renamed and never used for something else. `CODES` says what each one means.
"""

from __future__ import annotations

from dataclasses import dataclass

CODES: dict[str, str] = {
    # the declaration (consortium.yaml)
    "DECLARATION_UNREADABLE": "the declaration cannot be read: no such file, no right to read it, or not UTF-8",
    "DECLARATION_SYNTAX": "the declaration is not YAML",
    "DECLARATION_DUPLICATE_KEY": "a key stands twice in one mapping of the declaration",
    "DECLARATION_UNKNOWN_KEY": "a key that the declaration does not know",
    "DECLARATION_MISSING_KEY": "a key that the declaration must have is missing",
    "DECLARATION_BAD_VALUE": "a value of the declaration has the wrong type, form or range",
    "DECLARATION_DUPLICATE_PORT": "two services of the declaration ask for the same port",
    "DECLARATION_DUPLICATE_NAME": "two orgs, or two nodes of one org, have the same name, MSP id or domain",
    "DECLARATION_UNKNOWN_ORG": "the declaration names an org that it does not declare",
    "DECLARATION_CHANGED": "a declaration differs from the one in use, and no step can bring the difference about",
    "CONFIRMATION_MISSING": "a command that removes something was not told to, and nobody is there to be asked",
    # the programs (Go, Fabric, fabric-ca)
    "TOOLCHAIN_GO_MISSING": "the programs must be built and no Go of the needed version is there",
    "TOOLCHAIN_DOWNLOAD_FAILED": "the sources of the programs cannot be fetched: no network, or no module proxy",
    "TOOLCHAIN_BUILD_FAILED": "the programs do not build",
    "TOOLCHAIN_PROGRAM_BROKEN": "a program in the cache does not run or has another version",
    "CHAINCODE_BUILD_FAILED": "the chaincode does not build",
    # containers
    "ENGINE_MISSING": "no container engine answers, or it lacks what is needed of it",
    "IMAGE_BUILD_FAILED": "an image for containers cannot be built of what is on this machine",
    "RUNTIME_CHANGED": "the network runs in another way than the command names",
    "IMAGE_MISSING": "an image is not there and cannot be pulled",
    # the folder
    "NETWORK_NOT_FOUND": "the folder holds no network",
    "NETWORK_FOLDER_FOREIGN": "the folder holds something else than a network",
    "NETWORK_BUSY": "another command works on the same network",
    "NETWORK_NOT_READY": "the network is not wholly up",
    # processes and steps
    "PORT_TAKEN": "a port that the declaration fixes, or that the network picked before, is used by another program",
    "PROCESS_ENDED": "a program of the network ended while it was waited for",
    "STEP_FAILED": "a program that carries out a step refused it",
    "STEP_INPUT_MISSING": "a step needs a file from another org that has not arrived",
    "FILE_REFUSED": "a file from another org was changed, is for another network, or was signed by somebody else",
    "DEFINITION_REFUSED": "an org's definition is not of its form, or says of the org what the declaration does not",
    "CHANNEL_CONFIG_UNREADABLE": "a block holds no configuration of the channel, or one of another form than steps keep it",
    "UPDATE_REFUSED": "a configuration update is of another channel, was edited, or does something else than it says",
    "UPDATE_OUTDATED": "a configuration update was made for a configuration that has changed since",
    "SIGNATURE_REFUSED": "a signature is of another update, or not of an admin who may sign",
    "SIGNATURES_MISSING": "too few admins have signed a configuration update; nothing was submitted",
    "STILL_LET_IN": "an identity that is to be let in nowhere was let in by a node",
    "WAIT_TIMEOUT": "what was waited for did not happen within its limit",
    "CA_REFUSED": "the certificate authority refused a request",
}


EXIT_CODES: dict[str, int] = {
    "NETWORK_FOLDER_FOREIGN": 2,
    "DECLARATION": 2,
    "DEFINITION": 2,
    "FILE": 2,
    "UPDATE": 2,
    "SIGNATURE": 2,
    "SIGNATURES": 4,
    "STILL": 5,
    "CHANNEL": 4,
    "CONFIRMATION": 2,
    "TOOLCHAIN": 3,
    "CHAINCODE": 3,
    "ENGINE": 3,
    "RUNTIME": 2,
    "IMAGE": 3,
    "PORT": 3,
    "NETWORK": 4,
    "PROCESS": 4,
    "STEP": 4,
    "WAIT": 4,
    "CA": 4,
}
"""The exit code of the command, by the error's code or the first word of it; 1 for all others."""


class NetworkError(Exception):
    """Something in this room went wrong. `code` is one of `CODES`; `detail` is a sentence for people; `exit_code` is
    what a command ends with."""

    def __init__(self, code: str, detail: str) -> None:
        if code not in CODES:
            raise AssertionError(f"unknown code {code}")
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.exit_code = EXIT_CODES.get(code, EXIT_CODES.get(code.split("_")[0], 1))


@dataclass(frozen=True)
class Problem:
    """One fault of a declaration: its code, where it stands (line from 1, field as `orgs[1].peers[0].port`), what is
    wrong."""

    code: str
    line: int
    field: str
    detail: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.field or 'document'}: {self.detail}"


class DeclarationError(NetworkError):
    """The declaration has faults; `problems` lists all that were found, and `code` is that of the first one."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        first = problems[0].code
        text = "; ".join(f"{'' if one.code == first else one.code + ' at '}{one}" for one in problems)
        super().__init__(problems[0].code, f"{source}: {text}")
