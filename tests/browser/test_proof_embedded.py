"""Proofs on the embedded ledger: what holds is the chain of hashes and each member's own signature, and nothing more is said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from tests.browser.proofs import Told, broken, check, flipped, open_page, states, told_of
from tests.scenes.consortium import new_member, run
from tests.scenes.two_merchants import TwoMerchants

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Points that were issued to one member and sent on to another."""
    file: Path = tmp_path_factory.mktemp("proof") / "ledger.sqlite"

    async def work() -> Told:
        ledgers = [EmbeddedLedger(file, embedded_identity(*who)) for who in WHO]
        world = TwoMerchants("proof", *ledgers)
        await world.open(lambda org: EmbeddedLedger(file, embedded_identity(org, "admin")))
        giver, taker = new_member(), new_member()
        issued = world.issue(giver.address, 40)
        sent = giver.authorise(world.operation("Transfer", transfer(world, taker.address)), world.merchant.place)
        blocks = [(await world.merchant.submit_many([one])).block_number for one in (issued, sent)]
        made = await told_of(
            world.merchant, (blocks[1] or 0, sent["request_id"]), (blocks[0] or 0, issued["request_id"])
        )
        for ledger in ledgers:
            await ledger.close()
        return made

    return run(work())


WHO = (("operator", "admin"), ("northstar", "gateway"), ("harbor", "gateway"))


def transfer(world: TwoMerchants, address: str) -> dict[str, Any]:
    """Fifteen points to an address."""
    return {"class_id": world.class_id, "recipients": [{"address": address, "points": 15}]}


@pytest.fixture
def alone(page: Page) -> Page:
    """The scripts on a page of a browser that remembers nothing."""
    return open_page(page)


def test_a_true_chain_is_accepted_and_it_is_said_that_nobody_endorsed(alone: Page, told: Told) -> None:
    found = check(alone, told)
    assert found["proven"], found
    assert found["kind"] == "embedded"
    sent, issued = states(found, 0), states(found, 1)
    assert sent["member"] == sent["content"] == sent["place"] == sent["operation"] == sent["chain"] == "holds"
    assert sent["endorsements"] == "not there"
    assert issued["member"] == "not there"
    assert found["results"][0]["endorsers"] == []
    assert states(check(alone, told))["memory"] == "holds"


def change_row(told: Told, change: Callable[[dict[str, Any]], None], *, sealed: bool) -> None:
    """Changes the content of the first claim's row; `sealed`: with hashes that fit, and all later headers."""
    row = json.loads(told.evidence[told.number])
    content = json.loads(row["data"])
    change(content)
    row["data"] = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if sealed:
        row["data_hash"] = hashlib.sha256(row["data"].encode()).hexdigest()
        told.replace(told.number, bytes.fromhex(row["data_hash"]))
    told.evidence[told.number] = json.dumps(row).encode()


def give_more(content: dict[str, Any]) -> None:
    """Sends fifty instead of fifteen, in what was asked and in what is told of it."""
    content["arguments"] = [text.replace('"points":15', '"points":50') for text in content["arguments"]]
    content["event"] = content["event"].replace(",15,", ",50,").replace(",-15,", ",-50,")
    assert "50" in content["event"]
    assert '"points":50' in content["arguments"][0]


def unsigned(told: Told) -> None:
    """Another member's points, without her signature."""

    def change(content: dict[str, Any]) -> None:
        batch = json.loads(content["arguments"][0])
        del batch["operations"][0]["authorization"]
        content["arguments"] = [json.dumps(batch)]

    change_row(told, change, sealed=True)


def forged_content(told: Told) -> None:
    change_row(told, give_more, sealed=False)


def forged_and_sealed(told: Told) -> None:
    change_row(told, give_more, sealed=True)
    for posting in told.claims[0]["postings"]:
        posting["points"] = {15: 50, -15: -50}[posting["points"]]


def other_claim(told: Told) -> None:
    told.claims[0]["postings"][0]["points"] = 16


def other_transaction(told: Told) -> None:
    told.claims[0]["transaction_id"] = "0" * 64


def other_block(told: Told) -> None:
    told.evidence[told.number] = told.evidence[told.claims[1]["block_number"]]


def broken_link(told: Told) -> None:
    header = told.headers[told.number]
    header["previous_hash"] = flipped(bytes.fromhex(header["previous_hash"])).hex()


def gap(told: Told) -> None:
    del told.headers[1]


def unreadable(told: Told) -> None:
    told.evidence[told.number] = b"{}"


def withheld(told: Told) -> None:
    del told.evidence[told.number]


@pytest.mark.parametrize(
    ("forge", "expected"),
    [
        (forged_content, {"content"}),
        (forged_and_sealed, {"member"}),
        (unsigned, {"member"}),
        (other_claim, {"operation"}),
        (other_transaction, {"operation"}),
        (other_block, {"place", "operation"}),
        (broken_link, {"chain"}),
        (gap, {"chain"}),
        (unreadable, {"evidence"}),
        (withheld, set()),
    ],
)
def test_a_forgery_is_refused_and_named(
    alone: Page, told: Told, forge: Callable[[Told], None], expected: set[str]
) -> None:
    forged = told.copy()
    forge(forged)
    found = check(alone, forged)
    assert not found["proven"]
    assert expected <= broken(found), found
    if forge is withheld:
        assert states(found)["evidence"] == "not there"


def test_a_chain_that_this_browser_knows_otherwise_is_refused(alone: Page, told: Told) -> None:
    assert check(alone, told)["proven"]
    rewritten = told.copy()
    rewritten.replace(0, bytes(32))
    assert broken(check(alone, rewritten)) == {"memory"}
    shorter = told.copy()
    del shorter.headers[-1]
    assert broken(check(alone, shorter)) == {"memory"}
    assert check(alone, told)["proven"], "what was refused is not remembered"
    alone.evaluate("jifen.chain.forget()")
    assert states(check(alone, told))["memory"] == "not there"


def test_another_name_for_the_ledger_does_not_hide_what_this_browser_knows(alone: Page, told: Told) -> None:
    assert check(alone, told)["proven"]
    renamed = told.copy()
    forged_and_sealed(renamed)
    renamed.authorities["channel"] = "jifen-2"
    found = check(alone, renamed)
    assert broken(found) == {"memory"}
    assert not found["proven"]
    assert check(alone, told)["proven"], "what was refused is not remembered"
    alone.evaluate("jifen.chain.forget()")
    assert states(check(alone, renamed))["memory"] == "not there"


def way_of(told: Told) -> list[dict[str, Any]]:
    """What joins the transfer to the issuance before it."""
    sent, issued = told.claims
    came, went = sorted(sent["postings"], key=lambda posting: -posting["points"])

    def end(claim: dict[str, Any], posting: dict[str, Any]) -> dict[str, Any]:
        return {"cursor": claim["cursor"], "posting": posting["posting"]}

    return [
        {"source": end(issued, issued["postings"][0]), "to": end(sent, went), "points": 15},
        {"source": end(sent, went), "to": end(sent, came), "points": 15},
    ]


def no_first_link(links: list[dict[str, Any]]) -> None:
    del links[0]


def another_number(links: list[dict[str, Any]]) -> None:
    links[0]["points"] = 14


def more_than_went(links: list[dict[str, Any]]) -> None:
    for link in links:
        link["points"] = 16


def the_wrong_way_round(links: list[dict[str, Any]]) -> None:
    links[0]["source"], links[0]["to"] = links[0]["to"], links[0]["source"]


def from_what_came_later(links: list[dict[str, Any]]) -> None:
    links[0]["source"] = links[1]["to"]


def from_nowhere(links: list[dict[str, Any]]) -> None:
    links[0]["source"] = {"cursor": "0-0-0", "posting": 0}


def test_steps_that_join_up_are_accepted(alone: Page, told: Told) -> None:
    found = check(alone, told, way_of(told))
    assert found["proven"], found
    assert states(found)["joined"] == "holds"


@pytest.mark.parametrize(
    "change",
    [no_first_link, another_number, more_than_went, the_wrong_way_round, from_what_came_later, from_nowhere],
)
def test_a_gap_between_steps_is_found(alone: Page, told: Told, change: Callable[[Any], None]) -> None:
    links = way_of(told)
    change(links)
    found = check(alone, told, links)
    assert not found["proven"]
    assert broken(found) == {"joined"}


def test_steps_are_not_joined_where_one_is_broken(alone: Page, told: Told) -> None:
    forged = told.copy()
    other_claim(forged)
    found = check(alone, forged, way_of(told))
    assert states(found)["joined"] == "not there"
    assert not found["proven"]
