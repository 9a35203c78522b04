"""Changes to a channel's configuration: what they touch, who must sign, and how they are made anew when it has moved."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from network.channel.admissible import must_be_admissible
from network.channel.changes import Admit, Anchor, Change, Dismiss, Name, Naming, Revoke, drifted, wanted
from network.channel.configuration import application, config_in, copy_of, members
from network.channel.differences import differences, organisations_that_differ
from network.channel.organisation import organisation_group
from network.channel.policies import in_words
from network.channel.proposing import counted, propose, propose_again, stands
from network.channel.update import applied, checked_leaves, computed_update, shortages, update_of
from network.declaration import merchants_declaration
from network.errors import NetworkError
from network.exchange import config_signature, config_update
from network.exchange.config_signature import ConfigSignature, config_signature_from
from network.exchange.config_update import ConfigUpdate, config_update_from
from network.exchange.envelope import Envelope
from tests.network.channel.ground import NOW, PEM, YEAR, Authority, Ground, authority, make_ground, newcomer, signature

pytestmark = pytest.mark.fabric
INSIDERS = ("operator", "northstar", "harbor", "lotus")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return make_ground(tmp_path_factory.mktemp("channel") / "net", merchants_declaration(3))


def proposal(ground: Ground, change: Change, config: Any = None) -> ConfigUpdate:
    return propose(change, ground.config if config is None else config, ground.channel, ground.translator)


def after(ground: Ground, file: ConfigUpdate, config: Any = None) -> Any:
    return applied(ground.config if config is None else config, update_of(ground.channel, file.content))


def signatures(file: ConfigUpdate, *orgs: str) -> dict[str, ConfigSignature]:
    return {org: signature(file, org) for org in orgs}


def words(config: Any, name: str) -> str:
    return in_words(application(config).policies[name].policy)


def test_an_organisation_is_described_as_fabrics_own_program_does_it(ground: Ground) -> None:
    for definition in ground.definitions:
        group = application(ground.config).groups[definition.msp_id]
        assert organisation_group(definition) == group, definition.name


def test_a_newcomer_stands_in_the_group_and_in_every_policy_by_name(ground: Ground) -> None:
    file = proposal(ground, Admit(newcomer("ferry"), None))
    joined = after(ground, file)
    assert members(joined) == ["ferry", "harbor", "lotus", "northstar", "operator"]
    assert words(joined, "Readers") == words(joined, "Writers")
    assert words(joined, "Readers").startswith(
        "1 of operator.member, northstar.member, harbor.member, lotus.member, ferry"
    )
    assert words(joined, "Endorsement") == "3 of northstar.peer, harbor.peer, lotus.peer, ferry.peer"
    assert words(joined, "LifecycleEndorsement") == words(joined, "Endorsement")
    assert {leaf.path for leaf in file.leaves} == Admit(newcomer("ferry"), None).leaves
    assert "ferry joins" in file.leaves[0].text


def test_a_declared_k_is_kept(ground: Ground) -> None:
    joined = after(ground, proposal(ground, Admit(newcomer("ferry"), 2)))
    assert words(joined, "Endorsement") == "2 of northstar.peer, harbor.peer, lotus.peer, ferry.peer"
    assert words(joined, "LifecycleEndorsement").startswith("3 of")


def test_what_is_made_already_is_not_made_again(ground: Ground) -> None:
    change = Admit(newcomer("ferry"), None)
    joined = after(ground, proposal(ground, change))
    assert differences(joined, change.made(joined)) == []
    with pytest.raises(NetworkError, match="no differences detected"):
        proposal(ground, change, joined)


def test_who_leaves_is_named_nowhere(ground: Ground) -> None:
    joined = after(ground, proposal(ground, Admit(newcomer("ferry"), None)))
    file = proposal(ground, Dismiss("ferry", None), joined)
    left = after(ground, file, joined)
    assert differences(ground.config, left) == []
    assert {leaf.path for leaf in file.leaves} == Dismiss("ferry", None).leaves
    assert "ferry is taken out" in str(file.leaves[0])


def test_what_the_channel_wants_follows_from_who_is_declared(ground: Ground) -> None:
    assert wanted(ground.config, ground.definitions, 2, {}) == []
    ferry = newcomer("ferry")
    found = wanted(ground.config, [*ground.definitions[:-1], ferry], 2, {"harbor": b"list"})
    assert [type(one) for one in found] == [Dismiss, Admit, Revoke]
    assert [one.name for one in found[:2]] == ["dismiss-lotus", "admit-ferry"]
    harbor = ground.definitions[2]
    moved = replace(harbor, peers=(replace(harbor.peers[0], address="127.0.0.1:15555"),))
    (anchor,) = wanted(ground.config, [*ground.definitions[:2], moved, ground.definitions[3]], 2, {})
    assert anchor == Anchor("harbor", ("127.0.0.1:15555",))
    assert {leaf.path for leaf in proposal(ground, anchor).leaves} == anchor.leaves


def test_policies_that_have_drifted_are_seen_and_repaired(ground: Ground) -> None:
    assert drifted(ground.config, ground.definitions, 2) is None
    other = drifted(ground.config, ground.definitions, 3)
    assert other is not None
    assert {leaf.path for leaf in proposal(ground, other).leaves} == {"Application/policies/Endorsement"}
    short = after(ground, proposal(ground, Name(Naming(("operator", "harbor"), ("harbor",), 1))))
    repair = drifted(short, ground.definitions, 2)
    assert repair is not None
    assert drifted(after(ground, proposal(ground, repair, short), short), ground.definitions, 2) is None


@pytest.mark.parametrize(
    ("change", "signers", "told"),
    [
        (Admit(newcomer("ferry"), None), ("operator", "harbor"), "/Channel/Application/Admins needs 1 more of"),
        (Admit(newcomer("ferry"), None), ("operator", "harbor", "lotus"), ""),
        (
            Anchor("harbor", ("127.0.0.1:15555",)),
            ("operator",),
            "/Channel/Application/harbor/Admins needs 1 more of harbor",
        ),
        (Anchor("harbor", ("127.0.0.1:15555",)), ("harbor",), ""),
    ],
)
def test_signatures_are_counted_before_anything_is_sent(
    ground: Ground, change: Change, signers: tuple[str, ...], told: str
) -> None:
    file = proposal(ground, change)
    if not told:
        assert set(counted(file, ground.config, ground.channel, signatures(file, *signers))) == set(signers)
        return
    with pytest.raises(NetworkError) as caught:
        counted(file, ground.config, ground.channel, signatures(file, *signers))
    assert caught.value.code == "SIGNATURES_MISSING"
    assert told in caught.value.detail


def test_the_channels_own_policies_are_counted_too(ground: Ground) -> None:
    changed = copy_of(ground.config)
    changed.channel_group.values["Capabilities"].value += b"\n\x00"
    update = update_of(ground.channel, computed_update(ground.translator, ground.channel, ground.config, changed))
    (lacking,) = shortages(ground.config, update, {"northstar", "harbor", "lotus"})
    assert str(lacking) == "/Channel/Admins needs 1 more of operator"
    assert shortages(ground.config, update, {"northstar", "harbor", "operator"}) == []


def refused(ground: Ground, file: ConfigUpdate, one: ConfigSignature) -> str:
    with pytest.raises(NetworkError) as caught:
        counted(file, ground.config, ground.channel, {"harbor": one})
    assert caught.value.code == "SIGNATURE_REFUSED"
    return caught.value.detail


def test_a_signature_that_is_no_good_is_refused_with_the_reason(ground: Ground) -> None:
    file = proposal(ground, Admit(newcomer("ferry"), None))
    other = proposal(ground, Admit(newcomer("ferry"), 2))

    stolen = replace(signature(other, "harbor"), update_sha256=file.sha256)
    assert "made for another" in refused(ground, file, stolen)
    foreign = authority("lotus").issue("admin", "admin")
    assert "its authority did not issue" in refused(ground, file, signature(file, "harbor", foreign))
    client = authority("harbor").issue("gateway", "client")
    assert "by no admin: its certificate says client" in refused(ground, file, signature(file, "harbor", client))
    expired = authority("harbor").issue("admin", "admin", NOW - datetime.timedelta(minutes=1))
    assert "is valid until" in refused(ground, file, signature(file, "harbor", expired))
    assert "ferry is not in the channel" in refused(ground, file, signature(file, "ferry"))
    good = signature(file, "harbor")
    spoilt = replace(good, signature=good.signature[:-1] + bytes((good.signature[-1] ^ 1,)))
    assert "made for another" in refused(ground, file, spoilt)


def test_a_signature_counts_once(ground: Ground) -> None:
    file = proposal(ground, Admit(newcomer("ferry"), None))
    one = signature(file, "harbor")
    with pytest.raises(NetworkError, match="the file of lotus holds a second signature of harbor"):
        counted(file, ground.config, ground.channel, {"harbor": one, "lotus": one})


def test_a_signature_of_an_earlier_update_does_not_count(ground: Ground) -> None:
    earlier = proposal(ground, Admit(newcomer("ferry"), 2))
    file = proposal(ground, Admit(newcomer("ferry"), None))
    with pytest.raises(NetworkError, match="needs 3 more of") as caught:
        counted(file, ground.config, ground.channel, signatures(earlier, *INSIDERS))
    assert caught.value.code == "SIGNATURES_MISSING"


def test_an_update_does_what_it_says_or_is_refused(ground: Ground) -> None:
    change = Admit(newcomer("ferry"), None)
    more = change.made(ground.config)
    application(more).policies["Admins"].policy.CopyFrom(application(more).policies["Writers"].policy)
    more.channel_group.groups["Orderer"].values["BatchTimeout"].value = b"\n\x0210s"
    update = update_of(ground.channel, computed_update(ground.translator, ground.channel, ground.config, more))
    with pytest.raises(NetworkError) as caught:
        checked_leaves(change, ground.config, update)
    assert caught.value.code == "UPDATE_REFUSED"
    assert "also touches Application/policies/Admins" in caught.value.detail
    assert "Orderer/values/BatchTimeout" in caught.value.detail
    less = change.made(ground.config)
    application(less).policies["Endorsement"].CopyFrom(application(ground.config).policies["Endorsement"])
    update = update_of(ground.channel, computed_update(ground.translator, ground.channel, ground.config, less))
    with pytest.raises(NetworkError, match="it has not Application/policies/Endorsement"):
        checked_leaves(change, ground.config, update)
    stranger = replace(newcomer("ferry"), root=authority("lotus").pem.decode())
    with pytest.raises(NetworkError, match="the update is not what"):
        checked_leaves(
            change, ground.config, update_of(ground.channel, proposal(ground, Admit(stranger, None)).content)
        )
    good = proposal(ground, change)
    assert tuple(checked_leaves(change, ground.config, update_of(ground.channel, good.content))) == good.leaves


def test_an_update_of_another_channel_or_none_is_refused(ground: Ground) -> None:
    file = proposal(ground, Admit(newcomer("ferry"), None))
    with pytest.raises(NetworkError, match="of channel 'jifen', not of other"):
        update_of("other", file.content)
    with pytest.raises(NetworkError, match="no configuration update"):
        update_of("jifen", b"\xff\xff")
    with pytest.raises(NetworkError, match="no block with a channel's configuration"):
        config_in(b"\xff\xff")


def enveloped(kind: str, payload: str) -> Envelope:
    return Envelope(kind, "jifen", "", 0, "operator", payload.encode())


def test_files_are_read_as_they_were_written_or_refused(ground: Ground) -> None:
    file = replace(proposal(ground, Admit(newcomer("ferry"), None)), reason="why")
    assert config_update_from(enveloped(config_update.TYPE, file.to_json())) == file
    words = "\n".join(config_update.KIND.words(enveloped(config_update.TYPE, file.to_json())))
    assert "Application/groups/ferry: ferry joins" in words
    assert "to be signed again: why" in words
    good = json.loads(file.to_json())
    for changed in ({"change": "../../x"}, {"leaves": [{"x": 1}]}, {"config_update": "!"}, {"reason": 1}):
        with pytest.raises(NetworkError, match="FILE_REFUSED: operator: it holds no update"):
            config_update_from(enveloped(config_update.TYPE, json.dumps({**good, **changed})))
    one = signature(file, "harbor")
    assert config_signature_from(enveloped(config_signature.TYPE, one.to_json())) == one
    assert (
        config_signature.KIND.named(enveloped(config_signature.TYPE, one.to_json()))
        == "config-signature.admit-ferry.json"
    )
    for name, value in (("signature", "!"), ("update_sha256", "x"), ("change", "a/b")):
        with pytest.raises(NetworkError, match="FILE_REFUSED: operator: it holds no signature"):
            config_signature_from(
                enveloped(config_signature.TYPE, json.dumps({**json.loads(one.to_json()), name: value}))
            )


def test_two_who_join_at_once_are_both_taken_in_after_one_more_round(ground: Ground) -> None:
    ferry, opera = Admit(newcomer("ferry"), None), Admit(newcomer("opera", 20_100), None)
    first, second = proposal(ground, ferry), proposal(ground, opera)
    moved = after(ground, first)
    assert stands(second, ground.config, ground.channel) == ""
    with pytest.raises(NetworkError, match="UPDATE_OUTDATED"):
        after(ground, second, moved)
    again = propose_again(second, opera, moved, ground.channel, ground.translator)
    assert "was made when Channel/groups/Application was at version 0; it is at version 1" in again.reason
    both = after(ground, again, moved)
    assert {"ferry", "opera"} <= set(members(both))
    assert words(both, "Endorsement").startswith("3 of northstar.peer, harbor.peer, lotus.peer, ferry.peer, opera.peer")
    assert stands(again, moved, ground.channel) == ""
    with pytest.raises(NetworkError, match="needs 3 more"):
        counted(again, moved, ground.channel, signatures(second, *INSIDERS))
    assert len(counted(again, moved, ground.channel, signatures(again, *INSIDERS))) == 4


def test_an_update_that_comes_to_mean_something_else_is_not_made_again(ground: Ground) -> None:
    opera = Admit(newcomer("opera", 20_100), None)
    file = proposal(ground, opera)
    moved = copy_of(ground.config)
    application(moved).policies["Writers"].CopyFrom(application(moved).policies["Endorsement"])
    application(moved).policies["Writers"].version += 1
    with pytest.raises(NetworkError, match="means something else since the channel has moved") as caught:
        propose_again(file, opera, moved, ground.channel, ground.translator)
    assert caught.value.code == "UPDATE_REFUSED"
    assert "now Application/policies/Writers" in caught.value.detail


def test_a_revocation_list_stands_in_the_msp_and_its_certificates_sign_no_more(ground: Ground) -> None:
    own = authority("harbor")
    lost = own.issue("admin", "admin")
    serial = x509.load_pem_x509_certificate(lost.certificate).serial_number
    entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW).build()
    builder = x509.CertificateRevocationListBuilder(own.name, NOW, NOW + YEAR).add_revoked_certificate(entry)
    change = Revoke("harbor", builder.sign(own.key, hashes.SHA256()).public_bytes(PEM))
    file = proposal(ground, change)
    assert {leaf.path for leaf in file.leaves} == change.leaves == {"Application/groups/harbor/values/MSP"}
    revoked = after(ground, file)
    assert "1 revocation lists" in file.leaves[0].text
    assert wanted(revoked, ground.definitions, 2, {"harbor": change.revocation_list}) == []
    next_file = proposal(ground, Admit(newcomer("ferry"), None), revoked)
    with pytest.raises(NetworkError, match="a certificate that was revoked"):
        counted(
            next_file,
            revoked,
            ground.channel,
            {"harbor": signature(next_file, "harbor", lost)},
        )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"root": authority("ferry").issue("x", "admin").private_key.decode()}, "holds a private key"),
        ({"tls_root": "text"}, "its TLS root is no certificate"),
        ({"root": authority("ferry").issue("x", "admin").certificate.decode()}, "is no certificate of an authority"),
        ({"root": Authority("x", NOW + datetime.timedelta(days=29)).pem.decode()}, "30 days are asked for"),
        ({"orderers": newcomer("ferry").peers}, "it has ordering nodes"),
    ],
)
def test_a_definition_is_refused_with_the_reason(changed: dict[str, Any], told: str) -> None:
    must_be_admissible(newcomer("ferry"))
    with pytest.raises(NetworkError, match=told) as caught:
        must_be_admissible(replace(newcomer("ferry"), **changed))
    assert caught.value.code == "DEFINITION_REFUSED"


def test_an_organisation_that_stands_in_the_channel_with_another_root_is_found(ground: Ground) -> None:
    assert organisations_that_differ(application(ground.config), ground.definitions) == []
    other = [replace(one, root=authority("ferry").pem.decode()) for one in ground.definitions[2:3]]
    (told,) = organisations_that_differ(application(ground.config), other)
    assert told.startswith("harbor: harbor/values/MSP: MSP harbor with root")
