"""The handbook's page on containers: each of its blocks is run, on an engine of the test's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from network.journeys.local import LocalNetwork
from tests.handbook.reader import blocks, do
from tests.scenes.stand_in_images import COMPOSE, provide_stand_ins, stand_ins

PAGE = (Path(__file__).parents[2] / "admin" / "handbook" / "containers.md").read_text("utf-8")


@pytest.fixture
def folder(engine: docker.DockerClient, tmp_path: Path) -> Iterator[Path]:
    """An empty folder, whose network is taken down whatever happened."""
    yield tmp_path
    network = LocalNetwork(tmp_path / "network")
    if network.folder.marker.is_file():
        network.down()


def program(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    file.chmod(0o755)


@pytest.mark.fabric
@pytest.mark.long
@pytest.mark.timeout(900)
def test_every_block_of_the_page_does_what_the_page_says(engine: docker.DockerClient, folder: Path) -> None:
    provide_stand_ins()
    programs = folder / "bin"
    programs.mkdir()
    program(programs / "jifen", f'#!/bin/sh\nexec {sys.executable} -m admin.cli "$@"\n')
    program(programs / "docker", COMPOSE)
    environment = {**os.environ, **stand_ins(), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    for block in blocks(PAGE):
        do(block, folder, environment)
    left = {file.name for file in (folder / "network" / "orgs" / "chamber").iterdir()}
    assert {"compose.yaml", "postgres", "gateway"} <= left
    assert not left & {"ca", "nodes", "identities"}


def test_no_block_is_passed_over() -> None:
    assert len(list(blocks(PAGE))) == PAGE.count("\n```") // 2
