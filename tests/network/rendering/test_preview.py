"""What is rendered from the example, file by file, against golden files (`pytest tests/network --update` writes them)."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from network.declaration import merchants_declaration, parse, read
from network.declaration.policies import majority, out_of
from network.rendering.preview import SECRET_MARK, preview

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parents[1] / "golden"
EXAMPLE = ROOT / "network" / "examples" / "three-merchants.yaml"


def test_the_example_renders_as_the_golden_files(request: pytest.FixtureRequest) -> None:
    files = {
        name: text for name, text in preview(read(EXAMPLE)).items() if "/harbor/" not in name and "/lotus/" not in name
    }
    if request.config.getoption("update", default=False):
        for old in GOLDEN.rglob("*"):
            if old.is_file():
                old.unlink()
        for name, text in files.items():
            (GOLDEN / name).parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / name).write_text(text, encoding="utf-8")
    found = {str(file.relative_to(GOLDEN)): file.read_text("utf-8") for file in GOLDEN.rglob("*") if file.is_file()}
    assert found == files


def test_rendering_is_a_function_of_the_declaration() -> None:
    assert preview(read(EXAMPLE)) == preview(read(EXAMPLE))


def test_everything_listens_on_the_loopback_only() -> None:
    for name, text in preview(merchants_declaration(3, orderers=3)).items():
        assert "0.0.0.0" not in text, name
        assert "[::]" not in text, name


def test_no_secret_is_shown() -> None:
    texts = [text for name, text in preview(read(EXAMPLE)).items() if name.endswith("fabric-ca-server-config.yaml")]
    assert len(texts) == 4
    for text in texts:
        assert yaml.safe_load(text)["registry"]["identities"][0]["pass"] == SECRET_MARK


def test_a_replay_network_widens_the_window_of_its_peers_alone() -> None:
    text = EXAMPLE.read_text("utf-8")
    wide = preview(parse(text.replace("proposal_time_window: 15m", "proposal_time_window: 876000h")))
    narrow = preview(parse(text))
    changed = {name for name in wide if wide[name] != narrow[name]}
    assert changed == {f"orgs/{org}/nodes/peer0/core.yaml" for org in ("northstar", "harbor", "lotus")}
    core = yaml.safe_load(wide["orgs/harbor/nodes/peer0/core.yaml"])
    assert core["peer"]["authentication"]["timewindow"] == f"{876_000 * 3600 * 1000}ms"


def test_the_endorsement_policy_names_every_merchant_and_no_operator() -> None:
    files = preview(merchants_declaration(10, endorsement_k=3))
    profile = yaml.safe_load(files["orgs/operator/genesis/configtx.yaml"])["Profiles"]["Jifen"]
    rule = profile["Application"]["Policies"]["Endorsement"]["Rule"]
    assert rule.startswith("OutOf(3, 'northstar.peer', 'harbor.peer', 'lotus.peer', 'merchant-4.peer'")
    assert rule.count(".peer") == 10
    assert "operator" not in rule
    assert profile["Application"]["Policies"]["LifecycleEndorsement"]["Rule"].startswith("OutOf(6, ")


def test_every_merchant_has_its_anchor_peer_in_the_first_block() -> None:
    files = preview(read(EXAMPLE))
    profile = yaml.safe_load(files["orgs/operator/genesis/configtx.yaml"])["Profiles"]["Jifen"]
    anchors = {org["Name"]: len(org.get("AnchorPeers", [])) for org in profile["Application"]["Organizations"]}
    assert anchors == {"operator": 0, "northstar": 1, "harbor": 1, "lotus": 1}


def test_only_ordering_nodes_seal_blocks() -> None:
    files = preview(merchants_declaration(3))
    profile = yaml.safe_load(files["orgs/operator/genesis/configtx.yaml"])["Profiles"]["Jifen"]
    policy = profile["Orderer"]["Policies"]["BlockValidation"]
    assert policy == {"Type": "Signature", "Rule": "OutOf(1, 'operator.orderer')"}


def test_mutual_tls_is_a_setting_of_nodes_alone() -> None:
    on, off = preview(merchants_declaration(2, mutual_tls=True)), preview(merchants_declaration(2))
    assert {name for name in on if on[name] != off[name]} == {
        "orgs/operator/nodes/orderer0/orderer.yaml",
        "orgs/northstar/nodes/peer0/core.yaml",
        "orgs/harbor/nodes/peer0/core.yaml",
    }
    assert yaml.safe_load(on["orgs/harbor/nodes/peer0/core.yaml"])["peer"]["tls"]["clientAuthRequired"] is True


def test_metrics_are_off_unless_a_port_is_named() -> None:
    for metrics, provider in ((False, "disabled"), (True, "prometheus")):
        files = preview(merchants_declaration(1, metrics=metrics))
        core = yaml.safe_load(files["orgs/northstar/nodes/peer0/core.yaml"])
        orderer = yaml.safe_load(files["orgs/operator/nodes/orderer0/orderer.yaml"])
        authority = yaml.safe_load(files["orgs/northstar/ca/fabric-ca-server-config.yaml"])
        assert (
            core["metrics"]["provider"]
            == orderer["Metrics"]["Provider"]
            == authority["metrics"]["provider"]
            == provider
        )
        places = {
            core["operations"]["listenAddress"],
            orderer["Operations"]["ListenAddress"],
            authority["operations"]["listenAddress"],
        }
        assert (places == {"127.0.0.1:0"}) is not metrics
        assert len(places) == (3 if metrics else 1)


@pytest.mark.parametrize(("count", "half"), [(1, 1), (2, 2), (3, 2), (4, 3), (10, 6)])
def test_majority(count: int, half: int) -> None:
    assert majority(count) == half
    assert out_of(1, ["a", "b"]) == "OutOf(1, 'a.peer', 'b.peer')"
