"""Which versions of Fabric a consortium can run, and why not another."""

from __future__ import annotations

import re

from network.programs.program_sets import FABRIC, FABRIC_CA

BUILT_VERSION = FABRIC.version.removeprefix("v")
"""What set-up builds from pinned sources: the newest 3.x that Go's module proxy has."""
BUILT_CA_VERSION = FABRIC_CA.version.removeprefix("v")
BUILT_IMAGES = "built"


def fault_of_version(version: str) -> str | None:
    """Says why a consortium cannot run this version of Fabric, None when it can."""
    found = re.fullmatch(r"(\d+)\.(\d+)\.(\d{1,3})", version)
    if found is None:
        return "must be a version such as 3.1.1"
    major, minor, patch = (int(number) for number in found.groups())
    if (major, minor) == (3, 1) and patch >= 1:
        return None
    if (major, minor) < (3, 0):
        reason = (
            "the channel needs the capability V3_0, which no 2.x knows, and the chaincode reads and writes its state in "
            "batches, which came with 3.1"
        )
    elif (major, minor) < (3, 1):
        reason = "the chaincode reads and writes its state in batches, which came with 3.1"
    elif (major, minor) == (3, 1):
        reason = "3.1.0 was never tried; 3.1.1 is what set-up builds"
    else:
        reason = "it is newer than what was tried"
    return f"{version} cannot be used: {reason}; any 3.1.x from {BUILT_VERSION} on can"
