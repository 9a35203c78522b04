"""A network in containers of the tests' engine, all of whose merchants must endorse. Nothing of it may be left in its
folder at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from network.declaration import Consortium, merchants_declaration
from network.journeys.local import running_network
from network.runtime.docker.docker_runtime import DockerRuntime
from tests.scenes.commands import document, jifen


def declared(merchants: int, python_merchants: int = 0) -> Consortium:
    """The consortium of so many merchants. A majority endorses: of two both."""
    made = merchants_declaration(merchants, python_merchants=python_merchants, metrics=True, endorsement_k=None)
    return made.model_copy(update={"name": "contained"})


@contextmanager
def contained_network(root: Path, python_merchants: int = 0) -> Iterator[Path]:
    """Its folder, `root`, as long as it runs: two merchants, whose chaincode is Go's or, of the last, Python's."""
    with running_network(declared(2, python_merchants), root, runtime=DockerRuntime()):
        yield root
    assert not root.exists()


@contextmanager
def rendered_projects(root: Path) -> Iterator[Path]:
    """The folder of the organisations of a network, with what starts each without Jifen; that is removed at the end."""
    place = ("--folder", root, "--json")
    orgs = root / "orgs"
    made = document(jifen("network", "render", orgs, "--compose", "--kubernetes", *place, folder=root))
    yield orgs
    for name in made["files"]:
        (orgs / name).unlink()
