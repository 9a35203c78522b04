"""core.yaml of a peer, in full, and the smaller one that the `peer` command reads as a client."""

from __future__ import annotations

from typing import Any

from network.declaration.endpoints import UNUSED_LISTENER, Endpoint, Endpoints
from network.declaration.model import Consortium, Org, Peer
from network.rendering.text import metrics_provider, milliseconds, yaml_text

MESSAGE_BYTES_MAX = 100 << 20
TOTAL_QUERY_LIMIT = 100_000
"""How many keys a peer gives for one range; `CloseWindow` and every list of the rules ask for far fewer."""
BUILDER_NAME = "jifen-service"
CONNECTION_FOLDER_VARIABLE = "JIFEN_CHAINCODE_CONNECTIONS"


def peer_config(consortium: Consortium, org: Org, peer: Peer, endpoints: Endpoints, listeners: Endpoints) -> str:
    """Gives core.yaml. Paths are relative to the peer's own folder, which is its working folder and holds this file."""
    metrics = listeners.get(f"{peer.name}.metrics")
    return yaml_text(
        {
            "peer": _peer(consortium, org, peer, endpoints, listeners),
            "vm": {"endpoint": None},
            "chaincode": _chaincode(),
            "ledger": _ledger(),
            # The listener cannot be turned off: without a port of its own it gets one of the kernel's choice.
            "operations": {"listenAddress": str(metrics or UNUSED_LISTENER), "tls": {"enabled": False}},
            "metrics": {"provider": metrics_provider(metrics)},
        }
    )


def client_config() -> str:
    """Gives core.yaml for the `peer` command as a client: the identity and the address come by environment."""
    software = {"Default": "SW", "SW": {"Hash": "SHA2", "Security": 256}}
    return yaml_text({"peer": {"BCCSP": software, "client": {"connTimeout": "10s"}, "localMspType": "bccsp"}})


def _peer(consortium: Consortium, org: Org, peer: Peer, endpoints: Endpoints, listeners: Endpoints) -> dict[str, Any]:
    limits, address = consortium.limits, str(endpoints[peer.name])
    return {
        "id": f"{peer.name}.{org.dns}",
        "networkId": consortium.name,
        "listenAddress": str(listeners[peer.name]),
        "address": address,
        "chaincodeListenAddress": str(UNUSED_LISTENER),  # chaincode runs as a service: nothing calls in
        "addressAutoDetect": False,
        "gateway": {"enabled": True, "endorsementTimeout": "30s", "broadcastTimeout": "30s", "dialTimeout": "30s"},
        "keepalive": {
            "interval": "7200s",
            "timeout": "20s",
            "minInterval": "10s",
            "client": {"interval": "60s", "timeout": "20s"},
            "deliveryClient": {"interval": "60s", "timeout": "20s"},
        },
        "gossip": _gossip(address),
        "tls": {
            "enabled": True,
            # The other orgs' roots come with the channel's configuration.
            "clientAuthRequired": consortium.mutual_tls,
            "cert": {"file": "tls/server.crt"},
            "key": {"file": "tls/server.key"},
            "rootcert": {"file": "tls/ca.crt"},
            "clientRootCAs": {"files": ["tls/ca.crt"]},
        },
        "authentication": {"timewindow": milliseconds(consortium.proposal_time_window)},
        "fileSystemPath": "data",
        "BCCSP": {"Default": "SW", "SW": {"Hash": "SHA2", "Security": 256}},
        "mspConfigPath": "msp",
        "localMspId": org.msp,
        "localMspType": "bccsp",
        "client": {"connTimeout": "10s"},
        "deliveryclient": {
            "blockGossipEnabled": False,
            "reconnectTotalTimeThreshold": "3600s",
            "connTimeout": "3s",
            # A peer that lost the orderer comes back within seconds of it, not after an hour's back-off.
            "reConnectBackoffThreshold": "2s",
            "blockCensorshipTimeoutKey": "30s",
            "minimalReconnectInterval": "100ms",
            "policy": "cluster",
        },
        "profile": _profile(listeners.get(f"{peer.name}.profile")),
        "handlers": {
            "authFilters": [{"name": "DefaultAuth"}, {"name": "ExpirationCheck"}, {"name": "TimeWindowCheck"}],
            "decorators": [{"name": "DefaultDecorator"}],
            "endorsers": {"escc": {"name": "DefaultEndorsement"}},
            "validators": {"vscc": {"name": "DefaultValidation"}},
        },
        "discovery": {
            "enabled": True,
            "authCacheEnabled": True,
            "authCacheMaxSize": 1000,
            "authCachePurgeRetentionRatio": 0.75,
            "orgMembersAllowedAccess": False,
        },
        "limits": {
            "concurrency": {
                "endorserService": limits.endorsements_in_flight,
                "deliverService": limits.deliver_streams,
                "gatewayService": limits.gateway_calls_in_flight,
            }
        },
        "maxRecvMsgSize": MESSAGE_BYTES_MAX,
        "maxSendMsgSize": MESSAGE_BYTES_MAX,
    }


def _profile(profile: Endpoint | None) -> dict[str, Any]:
    """Serves Go's profiles over HTTP to whoever asks: only where the declaration names a port for it."""
    return {"enabled": profile is not None, "listenAddress": str(profile or UNUSED_LISTENER)}


def _gossip(address: str) -> dict[str, Any]:
    """Gives the part on gossip. Every peer takes its blocks from the orderers; gossip only tells the orgs of each
    other, so a second, not four, between its rounds costs little and lets the Gateway service find the other orgs'
    peers soon after a start."""
    return {
        "bootstrap": address,
        "endpoint": address,
        "externalEndpoint": address,
        "useLeaderElection": False,
        "orgLeader": True,
        "membershipTrackerInterval": "5s",
        "maxBlockCountToStore": 10,
        "maxPropagationBurstLatency": "10ms",
        "maxPropagationBurstSize": 10,
        "propagateIterations": 1,
        "propagatePeerNum": 3,
        "pullInterval": "4s",
        "pullPeerNum": 3,
        "requestStateInfoInterval": "1s",
        "publishStateInfoInterval": "1s",
        "publishCertPeriod": "10s",
        "skipBlockVerification": False,
        "dialTimeout": "3s",
        "connTimeout": "2s",
        "recvBuffSize": 20,
        "sendBuffSize": 200,
        "digestWaitTime": "1s",
        "requestWaitTime": "1500ms",
        "responseWaitTime": "2s",
        "aliveTimeInterval": "1s",
        "aliveExpirationTimeout": "10s",
        "reconnectInterval": "2s",
        "maxConnectionAttempts": 120,
        "msgExpirationFactor": 20,
        "election": {
            "startupGracePeriod": "15s",
            "membershipSampleInterval": "1s",
            "leaderAliveThreshold": "10s",
            "leaderElectionDuration": "5s",
        },
        "pvtData": {
            # The only private data are approvals of the chaincode. A peer that lost its data asks in vain for those of
            # its own org, at each block that holds one.
            "pullRetryThreshold": "3s",
            "transientstoreMaxBlockRetention": 20000,
            "pushAckTimeout": "3s",
            "btlPullMargin": 10,
            "reconcileBatchSize": 10,
            "reconcileSleepInterval": "1m",
            "reconciliationEnabled": True,
            "skipPullingInvalidTransactionsDuringCommit": False,
            "implicitCollectionDisseminationPolicy": {"requiredPeerCount": 0, "maxPeerCount": 1},
        },
        "state": {
            "enabled": False,
            "checkInterval": "10s",
            "responseTimeout": "3s",
            "batchSize": 10,
            "blockBufferSize": 20,
            "maxRetries": 3,
        },
    }


def _chaincode() -> dict[str, Any]:
    return {
        "externalBuilders": [
            {"name": BUILDER_NAME, "path": "../../builder", "propagateEnvironment": [CONNECTION_FOLDER_VARIABLE]}
        ],
        "installTimeout": "60s",
        "startuptimeout": "60s",
        "executetimeout": "30s",
        "mode": "net",
        "keepalive": 0,
        "system": {"_lifecycle": "enable", "cscc": "enable", "lscc": "enable", "qscc": "enable"},
        "logging": {"level": "info", "shim": "warning", "format": "%{time} [%{module}] %{level} %{message}"},
        # Batched reads and writes between peer and chaincode: one message for a batch's keys instead of one a key.
        "runtimeParams": {
            "useWriteBatch": True,
            "maxSizeWriteBatch": 10_000,
            "useGetMultipleKeys": True,
            "maxSizeGetMultipleKeys": 10_000,
        },
    }


def _ledger() -> dict[str, Any]:
    return {
        "state": {"stateDatabase": "goleveldb", "totalQueryLimit": TOTAL_QUERY_LIMIT},
        # Nobody asks for a key's history: events tell it. The index would be one more record for each key written, and
        # its compaction.
        "history": {"enableHistoryDatabase": False},
        "pvtdataStore": {
            "collElgProcMaxDbBatchSize": 5000,
            "collElgProcDbBatchesInterval": 1000,
            "deprioritizedDataReconcilerInterval": "60m",
            "purgeInterval": 100,
            "purgedKeyAuditLogging": True,
        },
    }
