"""The runtime of containers: each service is one, known by its labels (the organisation's folder, the service's name), so
that no container of anybody else is ever ended.

A container may read the organisation's files that its service needs and write to the service's own folder. It has a root
that cannot be written to, no capabilities, a user that is not root, limits, and a health check; the engine starts it
again when it ends by itself. `stop` removes it: what is to stay lies in the organisation's folder.
"""

from __future__ import annotations

import hashlib
import json
import queue
import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docker.errors import APIError, NotFound
from docker.types import IPAMConfig, IPAMPool, LogConfig, Mount

from network.declaration import Consortium
from network.errors import NetworkError
from network.folders import write
from network.runtime.docker import places
from network.runtime.docker.containers import (
    HEALTH_INTERVAL_SECONDS,
    HEALTH_RETRIES,
    LOG_BYTES_MAX,
    LOG_FILES_MAX,
    ORG,
    STOP_SECONDS,
    TEMPORARY,
    TEMPORARY_BYTES,
    Container,
    container_of,
    give,
    give_tree,
    owner_of,
)
from network.runtime.docker.engine import Engine, told
from network.runtime.process import ports
from network.runtime.process.failure_lines import failure_lines
from network.runtime.service import Service, ServiceStatus
from network.runtime.waiting import wait_until

FOLDER_LABEL, ORG_LABEL, SERVICE_LABEL = "jifen.folder", "jifen.org", "jifen.service"
START_LIMIT_SECONDS = 60.0
LISTENING_INTERVAL_SECONDS = 0.2
RESTARTS_MAX = 3
"""After so many ends by itself while it is waited for, a service is taken for one that cannot run."""
KEPT_LOG_LINES = 2_000
LENT = Path("data") / "lent"
"""In a service's folder, what it is lent of its organisation's."""


class DockerRuntime:
    """Runs services as containers of this machine's engine. It keeps nothing itself: what runs is found by name and
    labels, and the network of each organisation stands in its folder."""

    name = "docker"
    keeps_logs_short = True
    runs_images = True

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine = engine or Engine()

    def settle(self, roots: Mapping[str, Path]) -> None:
        """Chooses a network for each organisation that has none. Raises NetworkError ENGINE_MISSING."""
        with told("ENGINE_MISSING", "networks"):
            used = [
                pool["Subnet"]
                for network in self._engine.client.api.networks()
                for pool in (network["IPAM"] or {}).get("Config") or ()
                if pool.get("Subnet") and ":" not in pool["Subnet"]
            ]
        places.make_places(roots, used)

    def placed(self, consortium: Consortium, root: Path) -> Consortium:
        """Gives the declaration with the addresses at which containers of this machine are reached."""
        return places.placed(consortium, places.read_places(root)) if places.is_placed(root) else consortium

    @contextmanager
    def lent(self, folder: Path, service: Service) -> Iterator[str]:
        """Copies the folder to where the service's container sees it, and removes the copy in the end: what a container
        has mounted cannot be changed while it runs."""
        copy = service.folder / LENT
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        give_tree(copy, owner_of(service.root))
        try:
            yield f"{ORG}/{copy.relative_to(service.root).as_posix()}"
        finally:
            shutil.rmtree(copy)

    def leave(self, roots: Sequence[Path]) -> None:
        """Removes the networks of the organisations, and containers that a command made that was ended before it could
        start them."""
        api = self._engine.client.api
        for root in roots:
            with told("ENGINE_MISSING", str(root)):
                for left in api.containers(all=True, filters={"label": f"{FOLDER_LABEL}={root}"}):
                    api.remove_container(left["Id"], v=True, force=True)
            self._remove_network(root)

    def start(self, service: Service) -> bool:
        """Starts a container unless one runs; says whether it did. Raises NetworkError PORT_TAKEN, ENGINE_MISSING, or
        with an IMAGE code."""
        known = self._inspect(service)
        if known is not None and known["State"]["Running"]:
            return False
        container = container_of(service)
        image = service.images.image(container.role)
        self._engine.provide(image)
        self._provide_network(service)
        if known is not None:
            self._remove(service)
        give(container, owner_of(service.root))
        api = self._engine.client.api
        with told("ENGINE_MISSING", service.label):
            made = api.create_container_from_config(self._config(service, container, image.name), _name(service))
        try:
            api.start(made["Id"])
        except APIError as error:
            api.remove_container(made["Id"], force=True)
            taken = any(words in str(error) for words in ("already allocated", "already in use"))
            code = "PORT_TAKEN" if taken else "ENGINE_MISSING"
            raise NetworkError(code, f"{service.label}: {error.explanation}") from error
        write(service.record, json.dumps({"container": made["Id"]}) + "\n")
        return True

    def stop(self, services: Sequence[Service]) -> list[str]:
        """Ends the containers together and removes them, and an organisation's network with its last one; gives the
        labels of those that ran. The last of what they wrote stays in their log files."""
        known = {service.label: self._inspect(service) for service in services}
        running = [service for service in services if (found := known[service.label]) and found["State"]["Running"]]
        ending = [threading.Thread(target=self._end, args=(service,)) for service in running]
        for one in ending:
            one.start()
        for one in ending:
            one.join()
        for service in services:
            if known[service.label] is not None:
                self._remove(service)
            service.record.unlink(missing_ok=True)
        for root in {service.root for service in services}:
            self._remove_network(root)
        return [service.label for service in running]

    def status(self, service: Service) -> ServiceStatus:
        """Says whether the container runs and listens, and, when it does not, who has its ports."""
        known = self._inspect(service)
        if known is None or not _runs(known):
            taken = tuple(endpoint for endpoint in service.endpoints if not ports.is_free(endpoint))
            return ServiceStatus(None, listening=False, outdated=False, taken=taken if known is None else ())
        state = known["State"]
        # It says so every ten seconds; who wants to know earlier asks by the same command.
        listening = state["Health"]["Status"] == "healthy" or self._listens(known)
        return ServiceStatus(int(state["Pid"]), listening, outdated=service.is_outdated())

    def logs(self, service: Service, lines: int) -> list[str]:
        """Gives the last lines that the container wrote; where it is gone, that the one before it wrote."""
        if self._inspect(service) is None:
            if not service.log_file.is_file():
                return []
            return service.log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
        with told("ENGINE_MISSING", service.label):
            text: bytes = self._engine.client.api.logs(_name(service), tail=lines)
        return text.decode(errors="replace").splitlines()

    def follow(self, services: Sequence[Service], lines: int) -> Iterator[tuple[str, str]]:
        """Gives label and line of the last `lines` of each container, then of all that they write, for ever. Raises
        NetworkError ENGINE_MISSING when the engine ends."""
        found: queue.SimpleQueue[tuple[str, str] | NetworkError] = queue.SimpleQueue()

        def pass_on(service: Service) -> None:
            try:
                for line in self._lines(service, lines):
                    found.put((service.label, line))
            except NetworkError as error:
                found.put(error)

        for service in services:
            threading.Thread(target=pass_on, args=(service,), daemon=True).start()
        while True:
            one = found.get()
            if isinstance(one, NetworkError):
                raise one
            yield one

    def wait_up(self, service: Service) -> None:
        """Returns when the container listens. Raises NetworkError PROCESS_ENDED with what it wrote, or WAIT_TIMEOUT."""
        wait_until(
            lambda: self.status(service).listening,
            f"{service.label} listens",
            START_LIMIT_SECONDS,
            interval_seconds=LISTENING_INTERVAL_SECONDS,
            still_possible=lambda: self.must_run(service),
        )

    def must_run(self, service: Service) -> None:
        """Raises NetworkError PROCESS_ENDED, with the last that it wrote, when the container does not run and the engine
        has started it again in vain."""
        known = self._inspect(service)
        # Between two tries of the engine it is up in the engine's words, and without a process.
        again = known is not None and known["State"]["Running"] and known["RestartCount"] < RESTARTS_MAX
        if again or (known is not None and _runs(known)):
            return
        lines = " | ".join(failure_lines(self.logs(service, KEPT_LOG_LINES), 6))
        raise NetworkError("PROCESS_ENDED", f"{service.label} ended; its container says: {lines}")

    def endpoints_must_be_free(self, service: Service) -> None:
        """Raises NetworkError PORT_TAKEN when the container does not run and another program uses one of its
        endpoints."""
        for endpoint in self.status(service).taken:
            told_ = f"{service.label} needs port {endpoint.port} at {endpoint.host}, which another program uses"
            raise NetworkError("PORT_TAKEN", told_)

    def _inspect(self, service: Service) -> dict[str, Any] | None:
        """Gives what the engine knows of the service's container, None when there is none. Raises NetworkError
        ENGINE_MISSING when one of that name is not the service's."""
        with told("ENGINE_MISSING", service.label):
            try:
                known: dict[str, Any] = self._engine.client.api.inspect_container(_name(service))
            except NotFound:
                return None
        if known["Config"]["Labels"].get(FOLDER_LABEL) != str(service.root):
            raise NetworkError("ENGINE_MISSING", f"the container {_name(service)} is none of {service.root}")
        return known

    def _config(self, service: Service, container: Container, image: str) -> dict[str, Any]:
        api = self._engine.client.api
        user, group = owner_of(service.root)
        mounts = [Mount(one.target, str(one.source), "bind", read_only=not one.writable) for one in container.mounts]
        host = api.create_host_config(
            mounts=mounts,
            tmpfs={TEMPORARY: f"size={TEMPORARY_BYTES},mode=1777"},
            port_bindings={endpoint.port: (endpoint.host, endpoint.port) for endpoint in service.endpoints},
            network_mode=_network(service.root),
            restart_policy={"Name": "unless-stopped"},
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges:true"],
            mem_limit=container.limits.memory_bytes,
            memswap_limit=container.limits.memory_bytes,
            nano_cpus=int(min(container.limits.processors, self._engine.processors) * 1_000_000_000),
            pids_limit=container.limits.processes,
            log_config=LogConfig(type="json-file", config={"max-size": LOG_BYTES_MAX, "max-file": LOG_FILES_MAX}),
        )
        config: dict[str, Any] = api.create_container_config(
            image,
            entrypoint=[container.arguments[0]],
            command=list(container.arguments[1:]),
            environment=dict(container.environment),
            user=f"{user}:{group}",
            working_dir=container.folder,
            ports=list(container.ports),
            labels={FOLDER_LABEL: str(service.root), ORG_LABEL: service.org, SERVICE_LABEL: service.name},
            host_config=host,
            stop_signal="SIGTERM",
            healthcheck={
                "test": ["CMD", *container.health_check],
                "interval": HEALTH_INTERVAL_SECONDS * 1_000_000_000,
                "retries": HEALTH_RETRIES,
            },
        )
        return config | {"StopTimeout": STOP_SECONDS}

    def _listens(self, known: dict[str, Any]) -> bool:
        """Asks the container by its own health check."""
        api = self._engine.client.api
        try:
            asked = api.exec_create(known["Id"], known["Config"]["Healthcheck"]["Test"][1:])["Id"]
            api.exec_start(asked)
            return bool(api.exec_inspect(asked)["ExitCode"] == 0)
        except APIError:
            return False  # it ended meanwhile

    def _end(self, service: Service) -> None:
        with told("ENGINE_MISSING", service.label):
            self._engine.client.api.stop(_name(service), timeout=STOP_SECONDS)

    def _remove(self, service: Service) -> None:
        lines = self.logs(service, KEPT_LOG_LINES)
        write(service.log_file, "".join(f"{line}\n" for line in lines))
        with told("ENGINE_MISSING", service.label):
            self._engine.client.api.remove_container(_name(service), v=True, force=True)

    def _provide_network(self, service: Service) -> None:
        root = service.root
        network = places.read_places(root)[service.org]
        pool = IPAMPool(subnet=network, gateway=places.gateway(network))
        api, name = self._engine.client.api, _network(root)
        with told("ENGINE_MISSING", f"network {name} ({network})"):
            if not api.networks(names=[name]):
                labels = {FOLDER_LABEL: str(root), ORG_LABEL: service.org}
                api.create_network(
                    name, driver="bridge", ipam=IPAMConfig(pool_configs=[pool]), labels=labels, check_duplicate=True
                )

    def _remove_network(self, root: Path) -> None:
        """Removes the organisation's network where none of its containers is left."""
        api = self._engine.client.api
        with told("ENGINE_MISSING", _network(root)):
            left = api.containers(all=True, filters={"label": f"{FOLDER_LABEL}={root}"})
            for network in api.networks(names=[_network(root)]) if not left else ():
                api.remove_network(network["Id"])

    def _lines(self, service: Service, lines: int) -> Iterator[str]:
        """Gives what a container has written last, and writes; where it ended, what it writes when it runs again."""
        wanted: dict[str, int] = {"tail": lines}
        while True:
            wait_until(lambda: self._inspect(service) is not None, f"{service.label} runs", float("inf"))
            with told("ENGINE_MISSING", service.label):
                try:
                    for chunk in self._engine.client.api.logs(_name(service), stream=True, follow=True, **wanted):
                        yield from chunk.decode(errors="replace").splitlines()
                except APIError:
                    time.sleep(LISTENING_INTERVAL_SECONDS)  # it is being removed; another one may come
            # By the second: rather a line twice than one lost.
            wanted = {"since": int(time.time())}


def _runs(known: dict[str, Any]) -> bool:
    """Says whether a container has a process."""
    return bool(known["State"]["Running"] and known["State"]["Pid"])


def _digest(root: Path) -> str:
    return hashlib.sha256(str(root).encode()).hexdigest()[:8]


def _name(service: Service) -> str:
    return f"jifen-{_digest(service.root)}-{service.org}-{service.name}"


def _network(root: Path) -> str:
    return f"jifen-{_digest(root)}"
