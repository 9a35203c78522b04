"""How many organisations must have endorsed what a browser takes as proven."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fabric_protos.msp import identities_pb2
from playwright.sync_api import Page

from tests.browser.certificates import NOW, Signer, signer
from tests.browser.proofs import open_page

pytestmark = pytest.mark.browser
RESPONSE = b"an outcome"
ENDORSEMENTS = """
async ({ response, endorsements, organisations, at }) => {
  const { fromHex } = jifen.bytes;
  const authorities = organisations.map(({ msp, root }) => (
    { msp, part: "application", roots: [jifen.certificates.parse(fromHex(root))], intermediates: [], unit: null }
  ));
  const made = endorsements.map((one) => ({ endorser: fromHex(one.endorser), signature: fromHex(one.signature) }));
  const { steps } = await jifen.checks.endorsements({ at }, { response: fromHex(response), endorsements: made }, authorities, { replay: false });
  return Object.fromEntries(steps.map((step) => [step.id, step.state]));
}
"""


def endorsement(msp_id: str, peer: Signer) -> dict[str, str]:
    """A peer's, in hex."""
    pem = peer.certificate.public_bytes(serialization.Encoding.PEM)
    endorser = identities_pb2.SerializedIdentity(mspid=msp_id, id_bytes=pem).SerializeToString()
    return {
        "endorser": endorser.hex(),
        "signature": peer.key.sign(RESPONSE + endorser, ec.ECDSA(hashes.SHA256())).hex(),
    }


@pytest.mark.parametrize(
    ("endorsers", "organisations", "state"),
    [
        (("northstar",), ("northstar", "harbor", "lotus"), "not there"),
        (("northstar", "northstar"), ("northstar", "harbor", "lotus"), "not there"),
        (("northstar", "harbor"), ("northstar", "harbor", "lotus"), "holds"),
        (("northstar",), ("northstar",), "holds"),
        ((), ("northstar", "harbor"), "broken"),
    ],
)
def test_one_organisation_alone_proves_nothing_where_there_are_others(
    page: Page, endorsers: tuple[str, ...], organisations: tuple[str, ...], state: str
) -> None:
    """Its gateway could have such a transaction ordered, and leave out that every peer marked it as invalid."""
    roots = {name: signer(f"ca.{name}") for name in organisations}
    told: dict[str, Any] = {
        "response": RESPONSE.hex(),
        "at": int(NOW.timestamp()) + 60,
        "organisations": [{"msp": name, "root": root.der} for name, root in roots.items()],
        "endorsements": [
            endorsement(name, signer(f"peer{place}.{name}", roots[name], authority=False))
            for place, name in enumerate(endorsers)
        ],
    }
    assert open_page(page).evaluate(ENDORSEMENTS, told)["organisations"] == state
