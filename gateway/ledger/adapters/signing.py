"""An identity that signs as Fabric wants it: ECDSA P-256 over SHA-256, with the lower of the two possible s values."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from fabric_protos.msp import identities_pb2

from chaincode.signing import P256_ORDER
from gateway.ledger.port import Identity
from network.connection import IdentityConnection, TlsPair


def read_identity(connection: IdentityConnection) -> Identity:
    """The identity whose PEM files the connection names. Raises OSError when they cannot be read."""
    return Identity(
        msp_id=connection.msp_id,
        certificate_pem=connection.certificate.read_bytes(),
        private_key_pem=connection.private_key.read_bytes(),
    )


class Signer:
    """Signs with one identity. `creator` is the identity as Fabric serialises it; `tls_certificate_hash` binds what is
    asked of a peer to the TLS certificate that the connection shows, empty where it shows none. Raises ValueError for
    another curve."""

    def __init__(self, identity: Identity, tls: TlsPair | None = None) -> None:
        self.msp_id = identity.msp_id
        self.creator: bytes = identities_pb2.SerializedIdentity(
            mspid=identity.msp_id, id_bytes=identity.certificate_pem
        ).SerializeToString()
        key = load_pem_private_key(identity.private_key_pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ValueError(f"the key of the identity of {identity.msp_id} is not on the curve P-256")
        self._key = key
        shown = load_pem_x509_certificate(tls.certificate.read_bytes()) if tls else None
        self.tls_certificate_hash: bytes = shown.fingerprint(hashes.SHA256()) if shown else b""

    def sign(self, message: bytes) -> bytes:
        """The signature over `message`, DER. Peers refuse one whose s is over half of the curve's order."""
        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(hashes.SHA256())))
        return encode_dss_signature(r, min(s, P256_ORDER - s))
