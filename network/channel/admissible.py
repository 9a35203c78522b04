"""What a definition must be before an organisation is taken into the channel by it."""

from __future__ import annotations

import datetime

from cryptography import x509

from network.errors import NetworkError
from network.exchange.definition import OrgDefinition

VALID_DAYS_MIN = 30
"""So long an organisation's roots must last: the channel would have to be changed for new ones before."""


def must_be_admissible(definition: OrgDefinition, now: datetime.datetime | None = None) -> None:
    """Raises NetworkError DEFINITION_REFUSED for a definition that holds a private key, whose roots are no authorities'
    certificates or do not last, or with ordering nodes, which do not join by this change."""
    now = now or datetime.datetime.now(datetime.UTC)
    if "PRIVATE KEY" in definition.to_json():
        raise _refused(definition, "it holds a private key, which must be taken as known to others: make a new one")
    if definition.orderers:
        raise _refused(definition, "it has ordering nodes, and these join by a change of their own")
    for name, text in (("root", definition.root), ("TLS root", definition.tls_root)):
        try:
            certificate = x509.load_pem_x509_certificate(text.encode())
            authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        except (ValueError, x509.ExtensionNotFound) as error:
            raise _refused(definition, f"its {name} is no certificate of an authority: {error}") from error
        if not authority:
            raise _refused(definition, f"its {name} is a certificate, and not of an authority")
        if certificate.not_valid_before_utc > now + datetime.timedelta(minutes=5):
            raise _refused(
                definition, f"its {name} is valid from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
            )
        if certificate.not_valid_after_utc < now + datetime.timedelta(days=VALID_DAYS_MIN):
            until = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
            raise _refused(definition, f"its {name} is valid until {until}; {VALID_DAYS_MIN} days are asked for")


def _refused(definition: OrgDefinition, reason: str) -> NetworkError:
    return NetworkError("DEFINITION_REFUSED", f"from {definition.name}: {reason}")
