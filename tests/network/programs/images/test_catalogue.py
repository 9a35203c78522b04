"""Images: official ones by name and version, and what the built ones hold."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from network.errors import NetworkError
from network.programs.images import debian, python_packages
from network.programs.images.archive import Archive
from network.programs.images.catalogue import Images, Role
from network.programs.program_sets import provide


def no_programs() -> None:
    raise AssertionError("official images need no programs")


def test_official_images_are_named_by_version_and_nothing_is_built() -> None:
    images = Images("registry.example/hyperledger", "3.1.5", "1.5.22", no_programs)  # type: ignore[arg-type]
    found = [images.image(role) for role in (Role.PEER, Role.ORDERER, Role.AUTHORITY)]
    assert [one.name for one in found] == [
        "registry.example/hyperledger/fabric-peer:3.1.5",
        "registry.example/hyperledger/fabric-orderer:3.1.5",
        "registry.example/hyperledger/fabric-ca:1.5.22",
    ]
    assert all(one.write is None for one in found)


@pytest.mark.fabric
def test_an_image_that_is_built_holds_its_program_and_a_shell_and_nothing_else() -> None:
    image = Images("built", "3.1.1", "1.5.21", provide).image(Role.PEER)
    assert image.name.startswith("jifen/fabric-peer:3.1.1-")
    assert "USER 65532:65532" in image.changes
    with image.archive() as file, tarfile.open(file) as content:
        files = {member.name: member for member in content if not member.isdir()}
        assert {name for name, member in files.items() if member.isreg()} == {
            "bin/busybox",
            "usr/local/bin/peer",
            "etc/passwd",
            "etc/group",
        }
        assert all(member.uid == 0 and not member.mode & 0o022 for member in files.values() if member.isreg())
    assert Images("built", "3.1.1", "1.5.21", provide).image(Role.PEER).name == image.name


def test_what_jifen_needs_to_run_goes_into_its_image_and_what_only_its_makers_need_does_not() -> None:
    names = {one.name.lower() for one in python_packages.needed_distributions()}
    assert {"flask", "grpcio", "psycopg", "psycopg-binary", "docker", "fabric-sdk-py"} <= names
    assert not names & {"pytest", "mypy", "ruff", "playwright", "kubernetes-validate", "jifen"}
    own = python_packages.own_files()
    assert {"admin/cli.py", "chaincode/shim/__main__.py", "gateway/application.py"} <= set(own)
    assert not [name for name in own if name.startswith(("tests/", "chaincode/vectors/", "admin/tools/"))]


def test_another_archive_is_copied_without_what_is_not_used(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "one.tar", "w") as tar:
        one = Archive(tar)
        one.text("usr/share/doc/words", "unused")
        one.text("usr/bin/tool", "used", 0o755)
        one.link("bin/tool", "../usr/bin/tool")
    with tarfile.open(tmp_path / "two.tar", "w") as tar:
        two = Archive(tar)
        two.folder("usr/bin")
        two.copy(tmp_path / "one.tar", ("usr/share/doc",))
    with tarfile.open(tmp_path / "two.tar") as tar:
        names = tar.getnames()
    assert names.count("usr/bin") == 1
    assert {"usr/bin/tool", "bin/tool"} <= set(names)
    assert "usr/share/doc/words" not in names


def test_a_python_that_debian_does_not_have_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "SUITES", {(3, 7): "buster"})
    with pytest.raises(NetworkError, match=r"Debian has Python 3\.7") as caught:
        debian.suite()
    assert caught.value.code == "IMAGE_BUILD_FAILED"
