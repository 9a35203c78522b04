"""The way of a member's points on a real Fabric network, from her gateway's page: proven with the organisations that endorsed, and a forged answer refused."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from fabric_protos.common import common_pb2
from playwright.sync_api import BrowserContext, Page, Route, expect

from chaincode.signing import MemberKey
from gateway.ledger.adapters.opening import open_ledger
from gateway.security.principals import Role
from gateway.services.ledger_place import place_of
from gateway.settings import settings_from
from network.declaration.generate import merchants_declaration
from network.journeys.local import running_network
from tests.browser.proofs import flipped
from tests.scenes.consortium import operation, run
from tests.scenes.sites import QUICK_PASSWORDS, Served, answering
from tests.scenes.two_merchants import TwoMerchants

pytestmark = [pytest.mark.browser, pytest.mark.fabric]
WHO = (("operator", "admin"), ("northstar", "gateway"), ("harbor", "gateway"))


@dataclass(frozen=True)
class TraceGround:
    """An open consortium on a real network of two merchants, with gateways of a merchant and of the operator."""

    world: TwoMerchants
    north: Served
    operator: Served


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TraceGround]:
    """The network, as long as the module's tests run."""
    folder: Path = tmp_path_factory.mktemp("gateways")
    with running_network(merchants_declaration(2), tmp_path_factory.mktemp("network")) as network:

        async def opened() -> TwoMerchants:
            ledgers = [open_ledger("fabric", network, org, identity_name=name) for org, name in WHO]
            try:
                world = TwoMerchants("page", *ledgers)
                await world.open(partial(open_ledger, "fabric", network, identity_name="admin"), now=None)
                return world
            finally:
                for ledger in ledgers:
                    await ledger.close()

        world = run(opened())
        with (
            serving_on(folder / "northstar", network.folder, "northstar") as north,
            serving_on(folder / "operator", network.folder, "operator") as operator,
        ):
            yield TraceGround(world, north, operator)


@contextmanager
def serving_on(folder: Path, network_folder: Path, org: str) -> Iterator[Served]:
    """An organisation's gateway on a running network, behind a free port."""
    folder.mkdir()
    settings = settings_from(
        {
            "folder": folder,
            "org": org,
            "ledger": {"adapter": "fabric", "folder": str(network_folder)},
            "store": {"url": f"sqlite:///{folder}/gateway.db"},
            "secrets": {"key": "ab" * 32},
            "people": {"passwords": QUICK_PASSWORDS},
        }
    )
    with answering(settings, place_of(settings)) as served:
        yield served


@pytest.fixture
def site(context: BrowserContext, ground: TraceGround) -> Served:
    """The merchant's gateway, to which a member is signed in who got points from a friend."""
    world, site = ground.world, ground.north
    friend = MemberKey.derived(secrets.token_hex(8))
    email, key = site.linked()
    issued = {"address": friend.address, "class_id": world.class_id, "points": 40}
    site.send(operation("Issue", secrets.token_hex(8), issued))
    sent = {"class_id": world.class_id, "recipients": [{"address": key.address, "points": 15}]}
    site.send(friend.authorise(operation("Transfer", secrets.token_hex(8), sent), world.merchant.place))
    site.let_in(context, email)
    return site


def test_her_points_are_proven_with_those_who_endorsed(page: Page, site: Served) -> None:
    page.goto(f"{site.address}/trace")
    page.get_by_role("main").get_by_role("link", name="Never expires").click()
    expect(page.locator("[data-proof-result]")).to_contain_text("Proven")
    steps = page.locator(".way-step[data-claim]")
    expect(steps).to_have_count(2)
    for place in range(2):
        expect(steps.nth(place).locator("[data-proof-badge]")).to_have_text("Checked: it holds")
        expect(steps.nth(place).locator("[data-proof-endorsers]")).to_contain_text("northstar")
        expect(steps.nth(place).locator("[data-proof-endorsers]")).to_contain_text("harbor")
    steps.nth(1).get_by_text("Details of block").click()
    expect(steps.nth(1).locator('[data-step="ordering"]')).to_have_attribute("data-state", "holds")
    expect(steps.nth(1).locator('[data-step="dates"]')).to_have_attribute("data-state", "holds")
    expect(steps.nth(1).locator('[data-step="member"]')).to_have_attribute("data-state", "holds")


def test_a_forged_answer_is_refused(page: Page, site: Served) -> None:
    def lie(route: Route) -> None:
        answer = route.fetch()
        document = answer.json()
        block = common_pb2.Block.FromString(base64.b64decode(document["content"]))
        signed = common_pb2.Metadata.FromString(block.metadata.metadata[common_pb2.SIGNATURES])
        signed.signatures[0].signature = flipped(signed.signatures[0].signature)
        block.metadata.metadata[common_pb2.SIGNATURES] = signed.SerializeToString()
        document["content"] = base64.b64encode(block.SerializeToString()).decode()
        route.fulfill(response=answer, json=document)

    page.route("**/blocks/*/evidence?*", lie)
    page.goto(f"{site.address}/trace")
    page.get_by_role("main").get_by_role("link", name="Never expires").click()
    result = page.locator("[data-proof-result]")
    expect(result).to_contain_text("The proof does not hold")
    expect(result).to_contain_text("No signature on the block is by an orderer of this consortium.")


def test_blocks_of_configuration_are_for_everybody_and_no_others(page: Page, site: Served) -> None:
    everybody = page.context.browser.new_context()  # type: ignore[union-attr]
    try:
        authorities = everybody.request.get(f"{site.address}/api/v1/ledger/authorities").json()
        assert authorities["kind"] == "fabric"
        number = authorities["configuration_block"]
        assert everybody.request.get(f"{site.address}/api/v1/ledger/configuration/{number}").ok
        newest = site.gateway.projection.position().block_number
        assert everybody.request.get(f"{site.address}/api/v1/ledger/configuration/{newest}").status == 404
        assert everybody.request.get(f"{site.address}/api/v1/ledger/blocks/{newest}/evidence").status == 401
        email = site.staff(Role.AUDITOR)
        site.let_in(everybody, email)
        blocks = everybody.request.get(f"{site.address}/api/v1/ledger/blocks?last={newest}").json()["blocks"]
        assert blocks[0]["block_number"] == newest
        assert sorted(blocks[0]["transactions"][0]["endorser_msps"]) == ["harbor", "northstar"]
        assert blocks[-1]["transactions"][0]["function"] is None
        assert all(block["intact"] for block in blocks)
    finally:
        everybody.close()


def test_the_operator_sees_the_network_and_proves_its_blocks(
    page: Page, context: BrowserContext, ground: TraceGround
) -> None:
    operator = ground.operator
    receipt = run_through(ground)
    operator.gateway.projection.wait_for_block(receipt, 60)
    operator.let_in(context, operator.staff(Role.AUDITOR))
    page.goto(f"{operator.address}/operator")
    expect(page.get_by_text("All is well here")).to_be_visible()
    authorities = page.get_by_role("region", name="Certificate authorities")
    expect(authorities.get_by_text("ordering blocks").first).to_be_visible()
    expect(authorities.get_by_role("row").filter(has_text="harbor")).to_contain_text("days")
    merchants = page.get_by_role("region", name="Merchants")
    expect(merchants.get_by_role("row").filter(has_text="northstar")).not_to_contain_text("not lately")
    page.goto(f"{operator.address}/operator/blocks/{receipt}")
    expect(page.locator("[data-proof-result]")).to_contain_text("Proven")
    page.get_by_text("What was checked", exact=False).last.click()
    expect(page.locator('[data-step="organisations"]')).to_contain_text("2 of 3 organisations")
    page.goto(f"{operator.address}/operator/blocks/0")
    expect(page.get_by_role("heading", name="Configuration")).to_be_visible()
    expect(page.locator("[data-claim]")).to_have_count(0)


def run_through(ground: TraceGround) -> int:
    """The block of a new issuance of the merchant's."""
    args = {"address": MemberKey.derived("operator").address, "class_id": ground.world.class_id, "points": 1}
    return int(ground.north.send(operation("Issue", secrets.token_hex(8), args)).block_number)
