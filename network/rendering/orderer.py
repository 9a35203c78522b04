"""orderer.yaml of an ordering node, in full."""

from __future__ import annotations

from network.declaration.endpoints import UNUSED_LISTENER, Endpoints
from network.declaration.model import Consortium, Orderer, Org
from network.rendering.text import metrics_provider, yaml_text

MESSAGE_BYTES_MAX = 100 << 20
ADMINS_FILE = "admins.crt"


def orderer_config(consortium: Consortium, org: Org, orderer: Orderer, listeners: Endpoints) -> str:
    """Gives orderer.yaml. Paths are relative to the node's own folder, which is its working folder and holds this file.
    The admin listener takes the certificates in `tls/admins.crt` and no other: an authority there would let in whoever
    gets a certificate of it."""
    own, metrics = listeners[orderer.name], listeners.get(f"{orderer.name}.metrics")
    return yaml_text(
        {
            "General": {
                "ListenAddress": own.host,
                "ListenPort": own.port,
                "TLS": {
                    "Enabled": True,
                    "PrivateKey": "tls/server.key",
                    "Certificate": "tls/server.crt",
                    "RootCAs": ["tls/ca.crt"],
                    # The other orgs' roots come with the channel's configuration.
                    "ClientAuthRequired": consortium.mutual_tls,
                    "ClientRootCAs": ["tls/ca.crt"],
                },
                "Keepalive": {"ServerMinInterval": "10s", "ServerInterval": "7200s", "ServerTimeout": "20s"},
                "Backoff": {"BaseDelay": "1s", "Multiplier": 1.6, "MaxDelay": "2m"},
                "MaxRecvMsgSize": MESSAGE_BYTES_MAX,
                "MaxSendMsgSize": MESSAGE_BYTES_MAX,
                "Throttling": {"Rate": 0, "InactivityTimeout": "5s"},
                # Between ordering nodes TLS is always mutual, over the same listener.
                "Cluster": {
                    "SendBufferSize": 100,
                    "ClientCertificate": "tls/server.crt",
                    "ClientPrivateKey": "tls/server.key",
                    "ReplicationPolicy": "consensus",
                },
                "LocalMSPDir": "msp",
                "LocalMSPID": org.msp,
                "Profile": {"Enabled": False, "Address": str(UNUSED_LISTENER)},
                "BCCSP": {"Default": "SW", "SW": {"Hash": "SHA2", "Security": 256}},
                "Authentication": {"TimeWindow": "15m"},
            },
            "FileLedger": {"Location": "data/ledger"},
            "Debug": {"BroadcastTraceDir": "", "DeliverTraceDir": ""},
            # The listener cannot be turned off: without a port of its own it gets one of the kernel's choice.
            "Operations": {"ListenAddress": str(metrics or UNUSED_LISTENER), "TLS": {"Enabled": False}},
            "Metrics": {"Provider": metrics_provider(metrics)},
            "Admin": {
                "ListenAddress": str(listeners[f"{orderer.name}.admin"]),
                "TLS": {
                    "Enabled": True,
                    "Certificate": "tls/server.crt",
                    "PrivateKey": "tls/server.key",
                    "RootCAs": ["tls/ca.crt"],
                    "ClientAuthRequired": True,
                    "ClientRootCAs": [f"tls/{ADMINS_FILE}"],
                },
            },
            "ChannelParticipation": {"Enabled": True, "MaxRequestBodySize": "10 MB"},
            "Consensus": {"WALDir": "data/raft/wal", "SnapDir": "data/raft/snapshot"},
        }
    )
