"""The external builder's scripts, run as a peer runs them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from network.folders import write
from network.rendering.builder import SCRIPTS


class Builder:
    """The three scripts in a folder, run as a peer runs them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in SCRIPTS.items():
            write(folder / "bin" / name, text)
            (folder / "bin" / name).chmod(0o755)
        write(folder / "source/connection.json", '{"address": "public"}')
        for name in ("built", "released"):
            (folder / name).mkdir()

    def run(self, script: str, *folders: str, environment: dict[str, str] | None = None) -> int:
        command = [str(self.folder / "bin" / script), *(str(self.folder / name) for name in folders)]
        return subprocess.run(command, env={"PATH": "/usr/bin:/bin", **(environment or {})}, check=False).returncode

    def metadata(self, kind: str, label: str) -> None:
        write(self.folder / "metadata/metadata.json", json.dumps({"path": "", "type": kind, "label": label}))


@pytest.fixture
def builder(tmp_path: Path) -> Builder:
    return Builder(tmp_path)


def test_the_builder_takes_its_own_packages_only(builder: Builder) -> None:
    builder.metadata("jifen-service", "jifen_1")
    assert builder.run("detect", "source", "metadata") == 0
    builder.metadata("golang", "jifen_1")
    assert builder.run("detect", "source", "metadata") != 0


@pytest.mark.parametrize(("own", "address"), [(True, "own"), (False, "public")])
def test_release_prefers_the_orgs_own_connection(builder: Builder, own: bool, address: str) -> None:
    builder.metadata("jifen-service", "jifen_1")
    if own:
        write(builder.folder / "connections/jifen_1.json", '{"address": "own"}')
    variables = {"JIFEN_CHAINCODE_CONNECTIONS": str(builder.folder / "connections")}
    assert builder.run("build", "source", "metadata", "built") == 0
    assert builder.run("release", "built", "released", environment=variables) == 0
    file = builder.folder / "released/chaincode/server/connection.json"
    assert json.loads(file.read_text("utf-8")) == {"address": address}
    assert file.stat().st_mode & 0o077 == 0


def test_a_label_that_could_leave_the_folder_is_refused(builder: Builder) -> None:
    builder.metadata("jifen-service", "../../secrets")
    assert builder.run("build", "source", "metadata", "built") != 0
