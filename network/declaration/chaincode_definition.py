"""What the organisations of a channel agree on about its chaincode, and what each of them approves."""

from __future__ import annotations

from dataclasses import dataclass

from network.declaration.model import Consortium
from network.declaration.policies import out_of

VERSION = "1"
SEQUENCE = 1


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


def chaincode_definition(consortium: Consortium) -> ChaincodeDefinition:
    """Gives the definition that follows from the declaration: `endorsement.k` of all merchants' peers endorse."""
    merchants = [merchant.msp for merchant in consortium.merchants]
    return ChaincodeDefinition(
        channel=consortium.channel,
        name=consortium.chaincode,
        version=VERSION,
        sequence=SEQUENCE,
        endorsement_policy=out_of(consortium.endorsement.k, merchants),
    )
