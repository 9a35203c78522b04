"""A network that was brought up in containers, had everything it needs to start without Jifen rendered, and stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from network.declaration import merchants_declaration
from network.declaration.writing import declaration_text
from network.journeys.local import LocalNetwork
from network.runtime.docker.docker_runtime import DockerRuntime
from tests.scenes.commands import document, jifen


@pytest.fixture(scope="package")
def rendered(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder with a folder for each organisation."""
    root = tmp_path_factory.mktemp("rendered") / "network"
    network = LocalNetwork(root, runtime=DockerRuntime())
    try:
        network.up(declaration_text(merchants_declaration(2, metrics=True)))
        network.stop()
        place = ("--folder", root, "--json")
        document(jifen("network", "render", root / "orgs", "--compose", "--kubernetes", *place, folder=root))
        document(jifen("network", "images", *place, folder=root))
        yield root / "orgs"
    finally:
        if network.folder.marker.is_file():
            network.down()
