"""Another account of one's own is merged into the one that is used: by two signatures, in both languages, and what stands in the way is told."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from chaincode.cases.world import PLACE, class_args
from chaincode.signing import MemberKey
from gateway.client.wrapped_keys import wrapped_key
from tests.browser.member.conftest import carry_out, issue
from tests.browser.member.leaks import STORAGE, Tap, leaks, spellings
from tests.scenes.sites import PASSPHRASE, Served

pytestmark = pytest.mark.browser

OLD_PASSPHRASE = "nine lanterns over the old wall"
BOUND = "harbor-bound"
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "file": "Backup file",
        "passphrase of file": "Passphrase of the backup",
        "load": "Load",
        "wrong": "This is not the passphrase of this key.",
        "own file": "This is the file of the account that you use.",
        "look": "Look it over",
        "take in": "Take in the points of another account of yours",
        "move": "Move all points into another account of yours",
        "first": "by the key that receives",
        "second": "by the key that gives",
        "take in's": "Passphrase of the key that receives",
        "move's": "Passphrase of the key that gives",
        "go on": "Sign, then the other key",
        "sign": "Sign and send",
        "refuse": "Do not sign",
        "unchanged": "Nothing has changed.",
        "done": r"Done\. It stands in block \d+\.",
        "nothing": "Nothing to move",
        "origin": "Where my points come from",
        "until": "Good until",
        "sent": r"you, at your other address\s+sent 70 points to\s+you",
        "bound": "These points cannot be sent on. Only 海港唱片 can move them",
    },
    "zh": {
        "file": "备份文件",
        "passphrase of file": "备份文件的口令",
        "load": "载入",
        "wrong": "口令不正确。",
        "own file": "这是常用账户的备份文件",
        "look": "下一步：核对",
        "take in": "接收本人另一账户的积分",
        "move": "将全部积分并入本人的另一账户",
        "first": "使用转入账户的私钥",
        "second": "使用转出账户的私钥",
        "take in's": "转入账户的私钥口令",
        "move's": "转出账户的私钥口令",
        "go on": "签名，下一步",
        "sign": "签名并提交",
        "refuse": "取消",
        "unchanged": "未作任何改动。",
        "done": r"已完成，记入区块 \d+。",
        "nothing": "没有可转移的积分",
        "origin": "积分溯源",
        "until": "有效期至",
        "sent": r"您（另一个地址）\s*转赠\s*您\s*70 积分",
        "bound": "此类积分不可转赠，仅海港唱片可办理合并",
    },
}


@dataclass(frozen=True)
class Two:
    """A member who is signed in: the key of the account in use, and another key, whose backup file is at hand."""

    used: MemberKey
    old: MemberKey
    file: Path


def backup(key: MemberKey, passphrase: str, file: Path) -> Path:
    """A key's backup file."""
    document = {"format": "jifen-key-backup", "version": 1, "address": key.address, "key": wrapped_key(key, passphrase)}
    file.write_text(json.dumps(document), "utf-8")
    return file


def with_two(page: Page, north: Served, folder: Path) -> Two:
    """10 points in the account in use, 70 in the other one."""
    name = secrets.token_hex(4)
    email, used = north.wallet(name, 10)
    old = MemberKey.derived(f"old {name}")
    carry_out(north, "EnrollMember", dict(old.enrolment("northstar", PLACE)))
    issue(north, old.address, 70)
    north.let_in(page.context, email)
    return Two(used, old, backup(old, OLD_PASSPHRASE, folder / "old.json"))


@pytest.fixture
def two(page: Page, sites: dict[str, Served], tmp_path: Path) -> Two:
    """The same for a page of which every fault counts."""
    return with_two(page, sites["northstar"], tmp_path)


def points_of(site: Served, key: MemberKey, class_id: str = "northstar") -> int:
    """An account's points on the ledger."""
    args = {"account": key.address, "class_id": class_id}
    return int(site.gateway.runtime.call(site.gateway.ledger.evaluate("GetBalance", args))["points"])


def bound_points(sites: dict[str, Served], key: MemberKey, points: int) -> None:
    """Points of harbor's that cannot be sent on."""
    harbor, north = sites["harbor"], sites["northstar"]
    classes = harbor.gateway.runtime.call(harbor.gateway.ledger.evaluate("ListClasses", {}))
    if BOUND not in json.dumps(classes):
        carry_out(harbor, "DefineClass", {**class_args(BOUND), "transferable": False, "enrolled_only": False})
    given = {"address": key.address, "class_id": BOUND, "points": points}
    receipt = harbor.carry_out("Issue", secrets.token_hex(8), given)
    assert receipt.block_number is not None
    north.gateway.projection.wait_for_block(receipt.block_number, 30)


def load(page: Page, file: Path, passphrase: str, words: Mapping[str, str] = WORDS["en"]) -> None:
    """Loads a key from its file."""
    page.get_by_label(words["file"], exact=True).set_input_files(file)
    page.get_by_label(words["passphrase of file"]).fill(passphrase)
    page.get_by_role("button", name=words["load"], exact=True).click()


def take_in(page: Page, passphrase: str = PASSPHRASE, words: Mapping[str, str] = WORDS["en"]) -> None:
    """Signs with the key of the account that receives."""
    dialog = page.get_by_role("dialog", name=words["take in"])
    dialog.get_by_label(words["take in's"]).fill(passphrase)
    dialog.get_by_role("button", name=words["go on"], exact=True).click()


def move(page: Page, passphrase: str = OLD_PASSPHRASE, words: Mapping[str, str] = WORDS["en"]) -> None:
    """Signs with the key of the account that gives."""
    dialog = page.get_by_role("dialog", name=words["move"])
    dialog.get_by_label(words["move's"]).fill(passphrase)
    dialog.get_by_role("button", name=words["sign"], exact=True).click()


def grouped(key: MemberKey) -> str:
    """An address as it is shown."""
    return " ".join(re.findall(".{1,4}", key.address))


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh", 360)])
def test_the_whole_way(
    language: str, width: int, page: Page, sites: dict[str, Served], two: Two, tmp_path: Path
) -> None:
    north, words = sites["northstar"], WORDS[language]
    bound_points(sites, two.old, 5)
    page.context.add_cookies([{"name": "jifen_language", "value": language, "url": north.address}])
    page.set_viewport_size({"width": width, "height": 900})
    tap = Tap(page)
    page.goto(f"{north.address}/merge")
    load(page, two.file, "not this one at all", words)
    expect(page.get_by_text(words["wrong"])).to_be_visible()
    load(page, backup(two.used, PASSPHRASE, tmp_path / "used.json"), PASSPHRASE, words)
    expect(page.get_by_text(words["own file"])).to_be_visible()
    load(page, two.file, OLD_PASSPHRASE, words)
    page.wait_for_url(re.compile(f"from={two.old.address}"))

    form = page.locator("[data-merge]")
    expect(form.get_by_role("checkbox", name="北辰书店积分")).to_be_checked()
    expect(form).to_contain_text("70")
    barred = form.locator(f"input[value={BOUND}]")
    expect(barred).to_be_disabled()
    expect(barred).to_have_accessible_description(re.compile(words["bound"]))

    page.get_by_role("button", name=words["look"]).click()
    first = page.get_by_role("dialog", name=words["take in"])
    for said in (words["first"], grouped(two.old), grouped(two.used), "70"):
        expect(first).to_contain_text(said)
    take_in(page, "not this one at all", words)
    expect(first).to_contain_text(words["wrong"])
    take_in(page, PASSPHRASE, words)
    second = page.get_by_role("dialog", name=words["move"])
    for said in (words["second"], grouped(two.old), grouped(two.used), "70"):
        expect(second).to_contain_text(said)
    second.get_by_role("button", name=words["refuse"], exact=True).click()
    expect(form).to_contain_text(words["unchanged"])
    assert (points_of(north, two.old), points_of(north, two.used)) == (70, 10)

    page.get_by_role("button", name=words["look"]).click()
    take_in(page, PASSPHRASE, words)
    with page.expect_request("**/operations/merge-accounts") as asked:
        move(page, OLD_PASSPHRASE, words)
    outcome = form.locator("[data-outcome]")
    expect(outcome).to_contain_text(re.compile(words["done"]))
    expect(outcome).to_contain_text("70")
    expect(outcome).to_be_focused()
    expect(page.locator("[data-live=target] .value").first).to_contain_text("80")
    assert (points_of(north, two.old), points_of(north, two.used)) == (0, 80)
    assert points_of(north, two.old, BOUND) == 5
    expect(page.locator("#f-from option:checked")).to_contain_text("0.05")

    again = repeated(page, asked.value.url, asked.value.post_data_json)
    assert again["repeated"]
    assert again["result"]["classes"] == [{"class_id": "northstar", "debt": 0, "pending": 0, "points": 70}]
    assert points_of(north, two.used) == 80

    page.get_by_role("link", name=words["origin"]).last.click()
    page.get_by_role("link", name=words["until"]).first.click()
    steps = page.locator(".way-step[data-claim]")
    expect(steps.filter(has_text=re.compile(words["sent"]))).to_have_count(1)
    for step in steps.all():
        expect(step.locator("[data-proof-badge]")).to_have_attribute("class", re.compile("good"))

    stored = [("storage", page.evaluate(STORAGE).encode())]
    assert leaks([*tap.heard, *stored], spellings(PASSPHRASE) | spellings(OLD_PASSPHRASE)) == []


def repeated(page: Page, url: str, body: Any) -> Any:
    """The answer to the same request once more."""
    call = "([url, body]) => jifen.api.call('POST', url, body, {key: body.request_id}).then((one) => one.document)"
    return page.evaluate(call, [url, body])


def test_what_cannot_be_is_told(page: Page, sites: dict[str, Served], two: Two) -> None:
    north = sites["northstar"]
    page.goto(f"{north.address}/merge")
    expect(page.get_by_text("No other account here yet")).to_be_visible()
    load(page, two.file, OLD_PASSPHRASE)
    page.wait_for_url(re.compile(f"from={two.old.address}"))
    page.get_by_label("The other account: points leave it").select_option(two.used.address)
    page.get_by_label("The account that you use: points arrive here").select_option(two.used.address)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("That is one and the same account")).to_be_visible()
    expect(page.get_by_role("button", name="Look it over")).to_have_count(0)

    page.get_by_label("The other account: points leave it").select_option(two.old.address)
    page.get_by_role("button", name="Show").click()
    page.get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_text("Choose at least one kind of points.")).to_be_visible()
    page.get_by_role("checkbox").check()
    carry_out(north, "SetMemberStatus", {"address": two.old.address, "status": "FROZEN"})
    page.get_by_role("button", name="Look it over").click()
    take_in(page)
    move(page)
    expect(page.get_by_text("This account is frozen at the moment.")).to_be_visible()
    assert points_of(north, two.old) == 70
    page.reload()
    expect(page.get_by_text("The other account is frozen")).to_be_visible()

    empty = f"{north.address}/merge?from={two.used.address}&address={two.old.address}"
    carry_out(north, "SetMemberStatus", {"address": two.old.address, "status": "ACTIVE"})
    page.goto(empty)
    page.get_by_role("button", name="Look it over").click()
    take_in(page, OLD_PASSPHRASE)
    move(page, PASSPHRASE)
    expect(page.get_by_text(re.compile("Done. It stands in block"))).to_be_visible()
    expect(page.get_by_text("Nothing to move")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Nothing to move")).to_be_visible()
    assert (points_of(north, two.old), points_of(north, two.used)) == (80, 0)


def test_an_account_of_another_sign_in_stays_there(page: Page, sites: dict[str, Served], tmp_path: Path) -> None:
    north, name = sites["northstar"], secrets.token_hex(4)
    _, other = north.wallet(f"{name}-other", 5)
    email, _ = north.wallet(name, 5)
    north.let_in(page.context, email)
    page.goto(f"{north.address}/merge")
    load(page, backup(other, OLD_PASSPHRASE, tmp_path / "other.json"), OLD_PASSPHRASE)
    expect(page.get_by_text("This account belongs to another sign-in at this merchant.")).to_be_visible()


def test_a_lost_answer_is_asked_for_again_and_moves_once(lossy: Page, sites: dict[str, Served], tmp_path: Path) -> None:
    page, north = lossy, sites["northstar"]
    two = with_two(page, north, tmp_path)
    keys: list[str | None] = []

    def lose_the_first(route: Route) -> None:
        keys.append(route.request.headers.get("idempotency-key"))
        if len(keys) == 1:
            assert route.fetch().status == 201
            route.abort()
        else:
            route.continue_()

    page.goto(f"{north.address}/merge")
    load(page, two.file, OLD_PASSPHRASE)
    page.wait_for_url(re.compile("from="))
    page.route("**/operations/merge-accounts", lose_the_first)
    page.get_by_role("button", name="Look it over").click()
    take_in(page)
    move(page)
    outcome = page.locator("[data-merge] [data-outcome]")
    expect(outcome).to_contain_text("Done.")
    expect(outcome).to_contain_text("70 points of")
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert (points_of(north, two.old), points_of(north, two.used)) == (0, 80)


def test_what_the_merchant_keeps_moves_into_a_key_of_ones_own_even_what_cannot_be_sent_on(
    page: Page, sites: dict[str, Served], two: Two
) -> None:
    north = sites["northstar"]
    page.goto(f"{north.address}/key")
    page.get_by_text("Without a passphrase: a kept account").click()
    page.get_by_role("button", name="Let the merchant keep a key for me").click()
    kept = page.locator("details dd.address")
    expect(kept).to_be_visible()
    address = (kept.text_content() or "").replace(" ", "")
    issue(north, address, 25)
    carry_out(north, "DefineClass", {**class_args("north-bound"), "transferable": False})
    carry_out(north, "Issue", {"address": address, "class_id": "north-bound", "points": 3})
    page.goto(f"{north.address}/wallet")
    page.get_by_role("link", name="Merge another account of yours").click()
    expect(page.get_by_label("The other account: points leave it")).to_contain_text("kept by the merchant")
    page.get_by_role("button", name="Look it over").click()
    take_in(page)
    dialog = page.get_by_role("dialog", name="Move all points")
    expect(dialog).to_contain_text("The merchant keeps the key of this account")
    dialog.get_by_role("button", name="Sign and send").click()
    expect(page.locator("[data-merge] [data-outcome]")).to_contain_text(re.compile("Done. It stands in block"))
    assert (points_of(north, two.used), points_of(north, two.used, "north-bound")) == (35, 3)
