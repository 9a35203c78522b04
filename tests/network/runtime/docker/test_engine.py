"""The engine of the tests where none can run, and images on their way to another machine."""

from __future__ import annotations

import os
from pathlib import Path

import docker
import pytest

from network.errors import NetworkError
from network.programs.images.catalogue import NO_IMAGES, Image, Role
from network.runtime.docker.engine import Engine
from tests.scenes.container_engine import NO_ENGINE, running_engine


def test_where_no_engine_can_run_it_is_said_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(pytest.skip.Exception, match=f"{NO_ENGINE}: dockerd needs root"), running_engine():
        pass


@pytest.mark.fabric
def test_an_image_is_saved_and_loaded_as_it_was(engine: docker.DockerClient, tmp_path: Path) -> None:
    image = NO_IMAGES.image(Role.CHAINCODE)
    Engine().provide(image)
    known = engine.images.get(image.name)
    file = Engine().save(image, tmp_path / "images")
    engine.images.remove(image.name)
    (loaded,) = engine.images.load(file.read_bytes())
    assert loaded.id == known.id
    assert loaded.tags == [image.name]


@pytest.mark.fabric
def test_an_image_that_no_registry_gives_is_told_by_its_name(engine: docker.DockerClient) -> None:
    with pytest.raises(NetworkError, match="localhost:9/hyperledger/fabric-peer:3") as caught:
        Engine().provide(Image("localhost:9/hyperledger/fabric-peer:3.1.5"))
    assert (caught.value.code, caught.value.exit_code) == ("IMAGE_MISSING", 3)
