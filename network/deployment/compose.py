"""A project for `docker compose`: one organisation, which then starts without Jifen."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from network.declaration.endpoints import LOOPBACK
from network.deployment import project as parts
from network.deployment.project import Project
from network.rendering.text import yaml_text
from network.runtime.docker.containers import (
    HEALTH_INTERVAL_SECONDS,
    HEALTH_RETRIES,
    LOG_BYTES_MAX,
    LOG_FILES_MAX,
    STOP_SECONDS,
    TEMPORARY,
    TEMPORARY_BYTES,
    Container,
    Limits,
)
from network.runtime.docker.places import gateway

FILE, SETTINGS_FILE = "compose.yaml", ".env"
MONITORING = "./monitoring"
POSTGRES_DATA = "/var/lib/postgresql/data"
PASSWORD, PASSWORD_LINE, GRAFANA_PASSWORD = "postgres-password", "pgpass", "grafana-password"
MADE_FOLDERS = ("gateway", "gateway-keys", "postgres", "prometheus", "grafana")
"""Beside compose.yaml, for services to write to."""


def compose(project: Project, place: Path) -> str:
    """Gives compose.yaml for a folder `place`; paths in it are relative to that. What is built here has the names that
    `jifen network images` brings into an engine."""
    own = os.path.relpath(project.root, place)
    services = {one.name: _fabric_service(project, one, own) for one in project.deployed}
    services |= _gateway(project, own) | _watching(project)
    document = {
        "services": services,
        "networks": {
            "default": {
                "driver": "bridge",
                "ipam": {"config": [{"subnet": project.network, "gateway": gateway(project.network)}]},
            }
        },
        "secrets": {name: {"file": f"./secrets/{name}"} for name in (PASSWORD, PASSWORD_LINE, GRAFANA_PASSWORD)},
    }
    return yaml_text(document)


def compose_settings(project: Project) -> str:
    """Gives `.env`, which compose reads beside compose.yaml: the project's name, and what may be set there."""
    return (
        f"COMPOSE_PROJECT_NAME=jifen-{project.name}\n"
        "# May be set, too: GATEWAY_ADDRESS, GATEWAY_PORT, PROMETHEUS_PORT, GRAFANA_PORT;\n"
        "# POSTGRES_IMAGE, PROMETHEUS_IMAGE, GRAFANA_IMAGE.\n"
    )


def _fabric_service(project: Project, one: parts.Deployed, own: str) -> dict[str, Any]:
    kept = [f"{endpoint.host}:{endpoint.port}:{endpoint.port}" for endpoint in one.service.endpoints]
    return _service(project, one.container, one.image, own) | {"ports": kept}


def _service(project: Project, container: Container, image: str, own: str) -> dict[str, Any]:
    volumes = [
        _bind(f"{_in(own, mount.source, project.root)}", mount.target, writable=mount.writable)
        for mount in container.mounts
    ]
    return {
        "image": image,
        "entrypoint": [_plain(container.arguments[0])],
        "command": [_plain(argument) for argument in container.arguments[1:]],
        "working_dir": container.folder,
        "environment": {name: _plain(value) for name, value in container.environment.items()},
        "volumes": volumes,
        "healthcheck": {
            "test": ["CMD", *map(_plain, container.health_check)],
            "interval": f"{HEALTH_INTERVAL_SECONDS}s",
            "retries": HEALTH_RETRIES,
        },
        **_confined(project, container.limits),
    }


def _confined(project: Project, limits: Limits, temporary: Sequence[str] = ()) -> dict[str, Any]:
    """Gives what holds for every service: no root, nothing to write to but its own, limits, and it comes back."""
    return {
        "user": project.user,
        "read_only": True,
        "tmpfs": [f"{TEMPORARY}:size={TEMPORARY_BYTES},mode=1777", *temporary],
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "mem_limit": limits.memory_bytes,
        "cpus": limits.processors,
        "pids_limit": limits.processes,
        "restart": "unless-stopped",
        "stop_grace_period": f"{STOP_SECONDS}s",
        "logging": {"driver": "json-file", "options": {"max-size": LOG_BYTES_MAX, "max-file": LOG_FILES_MAX}},
    }


def _gateway(project: Project, own: str) -> dict[str, Any]:
    """Gives the database, what prepares the gateway once, and the gateway."""
    container = parts.gateway_container(project)
    served = _service(project, container, project.gateway_image, own)
    served["volumes"] += [
        _bind("./gateway", parts.GATEWAY_FOLDER, writable=True),
        _bind("./gateway-keys", parts.GATEWAY_KEYS, writable=True),
    ]
    served["secrets"] = [PASSWORD_LINE]
    address = f"${{GATEWAY_ADDRESS:-{project.address}}}:${{GATEWAY_PORT:-{parts.GATEWAY_PORT}}}"
    prepared = {name: value for name, value in served.items() if name not in ("healthcheck", "restart")}
    prepared |= {"command": list(parts.gateway_preparation(project)[1:]), "restart": "no"}
    return {
        "postgres": {
            "image": f"${{POSTGRES_IMAGE:-{parts.POSTGRES_IMAGE}}}",
            "environment": {
                "POSTGRES_USER": parts.DATABASE,
                "POSTGRES_DB": parts.DATABASE,
                "POSTGRES_PASSWORD_FILE": f"/run/secrets/{PASSWORD}",
                "PGDATA": POSTGRES_DATA,
            },
            "secrets": [PASSWORD],
            "volumes": [_bind("./postgres", POSTGRES_DATA, writable=True)],
            "healthcheck": {
                "test": ["CMD", "pg_isready", "-U", parts.DATABASE, "-d", parts.DATABASE, "-h", LOOPBACK],
                "interval": "5s",
                "retries": 12,
            },
            **_confined(project, parts.limits_of("postgres"), ["/var/run/postgresql:mode=1777"]),
        },
        "gateway-preparation": prepared | {"depends_on": {"postgres": {"condition": "service_healthy"}}},
        "gateway": served
        | {
            "ports": [f"{address}:{parts.GATEWAY_PORT}"],
            "depends_on": {
                "postgres": {"condition": "service_healthy"},
                "gateway-preparation": {"condition": "service_completed_successfully"},
            },
        },
    }


def _watching(project: Project) -> dict[str, Any]:
    """Gives Prometheus and Grafana with the rules and dashboards of `monitoring`."""
    return {
        "prometheus": {
            "image": f"${{PROMETHEUS_IMAGE:-{parts.PROMETHEUS_IMAGE}}}",
            "command": ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"],
            "volumes": [
                _bind(f"{MONITORING}/prometheus", "/etc/prometheus", writable=False),
                _bind("./prometheus", "/prometheus", writable=True),
            ],
            "ports": [f"{project.address}:${{PROMETHEUS_PORT:-{parts.PROMETHEUS_PORT}}}:{parts.PROMETHEUS_PORT}"],
            **_confined(project, parts.limits_of("prometheus")),
        },
        "grafana": {
            "image": f"${{GRAFANA_IMAGE:-{parts.GRAFANA_IMAGE}}}",
            "environment": {
                "GF_SECURITY_ADMIN_PASSWORD__FILE": f"/run/secrets/{GRAFANA_PASSWORD}",
                "GF_ANALYTICS_REPORTING_ENABLED": "false",
                "GF_USERS_ALLOW_SIGN_UP": "false",
            },
            "secrets": [GRAFANA_PASSWORD],
            "volumes": [
                _bind(f"{MONITORING}/grafana/provisioning", "/etc/grafana/provisioning", writable=False),
                _bind(f"{MONITORING}/grafana/dashboards", "/var/lib/grafana-dashboards", writable=False),
                _bind("./grafana", "/var/lib/grafana", writable=True),
            ],
            "ports": [f"{project.address}:${{GRAFANA_PORT:-{parts.GRAFANA_PORT}}}:{parts.GRAFANA_PORT}"],
            "depends_on": ["prometheus"],
            **_confined(project, parts.limits_of("grafana")),
        },
    }


def _bind(source: str, target: str, *, writable: bool) -> dict[str, Any]:
    return {"type": "bind", "source": source, "target": target, "read_only": not writable}


def _in(own: str, source: Path, root: Path) -> str:
    """Gives the path of a file of the organisation, relative to the project's folder; an absolute one for all else."""
    if not source.is_relative_to(root):
        return str(source)
    return f"./{os.path.normpath(os.path.join(own, source.relative_to(root)))}"


def _plain(text: str) -> str:
    """Gives a text that compose leaves as it is."""
    return text.replace("$", "$$")
