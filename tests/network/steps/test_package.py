"""The organisation's own chaincode package."""

from __future__ import annotations

import gzip
import io
import json
import tarfile

from network.folders import OrgFolder
from network.nodes.services import package_of
from network.participant import Participant
from network.steps.package import MakePackage


def test_the_package_is_the_same_each_time_and_carries_no_key(orgs: list[OrgFolder]) -> None:
    step = MakePackage()
    assert not step.done(Participant(orgs[1]))
    step.take(Participant(orgs[1]))
    assert step.done(Participant(orgs[1]))
    first = package_of(Participant(orgs[1])).id
    package = (orgs[1].chaincode / "jifen_1.tar.gz").read_bytes()
    step.take(Participant(orgs[1]))
    assert package_of(Participant(orgs[1])).id == first
    assert (orgs[1].chaincode / "jifen_1.tar.gz").read_bytes() == package
    assert package_of(Participant(orgs[2])).id != first
    with tarfile.open(fileobj=io.BytesIO(package)) as outer:
        code = outer.extractfile("code.tar.gz")
        assert code is not None
        content = gzip.decompress(code.read())
    assert b"server.key" not in content
    assert b"127.0.0.1" in content
    full = json.loads((orgs[1].chaincode / "connections" / "jifen_1.json").read_text("utf-8"))
    assert full["client_key"] == "northstar client-tls server.key\n"
    assert full["client_auth_required"] is True
