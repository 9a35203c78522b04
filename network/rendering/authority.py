"""The configuration of an org's certificate authorities: one fabric-ca-server with two of them, each with a root, a
database and a registrar of its own.

The server's default authority signs TLS certificates, its own listener's among them; the other one, which clients name
by `caname`, signs identities. So no TLS key is an identity of the org, and no identity gets through TLS where a
certificate is asked for.
"""

from __future__ import annotations

from typing import Any

from network.declaration.endpoints import UNUSED_LISTENER, Endpoint, Endpoints, certificate_names
from network.declaration.model import Org
from network.rendering.text import metrics_provider, yaml_text

CERTIFICATE_LIFETIME = "8760h"
ROOT_LIFETIME = "131400h"
IDENTITY_HOME = "identity"
"""The home of the authority for identities, within the server's."""
SERVER_FILE = "fabric-ca-server-config.yaml"
IDENTITY_FILE = f"{IDENTITY_HOME}/fabric-ca-config.yaml"
NODE_PROFILE = "tls"
"""The profile for nodes; the server asks for it by this name for its own certificate."""


REGISTRAR = "registrar"
"""The name of each authority's own administrator, who registers identities."""


def identity_authority(org: Org) -> str:
    """Gives the name of the authority that signs identities, for `caname`."""
    return f"ca.{org.dns}"


def tls_authority(org: Org) -> str:
    """Gives the name of the authority that signs TLS certificates."""
    return f"tlsca.{org.dns}"


def authority_configs(
    org: Org, endpoints: Endpoints, listeners: Endpoints, secret: str, tls_secret: str
) -> dict[str, str]:
    """Gives the server's configuration files by their names in its home. They hold the registrars' secrets and are
    written readable by their owner alone."""
    own, listener, metrics = endpoints["ca"], listeners["ca"], listeners.get("ca.metrics")
    tls_profiles = {
        # A node serves and calls with one certificate; a client only calls.
        "default": _profile("digital signature", "client auth"),
        "profiles": {NODE_PROFILE: _profile("digital signature", "key encipherment", "server auth", "client auth")},
    }
    server = {
        "version": "1.5.21",
        "address": listener.host,
        "port": listener.port,
        "debug": False,
        "crlsizelimit": 512000,
        "tls": {"enabled": True, "certfile": None, "keyfile": None, "clientauth": {"type": "noclientcert"}},
        "cafiles": [IDENTITY_FILE],
        **_authority(org, own, tls_authority(org), tls_secret, tls_profiles),
        # The listener cannot be turned off: without a port of its own it gets one of the kernel's choice.
        "operations": {"listenAddress": str(metrics or UNUSED_LISTENER), "tls": {"enabled": False}},
        "metrics": {"provider": metrics_provider(metrics)},
    }
    profiles = {"default": _profile("digital signature")}
    identity = _authority(org, own, identity_authority(org), secret, profiles)
    return {SERVER_FILE: yaml_text(server), IDENTITY_FILE: yaml_text(identity)}


def _profile(*usage: str) -> dict[str, Any]:
    return {"usage": list(usage), "expiry": CERTIFICATE_LIFETIME}


def _authority(org: Org, own: Endpoint, name: str, secret: str, signing: dict[str, Any]) -> dict[str, Any]:
    """Gives one authority: a registrar, NodeOU types, a root of its own, SQLite."""
    return {
        "ca": {"name": name, "keyfile": None, "certfile": None, "chainfile": None},
        "crl": {"expiry": "24h"},
        "registry": {
            "maxenrollments": -1,
            "identities": [
                {
                    "name": REGISTRAR,
                    "pass": secret,
                    "type": "client",
                    "affiliation": "",
                    "attrs": {
                        "hf.Registrar.Roles": "*",
                        "hf.Registrar.DelegateRoles": "*",
                        "hf.Revoker": True,
                        "hf.IntermediateCA": False,
                        "hf.GenCRL": True,
                        "hf.Registrar.Attributes": "*",
                        "hf.AffiliationMgr": True,
                    },
                }
            ],
        },
        "db": {"type": "sqlite3", "datasource": "fabric-ca-server.db", "tls": {"enabled": False}},
        "ldap": {"enabled": False},
        "affiliations": {},
        "signing": signing,
        "csr": {
            "cn": name,
            "keyrequest": {"algo": "ecdsa", "size": 256},
            "names": [{"O": org.name, "OU": None}],
            "hosts": list(certificate_names(name, own.host)),
            "ca": {"expiry": ROOT_LIFETIME, "pathlength": 1},
        },
        "bccsp": {
            "default": "SW",
            "sw": {"hash": "SHA2", "security": 256, "filekeystore": {"keystore": "msp/keystore"}},
        },
        "cfg": {"identities": {"passwordattempts": 10}},
    }
