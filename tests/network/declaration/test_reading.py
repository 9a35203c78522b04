"""The declaration: what is accepted, and each fault named by its code, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from network.declaration import choices, merchants_declaration, parse, read
from network.declaration.revision import changes
from network.declaration.writing import declaration_text
from network.errors import DeclarationError

EXAMPLES = Path(__file__).parents[3] / "network" / "examples"

GOOD = """\
version: 1
name: two
time_zone: Asia/Shanghai
currency:
  code: CNY
endorsement:
  k: 2
operators: [operator]
orgs:
  - name: operator
    orderers: [{name: orderer0, port: 20001}]
  - name: north
    peers:
      - name: peer0
        port: 20002
  - name: south
    peers: [{name: peer0}]
"""

HOSTED = """- name: {}
    hosts:
      - address: {}"""


def faults(text: str) -> list[tuple[str, int, str]]:
    with pytest.raises(DeclarationError) as caught:
        parse(text)
    assert caught.value.code == caught.value.problems[0].code
    assert caught.value.exit_code == 2
    return [(problem.code, problem.line, problem.field) for problem in caught.value.problems]


def test_good_declaration_has_its_defaults() -> None:
    consortium = parse(GOOD)
    assert [org.name for org in consortium.merchants] == ["north", "south"]
    assert consortium.org("north").msp == "north"
    assert consortium.proposal_time_window == 15 * 60 * 1000
    assert not consortium.replay
    assert consortium.gateway_org(consortium.org("operator")) == "north"


@pytest.mark.parametrize(
    ("change", "to", "fault"),
    [
        ("        port: 20002", "        port: 20001", ("DECLARATION_DUPLICATE_PORT", 15, "orgs[1].peers[0].port")),
        ("        port: 20002", "        port: 80", ("DECLARATION_BAD_VALUE", 15, "orgs[1].peers[0].port")),
        ("        port: 20002", "        prot: 20002", ("DECLARATION_UNKNOWN_KEY", 15, "orgs[1].peers[0].prot")),
        ("name: two", "name: two\nname: three", ("DECLARATION_DUPLICATE_KEY", 3, "name")),
        ("name: two", "name: Two Words", ("DECLARATION_BAD_VALUE", 2, "name")),
        ("time_zone: Asia/Shanghai", "time_zone: Asia/Atlantis", ("DECLARATION_BAD_VALUE", 3, "time_zone")),
        ("time_zone: Asia/Shanghai\n", "", ("DECLARATION_MISSING_KEY", 1, "time_zone")),
        ("  k: 2", "  k: 3", ("DECLARATION_BAD_VALUE", 7, "endorsement.k")),
        ("  k: 2", "  k: two", ("DECLARATION_BAD_VALUE", 7, "endorsement.k")),
        ("  k: 2", "  k: true", ("DECLARATION_BAD_VALUE", 7, "endorsement.k")),
        ("[operator]", "[nobody]", ("DECLARATION_UNKNOWN_ORG", 8, "operators[0]")),
        ("- name: south", "- name: north", ("DECLARATION_DUPLICATE_NAME", 16, "orgs[2].name")),
        ("- name: south", "- name: south\n    msp_id: north", ("DECLARATION_DUPLICATE_NAME", 17, "orgs[2].msp_id")),
        ("orderer0, port: 20001", "admin, port: 20001", ("DECLARATION_DUPLICATE_NAME", 11, "orgs[0].orderers[0].name")),
        ("code: CNY", "code: yuan", ("DECLARATION_BAD_VALUE", 5, "currency.code")),
        (
            "- name: south",
            HOSTED.format("south", "bad host!"),
            ("DECLARATION_BAD_VALUE", 18, "orgs[2].hosts[0].address"),
        ),
        ("- name: south", HOSTED.format("south", "10.0.0.7"), ("DECLARATION_BAD_VALUE", 19, "orgs[2].peers[0].port")),
        ("        port: 20002", "        host: attic", ("DECLARATION_BAD_VALUE", 15, "orgs[1].peers[0].host")),
        ("version: 1", "version: 2", ("DECLARATION_BAD_VALUE", 1, "version")),
        ("version: 1", "proposal_time_window: soon\nversion: 1", ("DECLARATION_BAD_VALUE", 1, "proposal_time_window")),
    ],
)
def test_a_fault_is_named_by_line_and_field(change: str, to: str, fault: tuple[str, int, str]) -> None:
    assert change in GOOD
    assert fault in faults(GOOD.replace(change, to))


SEVERAL_HOSTS = """
    hosts:
      - {name: main, address: peers.north.example, internal: 10.1.0.4}
      - {name: second, address: 10.1.0.5}
    peers:
      - {name: peer0, host: second, port: 20002, metrics_port: 20006}
      - {name: peer1, port: 20003, metrics_port: 20004}
"""


def test_services_are_reached_and_listen_where_their_host_says() -> None:
    at, to = GOOD.index("\n    peers:\n"), GOOD.index("  - name: south")
    north = parse(GOOD[:at] + SEVERAL_HOSTS + GOOD[to:]).org("north")
    ports = {"ca": 1, "peer0": 2, "peer1": 3, "peer1.metrics": 4, "chaincode": 5, "peer0.metrics": 6}
    reached = {name: str(endpoint) for name, endpoint in north.endpoints(ports).items()}
    listening = {name: str(endpoint) for name, endpoint in north.listeners(ports).items()}
    internal = {
        **{"ca": "10.1.0.4:1", "peer1.metrics": "10.1.0.4:4"},
        **{"chaincode": "10.1.0.4:5", "peer0.metrics": "127.0.0.1:6"},
    }
    assert reached == {**internal, "peer0": "10.1.0.5:2", "peer1": "peers.north.example:3"}
    assert listening == {**internal, "peer0": "10.1.0.5:2", "peer1": "0.0.0.0:3"}
    assert [north.host_of(name).name for name in ("peer0", "peer1", "ca", "logs")] == ["second", "main", "main", "main"]


def test_one_port_number_can_be_used_on_two_machines() -> None:
    first = GOOD.replace("- name: north", HOSTED.format("north", "10.0.0.5")).replace(
        "- name: south", HOSTED.format("south", "10.0.0.6")
    )
    assert len(parse(first.replace("[{name: peer0}]", "[{name: peer0, port: 20002}]")).merchants) == 2


@pytest.mark.parametrize(
    ("fabric", "why"),
    [
        ("{version: 2.5.12}", "2.5.12 cannot be used: the channel needs the capability V3_0"),
        ("{version: 3.0.0}", "reads and writes its state in batches, which came with 3.1"),
        ("{version: 3.1.0}", "any 3.1.x from 3.1.1 on can"),
        ("{version: 3.2.0}", "newer than what was tried"),
        ("{version: newest}", "must be a version such as 3.1.1"),
        ("{version: 3.1.5}", "name a folder with the programs of 3.1.5 (fabric.programs), or where its images lie"),
    ],
)
def test_a_fabric_that_cannot_be_used_is_refused_with_the_reason(fabric: str, why: str) -> None:
    with pytest.raises(DeclarationError, match="DECLARATION_BAD_VALUE") as caught:
        parse(f"fabric: {fabric}\n{GOOD}")
    assert [(one.line, one.field) for one in caught.value.problems] == [(1, "fabric.version")]
    assert why in caught.value.problems[0].detail


def test_every_patch_of_the_fabric_that_can_be_used_is_taken_with_programs_of_its_own() -> None:
    consortium = parse(f"fabric: {{version: 3.1.5, programs: /opt/fabric/bin, images: hyperledger}}\n{GOOD}")
    assert consortium.fabric.version == "3.1.5"
    assert parse(GOOD).fabric.version == "3.1.1"


def test_all_faults_are_told_at_once() -> None:
    text = GOOD.replace("code: CNY", "code: yuan").replace("  k: 2", "  k: 0")
    assert [field for _, _, field in faults(text)] == ["currency.code", "endorsement.k"]


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words\n"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    assert faults(text)[0][0] == "DECLARATION_BAD_VALUE"


def test_k_is_a_majority_of_the_merchants_unless_it_is_declared() -> None:
    left_out = GOOD.replace("endorsement:\n  k: 2\n", "")
    assert left_out != GOOD
    for merchants, k in ((1, 1), (2, 2), (3, 2), (4, 3), (5, 3)):
        made = parse(declaration_text(merchants_declaration(merchants, endorsement_k=None)))
        assert made.endorsement_k == k
        assert list(choices(made)) == []
    assert parse(left_out).endorsement_k == 2
    (told,) = choices(merchants_declaration(4, endorsement_k=2))
    assert told.startswith(
        "endorsement.k is 2 of 4 merchants: any 2 of them, acting together, can write whatever state"
    )
    assert "a majority (3 now)" in told


def test_what_is_no_yaml_is_refused_with_its_line() -> None:
    assert faults("version: 1\nname: [two\n")[0][:2] == ("DECLARATION_SYNTAX", 3)


def test_an_orderer_and_a_merchant_are_needed() -> None:
    lone = "version: 1\nname: lone\ntime_zone: UTC\ncurrency: {code: CNY}\nendorsement: {k: 1}\noperators: [a1]\norgs: [{name: a1}]\n"
    assert {field for _, _, field in faults(lone)} == {"orgs", "endorsement.k"}


def test_an_absent_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError) as caught:
        read(tmp_path / "none.yaml")
    assert caught.value.code == "DECLARATION_UNREADABLE"


@pytest.mark.parametrize("name", ["three-merchants", "three-merchants-replay"])
def test_the_examples_are_good(name: str) -> None:
    consortium = read(EXAMPLES / f"{name}.yaml")
    assert [org.title for org in consortium.merchants] == ["北辰书店", "海港唱片", "莲花百货"]
    assert [org.msp for org in consortium.merchants] == ["northstar", "harbor", "lotus"]
    assert consortium.replay == name.endswith("replay")


@pytest.mark.parametrize("merchants", [1, 2, 3, 10])
def test_a_generated_declaration_reads_back_the_same(merchants: int) -> None:
    made = merchants_declaration(merchants, replay=True, orderers=3, python_merchants=1)
    assert len(made.merchants) == merchants
    assert made.merchants[-1].chaincode.implementation == "python"
    assert parse(declaration_text(made)) == made


@pytest.mark.parametrize(
    ("change", "to", "told"),
    [
        ("  k: 2", "  k: 1", ["endorsement.k: 2 → 1"]),
        ("port: 20001", "port: 20009", ["orgs.operator.orderers.orderer0.port: 20001 → 20009"]),
        ("- name: south", "- name: west", ["orgs.south is gone", "orgs.west is new"]),
        (
            "  - name: north",
            "  - name: north\n    roles: [cashier, auditor]",
            ["orgs.north.roles: none → cashier, auditor"],
        ),
        ("version: 1", "mutual_tls: true\nversion: 1", ["mutual_tls: False → True"]),
        ("version: 1", "# a word\nversion: 1\nchannel: jifen", []),
    ],
)
def test_what_is_different_is_told_in_words(change: str, to: str, told: list[str]) -> None:
    assert change in GOOD
    assert [str(one) for one in changes(parse(GOOD), parse(GOOD.replace(change, to)))] == told
