"""One container: what ends at once is told with its words, what is written is followed, nobody else's is touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from network.declaration.endpoints import Endpoint
from network.errors import NetworkError
from network.programs.images import debian
from network.programs.images.catalogue import Images
from network.programs.program_sets import provide
from network.runtime.docker.docker_runtime import FOLDER_LABEL, DockerRuntime
from network.runtime.docker.places import gateway, make_places, read_places
from network.runtime.service import Command, Service

pytestmark = [pytest.mark.fabric, pytest.mark.usefixtures("engine")]

RUNTIME = DockerRuntime()
WAITING = "trap exit TERM; sleep 600 & wait"
PORT = 23_000


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    RUNTIME.settle({"north": tmp_path})
    yield tmp_path
    RUNTIME.stop([service(tmp_path)])


def service(root: Path, script: str = "") -> Service:
    """A static shell in the place of an ordering node, as a build of the organisation's own would be."""
    (root / "nodes").mkdir(exist_ok=True)
    return Service(
        org="north",
        name="orderer0",
        kind="orderer",
        command=lambda: Command((str(debian.busybox()), "sh", "-c", script)),
        root=root,
        folder=root / "nodes",
        record=root / "run" / "orderer0.json",
        log_file=root / "logs" / "orderer0.log",
        endpoints=(Endpoint(gateway(read_places(root)["north"]), PORT),),
        images=Images("built", "3.1.1", "1.5.21", provide),
    )


def test_what_ends_again_and_again_is_told_with_its_words(root: Path) -> None:
    one = service(root, "echo panic: no such luck; exit 2")
    assert RUNTIME.start(one)
    with pytest.raises(NetworkError, match=r"north/orderer0 ended; its container says: panic: no such luck") as caught:
        RUNTIME.wait_up(one)
    assert caught.value.code == "PROCESS_ENDED"
    assert not RUNTIME.status(one).listening
    RUNTIME.stop([one])
    assert RUNTIME.logs(one, 1) == ["panic: no such luck"]


def test_what_it_writes_is_followed(root: Path) -> None:
    one = service(root, f"echo first; {WAITING}")
    RUNTIME.start(one)
    label, line = next(RUNTIME.follow([one], 5))
    assert (label, line) == ("north/orderer0", "first")


def test_a_container_of_that_name_that_is_somebody_elses_is_left_alone(engine: docker.DockerClient, root: Path) -> None:
    one = service(root, WAITING)
    RUNTIME.start(one)
    (mine,) = engine.containers.list(all=True)
    name, image = mine.name, mine.image
    RUNTIME.stop([one])
    foreign = engine.containers.create(image, name=name, network_mode="none")
    try:
        for touch in (RUNTIME.start, RUNTIME.status, lambda found: RUNTIME.stop([found])):
            with pytest.raises(NetworkError, match="is none of"):
                touch(one)
        assert engine.containers.get(name).id == foreign.id
    finally:
        foreign.remove()


def test_what_an_interrupted_command_made_is_removed_and_nothing_of_others(
    engine: docker.DockerClient, root: Path, tmp_path: Path
) -> None:
    one = service(root, WAITING)
    RUNTIME.start(one)
    (mine,) = engine.containers.list(all=True)
    image = mine.image
    RUNTIME.stop([one])
    made = engine.containers.create(image, labels={FOLDER_LABEL: str(root)}, network_mode="none")
    others = engine.containers.create(image, labels={FOLDER_LABEL: f"{root}/other"}, network_mode="none")
    try:
        RUNTIME.leave([root])
        assert [one.id for one in engine.containers.list(all=True)] == [others.id]
        assert made.id != others.id
    finally:
        others.remove()


def test_two_networks_do_not_choose_each_others_places(root: Path, tmp_path: Path) -> None:
    one = service(root, WAITING)
    RUNTIME.start(one)
    RUNTIME.settle({"south": tmp_path / "other"})
    assert read_places(tmp_path / "other")["south"] != read_places(root)["north"]
    make_places({"south": tmp_path / "other"}, [])
