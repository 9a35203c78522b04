"""Plain Kubernetes objects for one organisation: a namespace of its own, and for each service a StatefulSet, its Service,
volume, disruption budget and network policy. Secrets are named, never written: `secrets.sh` makes them from the
organisation's folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from network.declaration.endpoints import LOOPBACK
from network.deployment import project as parts
from network.deployment.project import Deployed, Project
from network.programs.images.catalogue import Role
from network.rendering.text import HEADER
from network.runtime.docker.containers import (
    HEALTH_INTERVAL_SECONDS,
    HEALTH_RETRIES,
    ORG,
    STOP_SECONDS,
    TEMPORARY,
    Container,
    Limits,
)

OBJECTS_FILE, SECRETS_FILE = "kubernetes.yaml", "secrets.sh"
MANAGED_BY = {"app.kubernetes.io/part-of": "jifen"}
VOLUME_SIZES = {"peer": "50Gi", "orderer": "50Gi", "ca": "1Gi", "postgres": "20Gi", "gateway": "1Gi"}
PUBLIC_KINDS = ("peer", "orderer")
"""What other organisations call; all else is reached from within the namespace alone."""
HEALTH_PATH = "/healthz"
Objects = list[dict[str, Any]]


def namespace_of(project: Project) -> str:
    """Gives the namespace; a service is reached at `<service>.<namespace>.svc`."""
    return f"jifen-{project.name}"


def kubernetes(project: Project) -> str:
    """Gives all objects as one YAML stream."""
    objects: Objects = [_object("v1", "Namespace", namespace_of(project), None)]
    objects[0]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = "restricted"
    objects.append(_closed(project))
    for one in project.deployed:
        objects += _fabric(project, one)
    objects += [*_postgres(project), *_gateway(project)]
    return HEADER + yaml.safe_dump_all(objects, sort_keys=False, allow_unicode=True, width=120)


def secrets_script(project: Project, place: str) -> str:
    """Gives the script that makes the secrets out of the organisation's folder at `place`, by the names of files."""
    lines = [
        "#!/bin/sh",
        "# Makes the secrets that kubernetes.yaml names, from the organisation's own folder; safe to repeat.",
        "set -eu",
        f'org="${{1:-{place}}}"',
        f"namespace={namespace_of(project)}",
        'kubectl get namespace "$namespace" >/dev/null 2>&1 || kubectl create namespace "$namespace"',
        'secret() { name=$1; shift; kubectl create secret generic "$name" --namespace "$namespace" "$@" \\',
        "    --dry-run=client -o yaml | kubectl apply -f -; }",
    ]
    for name, files in _secrets(project).items():
        given = " ".join(f'--from-file={key}="$org/{file}"' for key, file in files.items())
        lines.append(f"secret {name} {given}")
    lines.append("# The database's password is made here, once, and stands nowhere else.")
    lines.append(
        'if ! kubectl get secret postgres --namespace "$namespace" >/dev/null 2>&1; then\n'
        "    password=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \\n')\n"
        '    secret postgres --from-literal=password="$password" \\\n'
        f'        --from-literal=pgpass="postgres:{parts.POSTGRES_PORT}:*:{parts.DATABASE}:$password"\n'
        "fi"
    )
    return "\n".join(lines) + "\n"


def _secrets(project: Project) -> dict[str, dict[str, str]]:
    """Gives the files of each secret by their keys in it, relative to the organisation's folder."""
    found = {}
    for one in (*project.deployed, None):
        container = parts.gateway_container(project) if one is None else one.container
        name = "gateway" if one is None else one.name
        found[f"{name}-files"] = {key: file for key, file, _ in _files(project, container)}
    return found


def _files(project: Project, container: Container) -> list[tuple[str, str, str]]:
    """Gives what a container reads, file by file: its key in a secret, its path in the organisation's folder, its path in
    the container. What the service itself writes (its ledger, its authority's database) is on its volume."""
    found = []
    for mount in container.mounts:
        if not mount.target.startswith(ORG):
            continue
        for file in _of(mount.source):
            path = file.relative_to(project.root).as_posix()
            if not _is_state(path):
                found.append((path.replace("/", "_"), path, f"{ORG}/{path}"))
    return found


def _of(source: Path) -> list[Path]:
    return [source] if source.is_file() else sorted(file for file in source.rglob("*") if file.is_file())


def _is_state(path: str) -> bool:
    """Says whether a file of the organisation's folder is one that its service writes."""
    first, _, rest = path.partition("/")
    if first == "ca":  # its roots go along; its databases, and what it makes out of the roots, are its own
        return not (path.endswith(("config.yaml", "ca-cert.pem")) or "/keystore/" in path)
    return first == "nodes" and rest.split("/")[1:2] == ["data"]


def _fabric(project: Project, one: Deployed) -> Objects:
    kind = one.service.kind
    files = _files(project, one.container)
    health: dict[str, Any] = {"exec": {"command": one.container.health_check}}
    metrics = one.service.metrics_endpoint
    if metrics is not None and kind in PUBLIC_KINDS:
        health = {"httpGet": {"path": HEALTH_PATH, "port": metrics.port}}
    pod = _Pod(project, one.name, one.container, one.image, health)
    pod.read(f"{one.name}-files", [(key, target) for key, _, target in files])
    if kind in VOLUME_SIZES:
        state = f"{one.container.folder}/data" if kind in PUBLIC_KINDS else one.container.folder
        pod.write("state", state, VOLUME_SIZES[kind])
    if metrics is not None:
        pod.scraped(metrics.port)
    return pod.objects(public=one.service.kind in PUBLIC_KINDS)


def _postgres(project: Project) -> Objects:
    ready = ["pg_isready", "-U", parts.DATABASE, "-h", LOOPBACK]
    container = Container(
        role=Role.JIFEN,
        arguments=(),
        environment={
            "POSTGRES_USER": parts.DATABASE,
            "POSTGRES_DB": parts.DATABASE,
            "POSTGRES_PASSWORD_FILE": "/run/secrets/password",
            "PGDATA": "/var/lib/postgresql/data/pgdata",
        },
        mounts=(),
        folder="/var/lib/postgresql",
        ports=(parts.POSTGRES_PORT,),
        limits=parts.limits_of("postgres"),
    )
    pod = _Pod(project, "postgres", container, parts.POSTGRES_IMAGE, {"exec": {"command": ready}})
    pod.read("postgres", [("password", "/run/secrets/password")])
    pod.write("state", "/var/lib/postgresql/data", VOLUME_SIZES["postgres"])
    pod.scratch("run", "/var/run/postgresql")
    return pod.objects(public=False)


def _gateway(project: Project) -> Objects:
    container = parts.gateway_container(project)
    health = {"httpGet": {"path": "/health/live", "port": parts.GATEWAY_PORT}}
    pod = _Pod(project, "gateway", container, project.gateway_image, health)
    pod.ready = {"httpGet": {"path": "/health/ready", "port": parts.GATEWAY_PORT}}
    pod.read("gateway-files", [(key, target) for key, _, target in _files(project, container)])
    pod.read("postgres", [("pgpass", parts.PASSWORD_FILE)], mode=0o400)
    pod.write("state", parts.GATEWAY_FOLDER, VOLUME_SIZES["gateway"])
    pod.write("keys", parts.GATEWAY_KEYS, "1Gi")
    pod.scraped(parts.GATEWAY_PORT)
    pod.prepare(parts.gateway_preparation(project))
    return pod.objects(public=False)


class _Pod:
    """A StatefulSet of one, and the objects around it."""

    def __init__(self, project: Project, name: str, container: Container, image: str, health: dict[str, Any]) -> None:
        self._project, self._name, self._container, self._image = project, name, container, image
        self._health = health
        self.ready = health
        self._mounts: list[dict[str, Any]] = [{"name": "tmp", "mountPath": TEMPORARY}]
        self._volumes: list[dict[str, Any]] = [{"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}]
        self._claims: list[dict[str, Any]] = []
        self._annotations: dict[str, str] = {}
        self._first: list[dict[str, Any]] = []

    def read(self, secret: str, files: Sequence[tuple[str, str]], mode: int = 0o440) -> None:
        """Lets it read keys of a secret as files: (key, path)."""
        self._volumes.append(
            {
                "name": secret,
                "secret": {
                    "secretName": secret,
                    "defaultMode": mode,
                    "items": [{"key": key, "path": key, "mode": 0o550} for key, path in files if "/bin/" in path]
                    + [{"key": key, "path": key} for key, path in files if "/bin/" not in path],
                },
            }
        )
        self._mounts += [{"name": secret, "mountPath": path, "subPath": key, "readOnly": True} for key, path in files]

    def write(self, name: str, path: str, size: str) -> None:
        """Gives it a volume that stays."""
        self._mounts.insert(0, {"name": name, "mountPath": path})
        self._claims.append(
            {
                "metadata": {"name": name},
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}},
            }
        )

    def scratch(self, name: str, path: str) -> None:
        """Gives it a folder that goes with it."""
        self._mounts.append({"name": name, "mountPath": path})
        self._volumes.append({"name": name, "emptyDir": {"medium": "Memory", "sizeLimit": "16Mi"}})

    def scraped(self, port: int) -> None:
        """Says where Prometheus finds its metrics."""
        self._annotations = {
            "prometheus.io/scrape": "true",
            "prometheus.io/port": str(port),
            "prometheus.io/path": "/metrics",
        }

    def prepare(self, command: Sequence[str]) -> None:
        """Has a command run to its end before it starts."""
        self._first.append({"name": "preparation", "command": list(command)})

    def objects(self, *, public: bool) -> Objects:
        """Gives all objects. `public`: other organisations call it, and find it at its service."""
        namespace, name, labels = namespace_of(self._project), self._name, self._labels
        ports = [{"name": f"port-{port}", "port": port, "targetPort": port} for port in self._container.ports]
        service = _object("v1", "Service", name, namespace)
        # Without a common address: gRPC keeps its connections, and would stay with one pod behind it.
        service["spec"] = {"clusterIP": "None", "selector": labels, "ports": ports, "publishNotReadyAddresses": True}
        budget = _object("policy/v1", "PodDisruptionBudget", name, namespace)
        # There is one of each: whoever empties a machine is to move it on purpose.
        budget["spec"] = {"minAvailable": 1, "selector": {"matchLabels": labels}}
        policy = _object("networking.k8s.io/v1", "NetworkPolicy", name, namespace)
        within: dict[str, Any] = {"from": [{"podSelector": {}}]}
        called = {"ports": [{"port": self._container.ports[0], "protocol": "TCP"}]} if public else {}
        policy["spec"] = {
            "podSelector": {"matchLabels": labels},
            "policyTypes": ["Ingress"],
            "ingress": [within, *([called] if public else [])],
        }
        return [self._stateful_set(), service, budget, policy]

    @property
    def _labels(self) -> dict[str, str]:
        return {"app.kubernetes.io/name": self._name, "app.kubernetes.io/instance": self._project.name}

    def _stateful_set(self) -> dict[str, Any]:
        found = _object("apps/v1", "StatefulSet", self._name, namespace_of(self._project))
        user, group = (int(part) for part in self._project.user.split(":"))
        base = {
            "image": self._image,
            "env": [{"name": name, "value": value} for name, value in self._container.environment.items()],
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            },
            "resources": _resources(self._container.limits),
            "volumeMounts": self._mounts,
        }
        main: dict[str, Any] = {"name": self._name, **base, "workingDir": self._container.folder}
        if self._container.arguments:
            main["command"] = list(self._container.arguments)
        main["ports"] = [{"containerPort": port, "name": f"port-{port}"} for port in self._container.ports]
        main["startupProbe"] = {**self._health, "periodSeconds": 2, "failureThreshold": 60}
        main["livenessProbe"] = {
            **self._health,
            "periodSeconds": HEALTH_INTERVAL_SECONDS,
            "failureThreshold": HEALTH_RETRIES,
            "timeoutSeconds": 5,
        }
        main["readinessProbe"] = {**self.ready, "periodSeconds": HEALTH_INTERVAL_SECONDS, "timeoutSeconds": 5}
        found["spec"] = {
            "replicas": 1,
            "serviceName": self._name,
            "selector": {"matchLabels": self._labels},
            "template": {
                "metadata": {"labels": {**MANAGED_BY, **self._labels}, "annotations": self._annotations},
                "spec": {
                    "automountServiceAccountToken": False,
                    "enableServiceLinks": False,
                    "terminationGracePeriodSeconds": STOP_SECONDS,
                    "securityContext": {
                        "runAsNonRoot": True,
                        "runAsUser": user,
                        "runAsGroup": group,
                        "fsGroup": group,
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                    "initContainers": [{**first, **base} for first in self._first],
                    "containers": [main],
                    "volumes": self._volumes,
                },
            },
            "volumeClaimTemplates": self._claims,
        }
        return found


def _closed(project: Project) -> dict[str, Any]:
    """Gives the policy that lets nothing in that no other one lets in."""
    policy = _object("networking.k8s.io/v1", "NetworkPolicy", "closed", namespace_of(project))
    policy["spec"] = {"podSelector": {}, "policyTypes": ["Ingress"]}
    return policy


def _resources(limits: Limits) -> dict[str, Mapping[str, str]]:
    memory = f"{limits.memory_bytes >> 20}Mi"
    return {
        "requests": {"cpu": "100m", "memory": f"{limits.memory_bytes >> 22}Mi"},
        "limits": {"cpu": str(limits.processors), "memory": memory},
    }


def _object(version: str, kind: str, name: str, namespace: str | None) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name}
    if namespace is not None:
        metadata["namespace"] = namespace
    return {"apiVersion": version, "kind": kind, "metadata": {**metadata, "labels": dict(MANAGED_BY)}}
