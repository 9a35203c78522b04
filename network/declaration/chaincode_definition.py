"""What the organisations of a channel agree on about its chaincode, and what each of them approves."""

from __future__ import annotations

import re
from dataclasses import dataclass

from network.declaration.model import Consortium
from network.declaration.policies import out_of

VERSION = "1"
FIRST_SEQUENCE = 1
POLICY_PART = re.compile(r"'[^']+'|\d+(?=,)")
"""A name in an endorsement policy, or how many must sign."""


@dataclass(frozen=True)
class ChaincodeDefinition:
    """A chaincode definition of Fabric's lifecycle. `sequence` counts the definitions that the channel has committed,
    from 1; `endorsement_policy` is written in Fabric's policy language."""

    channel: str
    name: str
    version: str
    sequence: int
    endorsement_policy: str

    @property
    def label(self) -> str:
        """Gives the label of an organisation's package for this definition."""
        return f"{self.name}_{self.version}"

    @property
    def flags(self) -> list[str]:
        """Gives the definition as the `peer` command takes it."""
        return [
            *("--channelID", self.channel),
            *("--name", self.name),
            *("--version", self.version),
            *("--sequence", str(self.sequence)),
            *("--signature-policy", self.endorsement_policy),
        ]

    def agrees_with(self, other: ChaincodeDefinition) -> bool:
        """Says whether both ask for the same, whatever the order in which they name organisations."""
        own, its = (sorted(POLICY_PART.findall(one.endorsement_policy)) for one in (self, other))
        return (self.name, self.version, own) == (other.name, other.version, its)


def chaincode_definition(consortium: Consortium, sequence: int = FIRST_SEQUENCE) -> ChaincodeDefinition:
    """Gives the definition that follows from the declaration: so many as `endorsement.k` says of all merchants' peers
    endorse. Which `sequence` it has follows from what the channel has committed."""
    merchants = [merchant.msp for merchant in consortium.merchants]
    return ChaincodeDefinition(
        channel=consortium.channel,
        name=consortium.chaincode,
        version=VERSION,
        sequence=sequence,
        endorsement_policy=out_of(consortium.endorsement_k, merchants),
    )
