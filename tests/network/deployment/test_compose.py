"""A compose project for each organisation: read by compose itself, and started by it without Jifen."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest
import requests
import yaml

from network.deployment.monitoring import ALERTS, DASHBOARDS
from network.journeys.local import LocalNetwork, running_network
from network.nodes.peer_admin import PeerAdmin
from network.runtime.docker.docker_runtime import DockerRuntime
from network.runtime.docker.places import gateway, read_places
from tests.network.deployment.metric_names import metric_names
from tests.scenes.commands import document, jifen
from tests.scenes.contained_network import declared, rendered_projects
from tests.scenes.stand_in_images import provide_stand_ins, stand_ins
from tests.scenes.waiting import eventually

pytestmark = [pytest.mark.fabric, pytest.mark.timeout(900)]

ORGS = ("operator", "northstar", "harbor")
FROM_THE_FIRST_OPERATION = {"jifen_scheduler_total"}
"""What a gateway counts only when it has something to count."""
GATEWAYS = ("operator", "northstar")
OF_A_GATEWAY = {"gateway", "gateway-preparation", "postgres", "prometheus"}
NOT_STARTED = {org: {"grafana", *(() if org in GATEWAYS else OF_A_GATEWAY)} for org in ORGS}
"""Grafana, as only a registry has its image; and one gateway, as there are two others."""


def compose(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= stand_ins()
    return subprocess.run(
        ["docker-compose", "--ansi", "never", *arguments],
        cwd=place, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def project(place: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((place / "compose.yaml").read_text("utf-8"))
    return found


def address(place: Path) -> str:
    return gateway(read_places(place)[place.name])


@contextmanager
def running(rendered: Path) -> Iterator[None]:
    """All projects, as long as they are needed."""
    try:
        for org in ORGS:
            services = project(rendered / org)["services"].keys() - NOT_STARTED[org]
            done = compose(rendered / org, "up", "-d", *services)
            assert done.returncode == 0, done.stderr[-3000:]
        yield
    finally:
        for org in ORGS:
            compose(rendered / org, "down", "--volumes")


def told(url: str) -> tuple[int, Any]:
    try:
        answer = requests.get(url, timeout=10)
        return answer.status_code, answer.json()
    except requests.RequestException as error:
        return 0, str(error)


@pytest.mark.parametrize("org", ORGS)
def test_compose_reads_the_project(rendered: Path, org: str) -> None:
    done = compose(rendered / org, "config")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("org", ORGS)
def test_every_service_is_confined(rendered: Path, org: str) -> None:
    services = project(rendered / org)["services"]
    assert {"ca", "gateway", "postgres", "prometheus", "grafana"} <= set(services)
    for name, service in services.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["user"].split(":")[0] not in ("0", "root"), name
        assert service["mem_limit"] > 0, name
        assert service["pids_limit"] > 0, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert all(volume["source"].startswith("./") for volume in service["volumes"]), name


def test_secrets_are_files_of_their_user_alone_and_stand_nowhere_else(rendered: Path) -> None:
    for org in ORGS:
        place = rendered / org
        texts = [
            file.read_text("utf-8") for file in (place / "compose.yaml", place / ".env", place / "kubernetes.yaml")
        ]
        for name in ("postgres-password", "pgpass", "grafana-password"):
            file = place / "secrets" / name
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert not any(file.read_text("utf-8").strip() in text for text in texts)


@pytest.fixture
def stopped(engine: docker.DockerClient, tmp_path: Path) -> Iterator[Path]:
    """The same of a network of its own, which does not run; all its images are in the engine."""
    root = tmp_path / "network"
    with running_network(declared(2), root, runtime=DockerRuntime()), rendered_projects(root) as orgs:
        document(jifen("network", "images", "--folder", root, "--json", folder=root))
        LocalNetwork(root).stop()
        yield orgs


@pytest.mark.long
def test_the_projects_start_without_jifen_and_are_watched(stopped: Path) -> None:
    rendered = stopped
    provide_stand_ins()
    with running(rendered):
        for org in GATEWAYS:
            place = rendered / org
            eventually(
                f"the gateway of {org} would commit",
                lambda place=place: told(f"http://{address(place)}:8080/health/ready"),  # type: ignore[misc]
                lambda answer: answer[0] == 200,
                seconds=180,
            )
        place = rendered / "northstar"
        targets = eventually(
            "every target is up",
            lambda: told(f"http://{address(place)}:9090/api/v1/targets")[1],
            lambda found: (
                isinstance(found, dict)
                and all(one["health"] == "up" for one in found["data"]["activeTargets"])
                and len(found["data"]["activeTargets"]) == 3
            ),
            seconds=120,
        )
        assert {one["labels"]["job"] for one in targets["data"]["activeTargets"]} == {"ca", "peer0", "gateway"}
        rules = told(f"http://{address(place)}:9090/api/v1/rules")[1]["data"]["groups"][0]["rules"]
        assert {rule["name"] for rule in rules} == {one.name for one in ALERTS}
        PeerAdmin(LocalNetwork(rendered.parent).participant("operator")).probe_commit()
        missing = eventually(
            "every metric that is asked for",
            lambda: asked() - {name for org in GATEWAYS for name in exported(rendered / org)},
            lambda names: names <= FROM_THE_FIRST_OPERATION,
            seconds=120,
        )
        assert missing == FROM_THE_FIRST_OPERATION


def asked() -> set[str]:
    """The names of all metrics that alerts and dashboards ask for."""
    expressions = [one.expression for one in ALERTS]
    expressions += [panel.expression for panels in DASHBOARDS.values() for panel in panels]
    return {name for expression in expressions for name in metric_names(expression)}


def exported(place: Path) -> set[str]:
    """The names of all metrics that Prometheus has of an organisation."""
    return set(
        eventually(
            "metrics of every service",
            lambda: told(f"http://{address(place)}:9090/api/v1/label/__name__/values")[1],
            lambda found: isinstance(found, dict) and "jifen_http_requests_total" in found["data"],
            seconds=120,
        )["data"]
    )
