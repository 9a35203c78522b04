"""What watches an organisation: Prometheus' targets and alert rules, Grafana's dashboards."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from network.rendering.text import yaml_text

DATASOURCE = "prometheus"
PANEL_WIDTH, PANEL_HEIGHT, COLUMNS = 12, 8, 24


@dataclass(frozen=True)
class Alert:
    """A rule: when `expression` holds for so long, somebody is told `summary`, and what to look at."""

    name: str
    expression: str
    lasting: str
    severity: str
    summary: str
    advice: str


ALERTS = (
    Alert(
        "JifenTargetDown",
        "up == 0",
        "1m",
        "critical",
        "{{ $labels.job }} does not answer",
        "jifen network status names what is wrong with it.",
    ),
    Alert(
        "PeerBehind",
        "max(jifen_ledger_height) - on() group_right() ledger_blockchain_height > 10",
        "1m",
        "warning",
        "{{ $labels.job }} lacks {{ $value }} blocks that the gateway's peer has",
        "Does it reach the ordering nodes? Its log names the address that does not answer.",
    ),
    Alert(
        "NoRaftLeader",
        # An ordering node does not say whether another one leads: only whose nodes are all of them can tell.
        "sum by (channel) (consensus_etcdraft_is_leader) == 0 and count by (channel) (consensus_etcdraft_is_leader)"
        " == max by (channel) (consensus_etcdraft_cluster_size)",
        "30s",
        "critical",
        "the ordering nodes of {{ $labels.channel }} have no leader: nothing is ordered",
        "More than half of the ordering nodes must run and reach each other.",
    ),
    Alert(
        "OrderingNodesMissing",
        "consensus_etcdraft_active_nodes < consensus_etcdraft_cluster_size and consensus_etcdraft_is_leader == 1",
        "1m",
        "warning",
        "{{ $value }} ordering nodes of {{ $labels.channel }} are active, fewer than there are",
        "One that fails more may stop the channel: bring the missing one back.",
    ),
    Alert(
        "BroadcastRefused",
        'sum by (job, status) (rate(broadcast_processed_count{status!="SUCCESS"}[5m])) > 0',
        "2m",
        "warning",
        "{{ $labels.job }} refuses transactions with {{ $labels.status }}",
        "SERVICE_UNAVAILABLE: no leader; FORBIDDEN: the sender's certificate or policy; BAD_REQUEST: too large.",
    ),
    Alert(
        "ConflictsFrequent",
        'sum by (job) (rate(ledger_transaction_count{validation_code="MVCC_READ_CONFLICT"}[5m])) '
        "> 0.01 * sum by (job) (rate(ledger_transaction_count[5m]))",
        "5m",
        "warning",
        "more than 1 % of the transactions at {{ $labels.job }} met another one at the same key",
        "Do two gateways of one organisation have the same lanes (ledger.first_shard)?",
    ),
    Alert(
        "CertificateEndsInAMonth",
        "jifen_certificate_not_after_seconds - time() < 30 * 86400",
        "1h",
        "warning",
        "the certificate {{ $labels.name }} ends in less than 30 days",
        "Renew it before it ends: afterwards its holder is refused everywhere.",
    ),
    Alert(
        "CertificateEndsInAWeek",
        "jifen_certificate_not_after_seconds - time() < 7 * 86400",
        "10m",
        "critical",
        "the certificate {{ $labels.name }} ends in less than 7 days",
        "Renew it now.",
    ),
    Alert(
        "DiskNearlyFull",
        "jifen_disk_free_bytes / jifen_disk_bytes < 0.15",
        "5m",
        "critical",
        "less than 15 % of the gateway's disk is free",
        "Peers and ordering nodes on the same disk stop when it is full.",
    ),
    Alert(
        "ProjectionBehind",
        "jifen_projection_lag_blocks > 0 and time() - jifen_projection_folded_at_seconds > 60",
        "1m",
        "warning",
        "the gateway's tables lack {{ $value }} blocks and have not moved for a minute",
        "Pages show old balances. The gateway's log says why; jifen projection rebuild makes the tables anew.",
    ),
    Alert(
        "GatewayWithoutLedger",
        "jifen_ledger_reachable == 0",
        "1m",
        "critical",
        "the gateway does not reach its own peer",
        "GET /health/ready says by its code what is in the way.",
    ),
    Alert(
        "OperationsWaitLong",
        "jifen_submissions_oldest_pending_seconds > 300",
        "1m",
        "warning",
        "an operation has waited for its commit for {{ $value }} s",
        "Are enough merchants' peers and the ordering nodes up?",
    ),
    Alert(
        "GatewayServiceEnded",
        "jifen_services_failed > 0",
        "1m",
        "critical",
        "a part of the gateway ended",
        "The gateway's log names it; restart the gateway.",
    ),
)


@dataclass(frozen=True)
class Panel:
    """A graph: its title, what it draws with the words for each line, and the unit as Grafana names it."""

    title: str
    expression: str
    legend: str
    unit: str = "short"


DASHBOARDS: Mapping[str, Sequence[Panel]] = {
    "Jifen network": (
        Panel("Blocks", "ledger_blockchain_height", "{{job}}"),
        Panel("Transactions a second", "sum by (job) (rate(ledger_transaction_count[1m]))", "{{job}}", "ops"),
        Panel(
            "Transactions that were not valid, a second",
            'sum by (job, validation_code) (rate(ledger_transaction_count{validation_code!="VALID"}[5m]))',
            "{{job}} {{validation_code}}",
            "ops",
        ),
        Panel(
            "Time to process a block, 95 of 100",
            "histogram_quantile(0.95, sum by (job, le) (rate(ledger_block_processing_time_bucket[5m])))",
            "{{job}}",
            "s",
        ),
        Panel(
            "Time to write the state, 95 of 100",
            "histogram_quantile(0.95, sum by (job, le) (rate(ledger_statedb_commit_time_bucket[5m])))",
            "{{job}}",
            "s",
        ),
        Panel(
            "Proposals a second",
            "sum by (job) (rate(endorser_proposals_received[1m]))",
            "{{job}}",
            "ops",
        ),
        Panel("Peers known", "gossip_membership_total_peers_known", "{{job}}"),
        Panel("Ordering nodes active", "consensus_etcdraft_active_nodes", "{{job}} {{channel}}"),
        Panel("Leader", "consensus_etcdraft_is_leader", "{{job}} {{channel}}"),
        Panel(
            "Time to persist raft's log, 95 of 100",
            "histogram_quantile(0.95, sum by (job, le) (rate(consensus_etcdraft_data_persist_duration_bucket[5m])))",
            "{{job}}",
            "s",
        ),
        Panel(
            "Ordered a second, by status",
            "sum by (job, status) (rate(broadcast_processed_count[1m]))",
            "{{job}} {{status}}",
            "ops",
        ),
        Panel("Memory", "process_resident_memory_bytes", "{{job}}", "bytes"),
        Panel("Processors", "rate(process_cpu_seconds_total[1m])", "{{job}}"),
    ),
    "Jifen gateway": (
        Panel("Requests a second", "sum by (status) (rate(jifen_http_requests_total[1m]))", "{{status}}", "reqps"),
        Panel(
            "Seconds to the answer, 50 of 100",
            "histogram_quantile(0.5, sum by (le) (rate(jifen_http_request_seconds_bucket[5m])))",
            "median",
            "s",
        ),
        Panel(
            "Seconds to the answer, 99 of 100",
            "histogram_quantile(0.99, sum by (le) (rate(jifen_http_request_seconds_bucket[5m])))",
            "99 of 100",
            "s",
        ),
        Panel("What the scheduler counts, a second", "rate(jifen_scheduler_total[1m])", "{{what}}", "ops"),
        Panel("Operations that wait", "jifen_scheduler_queued", "waiting"),
        Panel("Batches on their way", "jifen_scheduler_in_flight", "in flight"),
        Panel("Blocks that are not in the tables", "jifen_projection_lag_blocks", "blocks"),
        Panel("Oldest operation without an end", "jifen_submissions_oldest_pending_seconds", "age", "s"),
        Panel("Webhook messages that wait", "jifen_webhook_messages_pending", "messages"),
        Panel("Days to the end of certificates", "(jifen_certificate_not_after_seconds - time()) / 86400", "{{name}}"),
        Panel("Disk that is free", "jifen_disk_free_bytes / jifen_disk_bytes", "share", "percentunit"),
    ),
}


def monitoring_files(organisation: str, targets: Mapping[str, str]) -> dict[str, str]:
    """Gives the files of the folder `monitoring` by their names; `targets` are addresses by the names of services."""
    files = {
        "prometheus/prometheus.yml": _prometheus(organisation, targets),
        "prometheus/alerts.yml": alert_rules(),
        "grafana/provisioning/datasources/prometheus.yml": yaml_text(
            {
                "apiVersion": 1,
                "datasources": [
                    {
                        "name": "Prometheus",
                        "uid": DATASOURCE,
                        "type": "prometheus",
                        "url": "http://prometheus:9090",
                        "isDefault": True,
                    }
                ],
            }
        ),
        "grafana/provisioning/dashboards/jifen.yml": yaml_text(
            {
                "apiVersion": 1,
                "providers": [{"name": "jifen", "type": "file", "options": {"path": "/var/lib/grafana-dashboards"}}],
            }
        ),
    }
    for title, panels in DASHBOARDS.items():
        name = title.lower().replace(" ", "-")
        files[f"grafana/dashboards/{name}.json"] = json.dumps(_dashboard(name, title, panels), indent=2) + "\n"
    return files


def alert_rules() -> str:
    """Gives the rules file."""
    rules = [
        {
            "alert": one.name,
            "expr": one.expression,
            "for": one.lasting,
            "labels": {"severity": one.severity},
            "annotations": {"summary": one.summary, "description": one.advice},
        }
        for one in ALERTS
    ]
    return yaml_text({"groups": [{"name": "jifen", "rules": rules}]})


def _prometheus(organisation: str, targets: Mapping[str, str]) -> str:
    return yaml_text(
        {
            "global": {
                "scrape_interval": "15s",
                "evaluation_interval": "15s",
                "external_labels": {"organisation": organisation},
            },
            "rule_files": ["alerts.yml"],
            "scrape_configs": [
                {"job_name": name, "static_configs": [{"targets": [address]}]} for name, address in targets.items()
            ],
        }
    )


def _dashboard(name: str, title: str, panels: Sequence[Panel]) -> dict[str, Any]:
    per_row = COLUMNS // PANEL_WIDTH
    return {
        "uid": name,
        "title": title,
        "schemaVersion": 39,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "panels": [
            {
                "id": number + 1,
                "type": "timeseries",
                "title": one.title,
                "datasource": {"type": "prometheus", "uid": DATASOURCE},
                "gridPos": {
                    "x": number % per_row * PANEL_WIDTH,
                    "y": number // per_row * PANEL_HEIGHT,
                    "w": PANEL_WIDTH,
                    "h": PANEL_HEIGHT,
                },
                "fieldConfig": {"defaults": {"unit": one.unit}, "overrides": []},
                "targets": [{"refId": "A", "expr": one.expression, "legendFormat": one.legend}],
            }
            for number, one in enumerate(panels)
        ],
    }
