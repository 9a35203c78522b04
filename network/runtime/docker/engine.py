"""The container engine of this machine: how it is reached, its errors as ours, images brought into it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound

from network.errors import NetworkError
from network.programs.images.catalogue import Image

ADDRESS_VARIABLE = "DOCKER_HOST"
LIMIT_SECONDS = 120


class Engine:
    """The engine at the address in DOCKER_HOST, by default its socket's. It is asked only when something is."""

    @cached_property
    def client(self) -> Any:
        """Gives the SDK's client. Raises NetworkError ENGINE_MISSING when no engine answers."""
        try:
            client = docker.from_env(timeout=LIMIT_SECONDS)
            client.ping()
        except (DockerException, requests.RequestException) as error:
            address = os.environ.get(ADDRESS_VARIABLE, "its usual socket")
            raise NetworkError(
                "ENGINE_MISSING",
                f"no container engine answers at {address} ({error}); start Docker, name another one in "
                f"{ADDRESS_VARIABLE}, or use the runtime process",
            ) from error
        return client

    @cached_property
    def processors(self) -> int:
        """Gives how many processors it has; it refuses a limit over that."""
        with told("ENGINE_MISSING", "processors"):
            return int(self.client.info()["NCPU"])

    def provide(self, image: Image) -> None:
        """Brings the image into the engine unless it is there. Raises NetworkError IMAGE_MISSING for one that cannot be
        pulled, IMAGE_BUILD_FAILED for one that cannot be built."""
        with told("IMAGE_MISSING", image.name):
            try:
                self.client.images.get(image.name)
                return
            except ImageNotFound:
                if image.write is None:
                    self.client.images.pull(image.name)
                    return
        repository, _, tag = image.name.rpartition(":")
        with told("IMAGE_BUILD_FAILED", image.name), image.archive() as file:
            self.client.api.import_image_from_file(
                str(file), repository=repository, tag=tag, changes=list(image.changes)
            )
            self.client.images.get(image.name)

    def save(self, image: Image, folder: Path) -> Path:
        """Writes an image that is in the engine to a file in `folder`; gives the file. Raises NetworkError
        IMAGE_MISSING."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{image.name.replace('/', '-').replace(':', '-')}.tar"
        with told("IMAGE_MISSING", image.name), file.open("wb") as stream:
            for chunk in self.client.images.get(image.name).save(named=True):
                stream.write(chunk)
        return file


@contextmanager
def told(code: str, what: str) -> Iterator[None]:
    """Turns what the engine refuses into a NetworkError with `code`."""
    try:
        yield
    except APIError as error:
        raise NetworkError(code, f"{what}: {error.explanation or error}") from error
    except (DockerException, requests.RequestException) as error:
        raise NetworkError("ENGINE_MISSING", f"{what}: {error}") from error
