"""Writes what `compose` and `kubernetes` render into a folder for each organisation."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from network.deployment.compose import (
    FILE,
    GRAFANA_PASSWORD,
    MADE_FOLDERS,
    PASSWORD,
    PASSWORD_LINE,
    SETTINGS_FILE,
    compose,
    compose_settings,
)
from network.deployment.kubernetes import OBJECTS_FILE, SECRETS_FILE, kubernetes, secrets_script
from network.deployment.monitoring import monitoring_files
from network.deployment.project import DATABASE, POSTGRES_PORT, Project, gateway_container
from network.folders import write
from network.runtime.docker.containers import give, owner_of

FOR_ITS_USER = 0o700


def write_compose(project: Project, place: Path) -> list[str]:
    """Writes an organisation's compose project into `place`: compose.yaml, what watches it, folders to write to, and
    secrets, which are made once and stay. Gives the names of the files."""
    targets = {name: f"{name}:{port}" for name, port in project.watched.items()}
    files = {FILE: compose(project, place), SETTINGS_FILE: compose_settings(project)}
    files |= {f"monitoring/{name}": text for name, text in monitoring_files(project.name, targets).items()}
    for name, text in files.items():
        write(place / name, text)
    password = _secret(place / "secrets" / PASSWORD)
    write(place / "secrets" / PASSWORD_LINE, f"postgres:{POSTGRES_PORT}:*:{DATABASE}:{password}\n", private=True)
    _secret(place / "secrets" / GRAFANA_PASSWORD)
    owner = owner_of(project.root)
    own = [place / "secrets" / name for name in (PASSWORD, PASSWORD_LINE, GRAFANA_PASSWORD)]
    for name in MADE_FOLDERS:
        (place / name).mkdir(mode=FOR_ITS_USER, exist_ok=True)
        own.append(place / name)
    if os.geteuid() == 0:
        for path in own:
            os.chown(path, *owner)
        for container in (*(one.container for one in project.deployed), gateway_container(project)):
            give(container, owner)
    return [*files, *(f"secrets/{path.name}" for path in own if path.parent.name == "secrets")]


def write_kubernetes(project: Project, place: Path) -> list[str]:
    """Writes an organisation's objects, and the script that makes its secrets. Gives the names of the files."""
    write(place / OBJECTS_FILE, kubernetes(project))
    write(place / SECRETS_FILE, secrets_script(project, os.path.relpath(project.root, place)))
    (place / SECRETS_FILE).chmod(0o755)
    return [OBJECTS_FILE, SECRETS_FILE]


def _secret(file: Path) -> str:
    """Gives the secret in a file; makes it when it is not there."""
    if not file.is_file():
        write(file, secrets.token_urlsafe(32), private=True)
    return file.read_text(encoding="utf-8")
