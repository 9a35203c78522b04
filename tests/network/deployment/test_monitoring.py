"""What watches an organisation: rules that Prometheus' own checker takes, dashboards for every service."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import yaml

from admin.tools.checks.system_packages import provide_promtool
from network.deployment.monitoring import ALERTS, monitoring_files

TARGETS = {"peer0": "peer0:9443", "gateway": "gateway:8080"}


def test_prometheus_takes_the_configuration_and_the_rules(tmp_path: Path) -> None:
    for name, text in monitoring_files("northstar", TARGETS).items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    promtool = str(provide_promtool())
    for check in (("config", "prometheus.yml"), ("rules", "alerts.yml")):
        command = [promtool, "check", check[0], str(tmp_path / "prometheus" / check[1])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(ALERTS)} rules found" in done.stdout


def test_every_service_is_a_target_of_its_own_name() -> None:
    found = yaml.safe_load(monitoring_files("northstar", TARGETS)["prometheus/prometheus.yml"])
    assert {one["job_name"]: one["static_configs"][0]["targets"] for one in found["scrape_configs"]} == {
        "peer0": ["peer0:9443"],
        "gateway": ["gateway:8080"],
    }
    assert found["global"]["external_labels"] == {"organisation": "northstar"}


def test_the_dashboards_are_grafanas_and_no_two_graphs_lie_on_each_other() -> None:
    files = monitoring_files("northstar", TARGETS)
    boards = [json.loads(text) for name, text in files.items() if name.endswith(".json")]
    assert {board["title"] for board in boards} == {"Jifen network", "Jifen gateway"}
    source = yaml.safe_load(files["grafana/provisioning/datasources/prometheus.yml"])["datasources"][0]["uid"]
    for board in boards:
        places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]}
        assert len(places) == len(board["panels"])
        assert {panel["datasource"]["uid"] for panel in board["panels"]} == {source}


def test_every_alert_says_what_to_do() -> None:
    assert len({one.name for one in ALERTS}) == len(ALERTS)
    assert all(one.summary and one.advice and one.severity in ("warning", "critical") for one in ALERTS)
