"""What orgs pass to each other, the chaincode package, and the external builder's scripts, without any process of Fabric."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
from pathlib import Path

import pytest
from fabric_protos.common import common_pb2

from network.connection import load, load_org
from network.declaration import merchants_declaration
from network.declaration.writing import declaration_text
from network.errors import NetworkError
from network.exchange.definition import definition_from_json
from network.folders import NetworkFolder, OrgFolder, pass_files_between, write
from network.journeys.local import LocalNetwork
from network.rendering.builder import SCRIPTS
from network.rendering.channel import ROOT_FILE, TLS_ROOT_FILE
from network.steps.connect import connect
from network.steps.genesis import BLOCK_FILE
from network.steps.package import make_package
from network.steps.prepare import declared, prepare
from network.steps.publish import publish, received_definitions

DECLARATION = merchants_declaration(2)
FIRST_BLOCK = common_pb2.Block(header=common_pb2.BlockHeader(number=0, data_hash=bytes(range(32))))


@pytest.fixture
def orgs(tmp_path: Path) -> list[OrgFolder]:
    """All orgs prepared and published, with placeholder certificates where only their bytes matter."""
    folder = NetworkFolder(tmp_path / "net")
    folder.claim(org.name for org in DECLARATION.orgs)
    found = []
    for org in DECLARATION.orgs:
        one = folder.org(org.name)
        prepare(one, declaration_text(DECLARATION))
        write(one.msp / ROOT_FILE, f"root of {org.name}\n")
        write(one.msp / TLS_ROOT_FILE, f"TLS root of {org.name}\n")
        for orderer in org.orderers:
            write(one.node(orderer.name) / "tls/server.crt", "certificate\n")
        for name in ("tls", "client-tls"):
            for file in ("ca.crt", "server.crt", "server.key"):
                write(one.chaincode / name / file, f"{org.name} {name} {file}\n")
        publish(one, *declared(one))
        found.append(one)
    write(found[0].outbox / BLOCK_FILE, FIRST_BLOCK.SerializeToString())
    return found


def test_nothing_is_known_before_the_post_came(orgs: list[OrgFolder]) -> None:
    with pytest.raises(NetworkError, match=r"has not received definition\.json from operator") as caught:
        received_definitions(orgs[1], DECLARATION)
    assert caught.value.code == "STEP_INPUT_MISSING"
    with pytest.raises(NetworkError) as caught:
        orgs[1].received("operator", BLOCK_FILE)
    assert caught.value.code == "STEP_INPUT_MISSING"


def test_after_the_post_every_org_knows_the_same(orgs: list[OrgFolder], tmp_path: Path) -> None:
    pass_files_between(orgs)
    known = [received_definitions(org, DECLARATION) for org in orgs]
    assert known[0] == known[1] == known[2]
    assert [one.name for one in known[0]] == ["operator", "northstar", "harbor"]
    views = [connect(org, *declared(org)) for org in orgs]
    assert len({tuple(peer.address for peer in view.peers) for view in views}) == 1
    assert load_org(orgs[2].root).org("northstar").identities == {}
    assert load(tmp_path / "net").org("harbor").identities["gateway"].role == "gateway"
    assert views[0].org("operator").gateway_org == "northstar"
    hashed = hashlib.sha256(bytes.fromhex("302702010004000420") + FIRST_BLOCK.header.data_hash).hexdigest()
    assert {view.network_id for view in views} == {hashed}, (
        "number 0, nothing before it, the hash of its content, in DER"
    )


def test_an_org_with_another_declaration_is_found_out(orgs: list[OrgFolder]) -> None:
    write(orgs[2].declaration, declaration_text(DECLARATION) + "\n# and a word more\n")
    publish(orgs[2], *declared(orgs[2]))
    pass_files_between(orgs)
    with pytest.raises(NetworkError, match="harbor works by a declaration that differs") as caught:
        received_definitions(orgs[0], DECLARATION)
    assert caught.value.code == "DECLARATION_CHANGED"


def test_a_definition_of_another_format_is_refused(orgs: list[OrgFolder]) -> None:
    text = (orgs[0].outbox / "definition.json").read_text("utf-8")
    assert definition_from_json(text).name == "operator"
    with pytest.raises(ValueError, match="format 2"):
        definition_from_json(text.replace('"format": 2', '"format": 1'))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "northstar"),
        ("name", "../../northstar"),
        ("msp_id", "northstar"),
        ("domain", "northstar.example"),
        ("gateway_org", "northstar"),
        ("chaincode_implementation", "python"),
        ("peers", []),
        ("orderers", [{"name": "../../x", "address": "127.0.0.1:1", "tls_name": "x", "certificate": "c"}]),
        ("peers", [{"name": "peer0", "address": "127.0.0.1", "tls_name": "peer0.harbor.example"}]),
        ("peers", [{"name": "peer0", "address": "127.0.0.1:1", "tls_name": "peer0.harbor.example", "more": ""}]),
        ("peers", 5),
        ("root", None),
        ("tls_root", None),
    ],
)
def test_an_org_speaks_for_itself_alone(orgs: list[OrgFolder], field: str, value: object) -> None:
    """harbor says that it is northstar: with its own root certificate in northstar's place it could sign as northstar."""
    file = orgs[2].outbox / "definition.json"
    document = json.loads(file.read_text("utf-8"))
    write(file, json.dumps({**document, field: value}))
    pass_files_between(orgs)
    with pytest.raises(NetworkError, match="from harbor: ") as caught:
        received_definitions(orgs[0], DECLARATION)
    assert caught.value.code == "DEFINITION_REFUSED"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}', '{"format": 1, "peers": [], "orderers": []}'])
def test_a_definition_that_is_none_is_refused(orgs: list[OrgFolder], text: str) -> None:
    write(orgs[2].outbox / "definition.json", text)
    pass_files_between(orgs)
    with pytest.raises(NetworkError) as caught:
        received_definitions(orgs[0], DECLARATION)
    assert caught.value.code == "DEFINITION_REFUSED"


@pytest.mark.parametrize("names", [["../../valuable"], ["/valuable"], [".."], [""], [5], ["linked"]])
def test_down_removes_nothing_outside_its_folder(tmp_path: Path, names: list[object]) -> None:
    kept = tmp_path / "valuable" / "kept.txt"
    write(kept, "kept\n")
    folder = tmp_path / "net"
    (folder / "orgs").mkdir(parents=True)
    (folder / "orgs" / "linked").symlink_to(kept.parent)
    write(folder / "network.json", json.dumps({"format": 1, "orgs": names}))
    with pytest.raises(NetworkError) as caught:
        LocalNetwork(folder).down()
    assert caught.value.code == "NETWORK_FOLDER_FOREIGN"
    assert kept.is_file()


def test_down_follows_no_link_in_the_place_of_the_orgs(tmp_path: Path) -> None:
    kept = tmp_path / "valuable" / "harbor" / "kept.txt"
    write(kept, "kept\n")
    folder = tmp_path / "net"
    write(folder / "network.json", json.dumps({"format": 1, "orgs": ["harbor"]}))
    (folder / "orgs").symlink_to(kept.parent.parent)
    with pytest.raises(NetworkError) as caught:
        LocalNetwork(folder).down()
    assert caught.value.code == "NETWORK_FOLDER_FOREIGN"
    assert kept.is_file()


@pytest.mark.parametrize("text", ["", "5", "{"])
def test_a_marker_that_is_none_is_told_as_such(tmp_path: Path, text: str) -> None:
    write(tmp_path / "network.json", text)
    with pytest.raises(NetworkError) as caught:
        LocalNetwork(tmp_path).stop()
    assert caught.value.code == "NETWORK_FOLDER_FOREIGN"


def test_down_leaves_the_declaration_that_its_owner_wrote(tmp_path: Path) -> None:
    for written, folder in ((True, NetworkFolder(tmp_path / "own")), (False, NetworkFolder(tmp_path / "made"))):
        if written:
            write(folder.declaration, "# by hand\n")
        for _ in range(2):
            folder.claim(["harbor"])
            write(folder.declaration, "# by hand\n")
        LocalNetwork(folder.root).down()
        assert folder.declaration.is_file() is written
        assert not folder.marker.exists()


def test_up_writes_over_no_other_declaration(tmp_path: Path) -> None:
    write(tmp_path / "consortium.yaml", "# by hand\n")
    with pytest.raises(NetworkError, match="is another declaration") as caught:
        LocalNetwork(tmp_path).up(declaration_text(DECLARATION))
    assert caught.value.code == "DECLARATION_CHANGED"
    assert (tmp_path / "consortium.yaml").read_text("utf-8") == "# by hand\n"


def test_ports_are_picked_once_and_differ(orgs: list[OrgFolder]) -> None:
    before = [org.read_ports() for org in orgs]
    for org in orgs:
        prepare(org, declaration_text(DECLARATION))
    assert [org.read_ports() for org in orgs] == before
    assert {"ca", "chaincode", "peer0"} == set(before[1])
    assert {"ca", "orderer0", "orderer0.admin"} == set(before[0])


def test_the_package_is_the_same_each_time_and_carries_no_key(orgs: list[OrgFolder]) -> None:
    first = make_package(orgs[1], DECLARATION)
    package = (orgs[1].chaincode / "jifen_1.tar.gz").read_bytes()
    assert make_package(orgs[1], DECLARATION) == first
    assert (orgs[1].chaincode / "jifen_1.tar.gz").read_bytes() == package
    assert make_package(orgs[2], DECLARATION) != first
    with tarfile.open(fileobj=io.BytesIO(package)) as outer:
        code = outer.extractfile("code.tar.gz")
        assert code is not None
        content = gzip.decompress(code.read())
    assert b"server.key" not in content
    assert b"127.0.0.1" in content
    full = json.loads((orgs[1].chaincode / "connections" / "jifen_1.json").read_text("utf-8"))
    assert full["client_key"] == "northstar client-tls server.key\n"
    assert full["client_auth_required"] is True


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
