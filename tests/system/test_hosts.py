"""Four organisations on four hosts, none holding another's keys: by `jifen org` and files carried by hand alone."""

from __future__ import annotations

import base64
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scenes.hosts import ORDERER_PORT, PEER_PORT, Hosts, Site, declaration, hosts
from tests.scenes.waiting import eventually

pytestmark = [pytest.mark.fabric, pytest.mark.timeout(900)]
ORGS = ("operator", "northstar", "harbor", "lotus")
MERCHANTS = ORGS[1:]
PEM = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----(.+?)-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)
OPEN_PORTS = """
import resource, selectors, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
found = []
for begin in range(1, 65536, 400):
    waiting = selectors.DefaultSelector()
    for port in range(begin, min(begin + 400, 65536)):
        one = socket.socket(); one.setblocking(False)
        code = one.connect_ex((sys.argv[1], port))
        waiting.register(one, selectors.EVENT_WRITE, port)
    left = len(waiting.get_map())
    while left:
        for key, _ in waiting.select(5):
            if key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0: found.append(key.data)
            waiting.unregister(key.fileobj); key.fileobj.close(); left -= 1
print(found)
"""


@pytest.fixture(scope="module")
def overheard() -> bytearray:
    """All that passed over the links while the consortium was made and worked."""
    return bytearray()


@pytest.fixture(scope="module")
def consortium(overheard: bytearray) -> Iterator[Hosts]:
    """The consortium, up and open, its merchants at work once; made by every organisation for itself."""
    with tempfile.TemporaryDirectory(prefix="jifen-hosts-") as home, hosts(Path(home), ORGS) as found:
        with found.overheard() as heard:
            bring_up(found)
            open_for_business(found)
        overheard.extend(heard)
        yield found


def bring_up(found: Hosts) -> None:
    """Takes every organisation through its steps, file by file."""
    text = declaration(found.sites)
    for site in found.sites.values():
        agreed = site.home / "consortium.yaml"
        agreed.write_text(text)
        site.org_told("init", site.org, "--declaration", agreed)
        sent = site.org_told("publish")["outbox"]
        assert [Path(file).name for file in sent] == ["definition.json"]
    found.carry(*ORGS)
    waiting = found.sites["harbor"].org_told("step", code=4)["steps"][-1]
    assert (waiting["step"], waiting["waits_for"]) == ("examine", ["channel.json from operator"])
    steps = found.sites["operator"].org_told("step", code=4)["steps"]
    assert (steps[-1]["step"], steps[-1]["state"]) == ("commit", "waiting")
    found.carry("operator")
    with found.cut_off("operator"):
        waiting = found.sites["northstar"].org_told("step", code=4)["steps"][-1]
        assert (waiting["step"], waiting["waits_for"]) == ("approve", ["an ordering node that gives blocks"])
    for name in MERCHANTS:
        assert found.sites[name].org_told("step")["steps"][-1]["step"] == "approve"
    assert found.sites["operator"].org_told("step")["steps"][-1] | {"summary": ""} == {
        **{"step": "commit", "summary": "", "state": "taken", "waits_for": []},
    }


def open_for_business(found: Hosts) -> None:
    """Opens the consortium and has the merchants join, each from its own host."""
    operator = found.sites["operator"]
    operator.told("consortium", "open", "--folder", operator.folder)
    operator.told("consortium", "invite", "--folder", operator.folder)
    for name in MERCHANTS:
        site = found.sites[name]
        assert site.told("consortium", "join", name, "--folder", site.folder)["joined"]


def private_keys(site: Site) -> list[Path]:
    """The private keys in an organisation's folder."""
    files = [file for file in site.home.rglob("*") if file.is_file() and file.stat().st_size < 10_000]
    return [file for file in files if b"PRIVATE KEY-----" in file.read_bytes()]


def secrets_in(file: Path) -> list[bytes]:
    """What must not be seen of a file with a private key: its lines, and the number itself (RFC 5915: an octet string
    of 32 or 48 bytes)."""
    (body,) = PEM.findall(file.read_bytes().replace(b"\\n", b"\n"))
    key = base64.b64decode(body)
    (number,) = re.findall(rb"\x04(?:\x20(.{32})|\x30(.{48}))", key, re.DOTALL)[:1]
    lines = body.split()
    return [b"".join(number), lines[0][40:], lines[1]]


def test_every_host_is_ready_in_its_own_view(consortium: Hosts) -> None:
    for site in consortium.sites.values():
        state = site.org_told("status")
        assert state["ready"], state
        assert {one["org"] for one in state["services"]} == {site.org}
        assert {one["state"] for one in state["steps"]} == {"done"}, "nothing is left to do"
    lotus = consortium.sites["lotus"]
    assert lotus.told("network", "status", "--folder", lotus.folder)["ready"]


def test_only_declared_ports_are_open_between_hosts(consortium: Hosts) -> None:
    asking = consortium.sites["lotus"]
    expected = {"operator": [ORDERER_PORT], "northstar": [PEER_PORT], "harbor": [PEER_PORT]}
    for name, ports in expected.items():
        done = asking.run(sys.executable, "-c", OPEN_PORTS, consortium.sites[name].address)
        assert json.loads(done.stdout) == ports, (name, done.stderr)


def test_no_private_key_is_readable_outside_its_folder(consortium: Hosts) -> None:
    for site in consortium.sites.values():
        keys = private_keys(site)
        assert len(keys) >= 8
        for key in keys:
            assert (key.stat().st_mode & 0o077, key.stat().st_uid) == (0, site.user), key
        for other in consortium.sites.values():
            if other is not site:
                assert "Permission denied" in other.run("cat", keys[0]).stderr
                assert "Permission denied" in other.run("ls", site.folder).stderr


def test_the_consortium_works_over_its_links_and_verifies(consortium: Hosts, overheard: bytearray) -> None:
    with consortium.overheard() as heard:
        with consortium.sites["northstar"].working() as first, consortium.sites["harbor"].working() as second:
            pass
        for answer in (first, second):
            found = json.loads(answer.read_text())
            assert found["committed"] >= 2
            assert found == {**found, "points": found["committed"], "failed": 0, "retried": 0}
        for name in MERCHANTS:
            site = consortium.sites[name]
            checks = site.told("verify", "--folder", site.folder, "--org", name)
            assert all(checks[name]["checks"].values()), checks
    overheard.extend(heard)


def test_no_private_key_crosses_a_link(consortium: Hosts, overheard: bytearray) -> None:
    heard = bytes(overheard)
    assert len(heard) > 1_000_000, "the links were listened to"
    assert b"\x02h2" in heard, "beginnings of TLS connections, which name HTTP/2"
    sent = b"".join(file.read_bytes() for site in consortium.sites.values() for file in site.outbox)
    for site in consortium.sites.values():
        for file in private_keys(site):
            for secret in secrets_in(file):
                assert secret not in heard, (file, secret[:4])
                assert secret not in sent, (file, secret[:4])
        for file in (site.folder / "secrets").iterdir():
            assert file.read_bytes().strip() not in heard


def test_a_host_that_is_cut_off_is_waited_for_and_comes_back(consortium: Hosts) -> None:
    northstar, harbor = consortium.sites["northstar"], consortium.sites["harbor"]
    with consortium.cut_off("harbor"):
        consortium.wait_until(harbor, ready=False)
    assert harbor.org_told("stop")["ended"]
    assert not harbor.org_told("status", code=4)["ready"]
    assert "harbor/peer0" in harbor.org_told("start")["running"]
    consortium.wait_until(harbor, ready=True)
    assert northstar.org_told("step")["steps"][-1]["state"] == "done"


def test_files_of_another_channel_and_files_that_were_changed_are_refused(consortium: Hosts) -> None:
    lotus, post = consortium.sites["lotus"], consortium.post("harbor", "lotus")
    file = next(one for one in post if one.name == "definition.json")
    again = lotus.org_told("accept", file)
    assert [one["outcome"] for one in again] == ["had come before"]
    assert "root certificate for identities: SHA-256" in "\n".join(lotus.told("org", "explain", file)["lines"])
    for pattern, to, reason in (
        ('"channel": "jifen"', '"channel": "other"', "it is for channel 'other'; ours is jifen"),
        ("10.213.7.3", "10.213.7.9", "its content was changed after it was made"),
    ):
        changed = file.with_name("changed.json")
        changed.write_text(re.sub(re.escape(pattern), to, file.read_text()))
        changed.chmod(0o644)
        done = lotus.jifen("org", "accept", changed, "--folder", lotus.folder)
        assert done.returncode == 2
        assert reason in re.sub(r"\s+", " ", done.stderr), done.stderr


def agree_on_ferry(consortium: Hosts) -> None:
    """Has northstar propose the admission of ferry by its definition, and two of three merchants vote for it."""
    northstar = consortium.sites["northstar"]
    (definition,) = [file for file in consortium.post("ferry", "northstar") if file.name == "definition.json"]
    proposed = ("consortium", "propose", "ADMIT", "ferry", "--definition", definition, "--reason", "wanted")
    made = northstar.told(*proposed, "--org", "northstar", "--folder", northstar.folder)["proposal"]
    assert (made["needed"], made["voters"]) == (2, ["harbor", "lotus", "northstar"])
    for name, status in (("lotus", "OPEN"), ("harbor", "PASSED")):
        site = consortium.sites[name]
        voted = site.told("consortium", "vote", "ferry", "yes", "--org", name, "--folder", site.folder)["proposal"]
        assert voted["status"] == status


@pytest.mark.long
def test_a_fourth_merchant_joins_while_the_others_work(consortium: Hosts) -> None:
    operator = consortium.sites["operator"]
    ferry = consortium.add("ferry")
    revised = operator.home / "revised.yaml"
    revised.write_text(declaration(consortium.sites))
    with consortium.sites["northstar"].working() as answer:
        assert operator.org_told("revise", revised)["changes"] == ["orgs.ferry is new"]
        agreed = ferry.home / "consortium.yaml"
        agreed.write_text(revised.read_text())
        ferry.org_told("init", "ferry", "--declaration", agreed)
        ferry.org_told("publish")
        ferry.org_told("accept", *[file for name in ORGS for file in consortium.post(name, "ferry")])
        waiting = ferry.org_told("step", code=4)["steps"][-1]
        assert waiting["step"] == "examine_channel"
        assert waiting["waits_for"][0].startswith("the others to take ferry into the channel")
        consortium.carry("operator", "ferry", to=ORGS)
        refused = operator.jifen("org", "step", "--folder", operator.folder)
        assert "NOT_APPROVED: ferry: the consortium has not agreed to take it in" in refused.stderr
        agree_on_ferry(consortium)
        waiting = operator.org_told("step", code=4)["steps"][-1]
        assert waiting["step"] == "submit_updates"
        consortium.carry("operator", to=MERCHANTS)
        for name in MERCHANTS:
            assert consortium.sites[name].org_told("step", code=4)["steps"][-1]["step"] == "approve"
        consortium.carry(*MERCHANTS, to=("operator",))
        waiting = operator.org_told("step", code=4)["steps"][-1]
        assert waiting["waits_for"] == ["ferry to commit the definition that names it"]
        for name in MERCHANTS:
            consortium.sites[name].org_told("step", code=4)
        ferry.org_told("step")
        for name in ORGS:
            consortium.sites[name].org_told("step")
    found = json.loads(answer.read_text())
    assert (found["failed"], found["points"]) == (0, found["committed"])
    for site in consortium.sites.values():
        assert {one["state"] for one in site.org_told("step")["steps"]} == {"done"}
    assert ferry.told("consortium", "join", "ferry", "--folder", ferry.folder)["joined"]
    with ferry.working() as answer:
        pass
    assert json.loads(answer.read_text())["failed"] == 0
    operator.told("consortium", "deposit", "ferry", "100", "--reference", "bank 1", "--folder", operator.folder)
    ferry.told("consortium", "limit", "ferry", "harbor", "50", "--folder", ferry.folder)
    with consortium.sites["harbor"].working("ferry"):
        pass
    window = operator.told("consortium", "close-window", "--folder", operator.folder)
    assert [(one["payer_msp"], one["payee_msp"], one["amount_minor"]) for one in window["payments"]] == [
        ("ferry", "harbor", 1)
    ]
    checks = ferry.told("verify", "--folder", ferry.folder, "--org", "ferry")
    assert all(checks["ferry"]["checks"].values()), checks


@pytest.mark.long
def test_a_certificate_is_revoked_in_the_channel(consortium: Hosts) -> None:
    harbor, operator = consortium.sites["harbor"], consortium.sites["operator"]
    folder = harbor.folder / "identities" / "gateway" / "msp"
    kept = harbor.home / "revoked"
    assert harbor.run("cp", "-r", folder, kept).returncode == 0
    assert all(not trial["refused"] for trial in doors(harbor, kept) if trial["door"] != "participation")
    sent = harbor.org_told("revoke", "gateway")["outbox"]
    assert "revocations.json" in [Path(file).name for file in sent]
    staying = [name for name in consortium.sites if name != "operator"]
    harbor.org_told("step", code=4)
    consortium.carry("harbor")
    operator.org_told("step", code=4)
    consortium.carry("operator")
    for name in staying:
        consortium.sites[name].org_told("step")
    consortium.carry(*staying, to=("operator",))
    operator.org_told("step")
    eventually("no door is open", lambda: doors(harbor, kept), all_refused, seconds=60)
    assert all(not trial["refused"] for trial in doors(harbor, folder) if trial["door"] != "participation")


@pytest.mark.long
def test_who_leaves_is_let_in_nowhere(consortium: Hosts) -> None:
    operator, ferry = consortium.sites["operator"], consortium.sites["ferry"]
    operator.told("consortium", "status", "--folder", operator.folder)
    revised = operator.home / "without-ferry.yaml"
    revised.write_text(declaration({name: site for name, site in consortium.sites.items() if name != "ferry"}))
    with consortium.sites["northstar"].working() as answer:
        assert operator.org_told("revise", revised)["changes"] == ["orgs.ferry is gone"]
        (post,) = [file for file in consortium.post("operator", "ferry") if file.name == "declaration.json"]
        refused = ferry.jifen("org", "accept", post, "--folder", ferry.folder)
        assert "ferry is not in it and leaves" in refused.stderr
        consortium.carry("operator", to=MERCHANTS)
        for name in MERCHANTS:
            consortium.sites[name].org_told("step", code=4)
        operator.org_told("step", code=4)
        consortium.carry("operator", to=MERCHANTS)
        for name in MERCHANTS:
            consortium.sites[name].org_told("step")
        consortium.carry(*MERCHANTS, to=("operator",))
        operator.org_told("step")
    assert json.loads(answer.read_text())["failed"] == 0
    for identity in ("admin", "gateway"):
        folder = ferry.folder / "identities" / identity / "msp"
        eventually("no door is open", lambda folder=folder: doors(ferry, folder), all_refused, seconds=60)  # type: ignore[misc]
    eventually("no door is open", lambda: doors(ferry, ferry.folder / "nodes/peer0/msp"), all_refused, seconds=60)
    northstar = consortium.sites["northstar"]
    checks = northstar.told("verify", "--folder", northstar.folder, "--org", "northstar")
    assert all(checks["northstar"]["checks"].values()), checks
    ferry.org_told("stop")


def doors(site: Site, msp: Path) -> list[dict[str, Any]]:
    """What an identity is told at every door of the others, tried from its own host."""
    done = site.run(sys.executable, "-m", "tests.scenes.host_doors", site.folder, msp)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert {trial["door"] for trial in found} >= {"endorse", "evaluate", "deliver", "broadcast"}
    return found


def all_refused(trials: list[dict[str, Any]]) -> bool:
    return all(trial["refused"] for trial in trials)
