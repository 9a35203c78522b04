"""Every operation by its name, one module each in the folder of its subject. A module that is there is known; no list
names it. What it declares is said by `kernel.operation`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import cast

from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.footprint import Footprint, Look, Speaker
from chaincode.spec.kernel.operation import Operation, Operations, footprint_of

SUBJECTS = ("consortium", "governance", "classes", "members", "points", "holds", "legacy", "collateral", "settlement")
"""The folders, in the order in which lists show them."""


def _modules(subject: str) -> Iterator[Operation]:
    folder = importlib.import_module(f"{__name__}.{subject}")
    for found in pkgutil.iter_modules(folder.__path__):
        yield cast(Operation, importlib.import_module(f"{folder.__name__}.{found.name}"))


OPERATIONS: Operations = {module.NAME: module for subject in SUBJECTS for module in _modules(subject)}


def footprint(op: str, args: Json, speaker: Speaker, look: Look) -> Footprint:
    """The footprint of a well-formed operation."""
    return footprint_of(OPERATIONS[op], args, speaker, look)
