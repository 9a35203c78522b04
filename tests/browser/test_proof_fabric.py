"""Proofs of a real Fabric network: accepted when true; every forgery is refused, and named for what it is."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fabric_protos.common import common_pb2, configtx_pb2
from fabric_protos.msp import identities_pb2, msp_config_pb2
from fabric_protos.peer import proposal_pb2, proposal_response_pb2
from playwright.sync_api import Page

from gateway.ledger.adapters.opening import open_ledger
from network.connection import NetworkConnection
from network.declaration.generate import merchants_declaration
from network.journeys.local import running_network
from tests.browser.proofs import (
    Told,
    block_of,
    broken,
    change_block,
    change_call,
    check,
    flipped,
    header_bytes,
    open_page,
    states,
    told_of,
)
from tests.scenes.consortium import new_member, run
from tests.scenes.two_merchants import TwoMerchants

pytestmark = [pytest.mark.browser, pytest.mark.fabric]
WHO = (("operator", "admin"), ("northstar", "gateway"), ("harbor", "gateway"))


@dataclass(frozen=True)
class ProofGround:
    """What the network told, and its connection, whose identities a forger may use."""

    told: Told
    network: NetworkConnection


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProofGround]:
    """A real network of two merchants, on which points were issued to one member and sent on to another."""
    with running_network(merchants_declaration(2), tmp_path_factory.mktemp("network")) as network:

        async def work() -> Told:
            ledgers = [open_ledger("fabric", network, org, identity_name=name) for org, name in WHO]
            try:
                world = TwoMerchants("proof", *ledgers)
                await world.open(partial(open_ledger, "fabric", network, identity_name="admin"), now=None)
                giver, taker = new_member(), new_member()
                issued = world.issue(giver.address, 40)
                args = {"class_id": world.class_id, "recipients": [{"address": taker.address, "points": 15}]}
                sent = giver.authorise(world.operation("Transfer", args), world.merchant.place)
                blocks = [(await world.merchant.submit_many([one])).block_number or 0 for one in (issued, sent)]
                await world.merchant.submit_many([world.issue(taker.address, 1)])
                return await told_of(world.merchant, (blocks[1], sent["request_id"]), (blocks[0], issued["request_id"]))
            finally:
                for ledger in ledgers:
                    await ledger.close()

        yield ProofGround(run(work()), network)


@pytest.fixture
def told(ground: ProofGround) -> Told:
    """What the network told, to be forged."""
    return ground.told.copy()


@pytest.fixture
def alone(page: Page) -> Page:
    """The scripts on a page of a browser that remembers nothing."""
    return open_page(page)


def test_a_true_transaction_is_accepted_with_the_organisations_that_endorsed_it(
    alone: Page, told: Told, ground: ProofGround
) -> None:
    orgs = sorted(org.msp_id for org in ground.network.merchants)
    for claim in told.claims:
        claim["endorser_msps"] = orgs
    found = check(alone, told)
    assert found["proven"], found
    assert broken(found) == set()
    for result in found["results"]:
        assert sorted(one["msp"] for one in result["endorsers"]) == orgs
    assert set(states(found, 0).values()) == {"holds", "not there"}
    assert [name for name, state in states(found, 0).items() if state == "not there"] == ["memory"]
    assert states(found, 1)["member"] == "not there"
    assert set(states(check(alone, told)).values()) == {"holds"}


def test_where_the_past_is_replayed_dates_are_not_told_to_hold(alone: Page, told: Told) -> None:
    told.authorities["replay"] = True
    found = check(alone, told)
    assert found["proven"]
    assert states(found)["dates"] == "not there"


def changed_envelope(told: Told) -> None:
    change_block(told, lambda block: block.data.data.__setitem__(0, flipped(block.data.data[0], 400)), sealed=False)


def changed_header(told: Told) -> None:
    def change(block: Any) -> None:
        block.header.previous_hash = flipped(block.header.previous_hash)

    change_block(told, change, sealed=False)


def broken_link(told: Told) -> None:
    header = told.headers[told.number]
    header["previous_hash"] = flipped(bytes.fromhex(header["previous_hash"])).hex()


def changed_endorsement(told: Told) -> None:
    def change(action: Any) -> None:
        action.action.endorsements[0].signature = flipped(action.action.endorsements[0].signature)

    change_call(told, change)


def no_endorsement(told: Told) -> None:
    change_call(told, lambda action: action.action.ClearField("endorsements"))


def invalid(told: Told) -> None:
    def change(block: Any) -> None:
        block.metadata.metadata[common_pb2.TRANSACTIONS_FILTER] = bytes([11])

    change_block(told, change, sealed=False)


def changed_arguments(told: Told) -> None:
    def change(action: Any) -> None:
        payload = action.chaincode_proposal_payload
        assert payload.count(b'"points":15') == 1
        action.chaincode_proposal_payload = payload.replace(b'"points":15', b'"points":51')

    change_call(told, change)


def changed_outcome(told: Told) -> None:
    """Another event than was endorsed, and a page that claims it."""

    def change(action: Any) -> None:
        response = proposal_response_pb2.ProposalResponsePayload.FromString(action.action.proposal_response_payload)
        result = proposal_pb2.ChaincodeAction.FromString(response.extension)
        assert b",15," in result.events
        result.events = result.events.replace(b",15,", b",51,")
        response.extension = result.SerializeToString()
        action.action.proposal_response_payload = response.SerializeToString()

    change_call(told, change)
    for posting in told.claims[0]["postings"]:
        posting["points"] = {15: 51}.get(posting["points"], posting["points"])


def other_claim(told: Told) -> None:
    told.claims[0]["postings"][0]["points"] += 1


def other_author(told: Told) -> None:
    told.claims[0]["authoriser"] = new_member().address


def absent_organisation(told: Told) -> None:
    told.claims[0]["endorser_msps"] = ["northstar", "lotus"]


def changed_seal(told: Told) -> None:
    def change(block: Any) -> None:
        signed = common_pb2.Metadata.FromString(block.metadata.metadata[common_pb2.SIGNATURES])
        signed.signatures[0].signature = flipped(signed.signatures[0].signature)
        block.metadata.metadata[common_pb2.SIGNATURES] = signed.SerializeToString()

    change_block(told, change, sealed=False)


def test_a_block_without_a_seal_proves_nothing(alone: Page, told: Told) -> None:
    def change(block: Any) -> None:
        signed = common_pb2.Metadata.FromString(block.metadata.metadata[common_pb2.SIGNATURES])
        signed.ClearField("signatures")
        block.metadata.metadata[common_pb2.SIGNATURES] = signed.SerializeToString()

    change_block(told, change, sealed=False)
    found = check(alone, told)
    assert states(found)["ordering"] == "not there"
    assert broken(found) == set()
    assert not found["proven"]


@pytest.mark.parametrize(
    ("forge", "expected"),
    [
        (changed_envelope, {"content"}),
        (changed_header, {"place", "ordering"}),
        (broken_link, {"chain"}),
        (changed_endorsement, {"ordering", "sender", "endorsements", "organisations"}),
        (no_endorsement, {"ordering", "sender", "endorsements", "organisations"}),
        (invalid, {"verdict"}),
        (changed_arguments, {"ordering", "sender", "request", "member"}),
        (changed_outcome, {"ordering", "sender", "endorsements"}),
        (other_claim, {"operation"}),
        (other_author, {"operation"}),
        (absent_organisation, {"organisations"}),
        (changed_seal, {"ordering"}),
    ],
)
def test_a_forgery_is_refused_and_named(
    alone: Page, told: Told, forge: Callable[[Told], None], expected: set[str]
) -> None:
    if forge is changed_endorsement:
        told.claims[0]["endorser_msps"] = ["northstar", "harbor"]
    forge(told)
    found = check(alone, told)
    assert not found["proven"]
    assert expected <= broken(found), found


class Forger:
    """Somebody with an authority of her own, of another's name, and keys under it."""

    def __init__(self, real: x509.Certificate, *, authority: bool = True) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.real = real
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder().serial_number(7).not_valid_before(now - datetime.timedelta(days=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=9)).public_key(self.key.public_key())
        builder = builder.subject_name(real.subject).issuer_name(real.subject if authority else real.issuer)
        self.builder = builder.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        self.certificate = self.builder.sign(self.key, hashes.SHA256())

    def identity(self, msp_id: str) -> bytes:
        """As Fabric names a signer."""
        pem = self.certificate.public_bytes(serialization.Encoding.PEM)
        return bytes(identities_pb2.SerializedIdentity(mspid=msp_id, id_bytes=pem).SerializeToString())

    def sign(self, message: bytes) -> bytes:
        """An ECDSA signature in DER."""
        return self.key.sign(message, ec.ECDSA(hashes.SHA256()))


def signers(told: Told) -> list[x509.Certificate]:
    """The endorsers' certificates."""
    found: list[x509.Certificate] = []

    def look(action: Any) -> None:
        for one in action.action.endorsements:
            identity = identities_pb2.SerializedIdentity.FromString(one.endorser)
            found.append(x509.load_pem_x509_certificate(identity.id_bytes))

    change_call(told.copy(), look)
    return found


def endorse_as(told: Told, endorser: bytes, sign: Callable[[bytes], bytes]) -> None:
    """Puts another's endorsement in the place of the first one, and makes everything around it fit."""

    def change(action: Any) -> None:
        endorsement = action.action.endorsements[0]
        endorsement.endorser = endorser
        endorsement.signature = sign(action.action.proposal_response_payload + endorser)

    change_call(told, change)


def test_a_certificate_of_another_authority_with_the_same_name_is_refused(alone: Page, told: Told) -> None:
    forger = Forger(signers(told)[0], authority=False)
    endorse_as(told, forger.identity("northstar"), forger.sign)
    found = check(alone, told)
    assert "certificates" in broken(found)
    assert "endorsements" not in broken(found), "the signature itself holds: it is the certificate that does not"
    assert not found["proven"]


def test_a_gateways_certificate_does_not_endorse(alone: Page, told: Told, ground: ProofGround) -> None:
    """It is by the organisation's own authority, but names a client, not a peer."""
    identity = ground.network.org("northstar").identity("gateway")
    key = serialization.load_pem_private_key(identity.private_key.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    endorser = identities_pb2.SerializedIdentity(mspid="northstar", id_bytes=identity.certificate.read_bytes())
    endorse_as(told, endorser.SerializeToString(), lambda message: key.sign(message, ec.ECDSA(hashes.SHA256())))
    found = check(alone, told)
    assert "certificates" in broken(found)
    assert "endorsements" not in broken(found)


def test_an_admins_certificate_does_not_seal(alone: Page, told: Told, ground: ProofGround) -> None:
    """It is by the ordering organisation's own authority, but names an admin, not an orderer."""
    identity = ground.network.org("operator").identity("admin")
    key = serialization.load_pem_private_key(identity.private_key.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    creator = identities_pb2.SerializedIdentity(mspid="operator", id_bytes=identity.certificate.read_bytes())
    header = common_pb2.SignatureHeader(creator=creator.SerializeToString(), nonce=b"n").SerializeToString()

    def change(block: Any) -> None:
        signed = common_pb2.Metadata.FromString(block.metadata.metadata[common_pb2.SIGNATURES])
        message = signed.value + header + header_bytes(block.header)
        signature = key.sign(message, ec.ECDSA(hashes.SHA256()))
        del signed.signatures[:]
        signed.signatures.add(signature_header=header, signature=signature)
        block.metadata.metadata[common_pb2.SIGNATURES] = signed.SerializeToString()

    change_block(told, change, sealed=False)
    found = check(alone, told)
    assert broken(found) == {"ordering"}
    assert not found["proven"]


def test_a_configuration_with_authorities_of_ones_own_is_refused(alone: Page, told: Told) -> None:
    """The hash of the configuration's block is another one then, and so is the whole chain."""
    number = max(told.configuration)
    block = common_pb2.Block.FromString(told.configuration[number])
    envelope = common_pb2.Envelope.FromString(block.data.data[0])
    payload = common_pb2.Payload.FromString(envelope.payload)
    config = configtx_pb2.ConfigEnvelope.FromString(payload.data)
    value = config.config.channel_group.groups["Application"].groups["northstar"].values["MSP"]
    described = msp_config_pb2.MSPConfig.FromString(value.value)
    fabric = msp_config_pb2.FabricMSPConfig.FromString(described.config)
    forger = Forger(x509.load_pem_x509_certificate(fabric.root_certs[0]))
    fabric.root_certs[0] = forger.certificate.public_bytes(serialization.Encoding.PEM)
    described.config = fabric.SerializeToString()
    value.value = described.SerializeToString()
    payload.data = config.SerializeToString()
    envelope.payload = payload.SerializeToString()
    block.data.data[0] = envelope.SerializeToString()
    told.configuration[number] = block.SerializeToString()
    found = check(alone, told)
    assert "configuration" in broken(found)
    assert not found["proven"]


def test_a_chain_that_this_browser_knows_otherwise_is_refused(alone: Page, told: Told) -> None:
    assert check(alone, told)["proven"]
    rewritten = told.copy()
    change_block(rewritten, lambda block: None)
    rewritten.replace(told.number, bytes(32))
    assert broken(check(alone, rewritten)) == {"memory"}


def test_dates_outside_a_certificates_own_are_told(alone: Page, told: Told) -> None:
    """The dates are read out of the real certificates, by the browser as by us."""
    found = check(alone, told)
    (first, *_) = found["results"][0]["endorsers"]
    expected = {int(one.not_valid_after_utc.timestamp()) for one in signers(told)}
    assert first["until"] in expected
    assert first["from"] < time.time() < first["until"]
    assert block_of(told).header.number == told.number
