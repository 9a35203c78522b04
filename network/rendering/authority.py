"""The configuration of an org's certificate authority (fabric-ca-server)."""

from __future__ import annotations

from network.declaration.model import Org
from network.rendering.text import yaml_text

CERTIFICATE_LIFETIME = "8760h"
ROOT_LIFETIME = "131400h"


def authority_config(org: Org, port: int, administrator: str, secret: str) -> str:
    """`fabric-ca-server-config.yaml`: one registrar, NodeOU types, profiles for identities and for TLS, SQLite.

    The file holds the registrar's secret; it is written readable by its owner alone.
    """
    profile = {"usage": ["digital signature"], "expiry": CERTIFICATE_LIFETIME}
    return yaml_text(
        {
            "version": "1.5.21",
            "address": "127.0.0.1",
            "port": port,
            "debug": False,
            "crlsizelimit": 512000,
            "tls": {"enabled": True, "certfile": None, "keyfile": None, "clientauth": {"type": "noclientcert"}},
            "ca": {"name": f"ca.{org.dns}", "keyfile": None, "certfile": None, "chainfile": None},
            "crl": {"expiry": "24h"},
            "registry": {
                "maxenrollments": -1,
                "identities": [
                    {
                        "name": administrator,
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
            "signing": {
                "default": profile,
                "profiles": {
                    "ca": {
                        "usage": ["cert sign", "crl sign"],
                        "expiry": "43800h",
                        "caconstraint": {"isca": True, "maxpathlen": 0},
                    },
                    "tls": {
                        # A node serves and calls with one certificate.
                        "usage": ["digital signature", "key encipherment", "server auth", "client auth"],
                        "expiry": CERTIFICATE_LIFETIME,
                    },
                },
            },
            "csr": {
                "cn": f"ca.{org.dns}",
                "keyrequest": {"algo": "ecdsa", "size": 256},
                "names": [{"O": org.name, "OU": None}],
                "hosts": [f"ca.{org.dns}", "localhost", "127.0.0.1"],
                "ca": {"expiry": ROOT_LIFETIME, "pathlength": 1},
            },
            "bccsp": {
                "default": "SW",
                "sw": {"hash": "SHA2", "security": 256, "filekeystore": {"keystore": "msp/keystore"}},
            },
            "cfg": {"identities": {"passwordattempts": 10}},
            # Health and metrics are not used; the listener cannot be turned off, so it gets a port of the kernel's choice.
            "operations": {"listenAddress": "127.0.0.1:0", "tls": {"enabled": False}},
            "metrics": {"provider": "disabled"},
        }
    )
