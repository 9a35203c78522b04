"""Where containers are reached: networks that overlap with nobody's, and declared hosts that stay what they are."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from network.declaration import merchants_declaration, parse
from network.declaration.writing import declaration_text
from network.errors import NetworkError
from network.runtime.choice import chosen_runtime, kept_runtime
from network.runtime.docker.places import FILE, POOL, gateway, make_places, placed, read_places

PORTS = {"peer0": 7051, "ca": 7054, "chaincode": 7052}


def test_every_organisation_gets_a_network_of_its_own_and_keeps_it(tmp_path: Path) -> None:
    roots = {name: tmp_path / name for name in ("north", "south")}
    make_places(roots, [])
    found = read_places(roots["north"])
    assert found == read_places(roots["south"])
    first, second = (ipaddress.ip_network(network) for network in found.values())
    assert not first.overlaps(second)
    assert first.subnet_of(POOL)  # type: ignore[arg-type]
    make_places({**roots, "west": tmp_path / "west"}, [])
    assert found.items() <= read_places(roots["north"]).items()


def test_no_network_is_one_that_somebody_uses(tmp_path: Path) -> None:
    used = [str(one) for one in POOL.subnets(new_prefix=24)][:-1]
    make_places({"north": tmp_path / "north"}, used)
    assert read_places(tmp_path / "north") == {"north": "10.97.255.0/24"}
    with pytest.raises(NetworkError, match="no room") as caught:
        make_places({"south": tmp_path / "south"}, [str(POOL)])
    assert caught.value.code == "ENGINE_MISSING"


def test_what_only_this_machine_reaches_is_reached_at_the_networks_gateway() -> None:
    org = placed(merchants_declaration(2), {"northstar": "10.97.3.0/24"}).org("northstar")
    assert {str(endpoint) for endpoint in org.endpoints(PORTS).values()} == {
        "10.97.3.1:7051",
        "10.97.3.1:7054",
        "10.97.3.1:7052",
    }
    assert org.shown(PORTS) == org.endpoints(PORTS)
    assert {endpoint.host for endpoint in org.listeners(PORTS).values()} == {"0.0.0.0"}
    assert gateway("10.97.3.0/24") == "10.97.3.1"


def test_a_declared_address_stays_what_others_call() -> None:
    text = declaration_text(merchants_declaration(2)).replace(
        "- name: harbor\n",
        "- name: harbor\n  hosts: [{address: peers.harbor.example}]\n",
    )
    text = text.replace("  - name: peer0\n", "  - name: peer0\n    port: 7051\n")
    consortium = placed(parse(text.replace("port: 7051", "port: 7052", 1)), {"harbor": "10.97.3.0/24"})
    org = consortium.org("harbor")
    assert str(org.endpoints(PORTS)["peer0"]) == "peers.harbor.example:7051"
    assert str(org.shown(PORTS)["peer0"]) == "0.0.0.0:7051"
    assert str(org.endpoints(PORTS)["chaincode"]) == "10.97.3.1:7052"
    assert consortium.org("northstar").endpoints(PORTS)["peer0"].host == "127.0.0.1"
    text = text.replace("example}]", "example, internal: chaincode.harbor.example}]")
    org = placed(parse(text.replace("port: 7051", "port: 7052", 1)), {"harbor": "10.97.3.0/24"}).org("harbor")
    assert str(org.endpoints(PORTS)["chaincode"]) == "chaincode.harbor.example:7052"
    assert str(org.shown(PORTS)["chaincode"]) == "0.0.0.0:7052"


def test_the_folder_remembers_its_runtime(tmp_path: Path) -> None:
    assert kept_runtime(tmp_path).name == "process"
    assert chosen_runtime("docker", False, tmp_path).name == "docker"
    make_places({"north": tmp_path}, [])
    assert kept_runtime(tmp_path).name == "docker"
    with pytest.raises(NetworkError, match="was made with the runtime docker") as caught:
        chosen_runtime("process", True, tmp_path)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"networks": {"north": "nowhere"}}', '{"networks": 5}'])
def test_a_file_of_another_form_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(NetworkError, match="is of another form"):
        read_places(tmp_path)


def test_no_engine_is_told_with_what_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(NetworkError, match="no container engine answers at unix://") as caught:
        chosen_runtime("docker", False, tmp_path).settle({"north": tmp_path / "north"})
    assert (caught.value.code, caught.value.exit_code) == ("ENGINE_MISSING", 3)
