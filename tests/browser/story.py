"""The story that the pages tell, as people do it: a member registers, makes her key, earns, sends, spends at another merchant, follows a point back; staff of every
role do their part. The same on the embedded ledger and on real Fabric.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from gateway.legacy.files import COLUMNS, proof_sha256
from gateway.security.principals import Role
from tests.scenes.sites import PASSWORD, Served, agreeing
from tests.scenes.waiting import eventually

SALT = "00112233445566778899aabbccddeeff"
PASSPHRASE = "seven ferries to Gulangyu"
LETTER_SECONDS = 20
SECONDS = 60
"""How long a page may take where the ledger is a real network on a busy machine."""
CODE = re.compile(r"\b([A-Z0-9]{6,12})\b")
BLOCK = re.compile(r"block \d+")


@dataclass
class BrowserStory:
    """Who takes part, and where: gateways by organisation, and the file into which each writes its letters."""

    browser: Browser
    places: Mapping[str, Served]
    letters: Mapping[str, Path]
    addresses: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def visitor(self, org: str) -> Iterator[Page]:
        """A browser of somebody's own, whose faults fail the story."""
        context = self.browser.new_context(locale="en-GB", base_url=self.places[org].address)
        faults: list[str] = []
        context.on("weberror", lambda error: faults.append(str(error.error)))
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        yield page
        context.close()
        assert not faults, faults

    @contextmanager
    def staff(self, org: str, *roles: Role) -> Iterator[Page]:
        """Somebody of the staff, who signs in by the page."""
        email = self.places[org].staff(*roles)
        with self.visitor(org) as page:
            page.goto("/staff/sign-in")
            page.get_by_label("E-mail address").fill(email)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "sign-in" not in url)
            yield page

    @contextmanager
    def member(self, org: str, name: str) -> Iterator[Page]:
        """A member who registered before, signed in by the page."""
        with self.visitor(org) as page:
            page.goto("/sign-in")
            page.get_by_label("E-mail or telephone").fill(f"{name}@example.org")
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(re.compile("/wallet"))
            yield page

    def registers(self, org: str, name: str) -> None:
        """Somebody becomes a member and makes her key, which enrols her."""
        with self.visitor(org) as page:
            page.goto("/register")
            before = self._letters(org)
            page.get_by_label("E-mail or telephone").fill(f"{name}@example.org")
            page.get_by_role("button", name="Send me a code").click()
            page.get_by_label("Code from the message").fill(self._code(org, before))
            page.get_by_label("What shall we call you?").fill(name.title())
            page.get_by_label("New password").fill(PASSWORD)
            page.get_by_role("button", name="Become a member").click()
            page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
            page.get_by_label("The same again").fill(PASSPHRASE)
            page.get_by_label("I know: if I forget").check()
            page.get_by_role("button", name="Make my key").click()
            page.get_by_role("heading", name="Your key is made").wait_for()
            expect(page.locator("[data-not-enrolled]")).to_be_hidden()
            self.addresses[name] = (page.locator("[data-made-address]").text_content() or "").replace(" ", "")

    def _letters(self, org: str) -> str:
        return self.letters[org].read_text("utf-8") if self.letters[org].exists() else ""

    def _code(self, org: str, before: str) -> str:
        """The code of the letter that came since."""

        def codes() -> list[str]:
            return CODE.findall(self._letters(org)[len(before) :].partition("code is ")[2])

        return eventually(f"a letter at {org}", codes, seconds=LETTER_SECONDS)[0]

    def sends(self, org: str, name: str, to: str, points: int) -> None:
        """Points of the merchant's class to somebody's address; what is signed is read before."""
        with self.member(org, name) as page:
            page.goto(f"/send?to=jifen:{self.addresses[to]}")
            page.get_by_label("Amount").fill(str(points))
            page.get_by_role("button", name="Look it over").click()
            dialog = page.get_by_role("dialog", name="Send points")
            expect(dialog).to_contain_text(f"{points} points")
            self._sign(page)
            page.get_by_text(re.compile(r"Sent\. It stands in block \d+\.")).wait_for()

    def reserves(self, org: str, name: str, points: int) -> str:
        """Points for the till at `org`; the reservation's code."""
        with self.member(org, name) as page:
            page.goto("/redeem")
            page.get_by_label("At most").fill(str(points))
            page.get_by_role("button", name="Look it over").click()
            self._sign(page)
            return (page.locator("[data-hold-code]").text_content() or "").strip()

    def _sign(self, page: Page) -> None:
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Passphrase of your key").fill(PASSPHRASE)
        dialog.get_by_role("button", name=re.compile("^Sign")).click()

    def traces(self, org: str, name: str) -> list[str]:
        """The first of somebody's points, back to its issuance; what the browser's checks say."""
        with self.member(org, name) as page:
            page.goto("/trace")
            page.locator("main .list a").first.click()
            page.locator("[data-proof-result] .notice").wait_for()
            expect(page.locator("[data-proof-result] .notice")).to_have_class(re.compile("good"))
            return page.locator("[data-proof-badge]").all_text_contents()

    def earns(self, org: str, name: str, amount: str) -> None:
        """A purchase at the till, by the keyboard alone."""
        with self.staff(org, Role.CASHIER) as page:
            page.goto("/merchant/counter")
            page.keyboard.press("F2")
            page.keyboard.type(self.addresses[name])
            page.keyboard.press("Enter")
            expect(page.get_by_label(re.compile("Amount paid"))).to_be_focused()
            page.keyboard.type(amount)
            page.keyboard.press("Enter")
            expect(page.locator("[data-answer]")).to_contain_text(re.compile(r"\d"))
            expect(page.locator("[data-answer] .good, [data-answer].good").first).to_be_visible()

    def pays(self, org: str, code: str, points: int) -> None:
        """The till takes what was reserved, by the letters under the code."""
        with self.staff(org, Role.CASHIER) as page:
            page.goto("/merchant/counter")
            page.keyboard.press("F4")
            page.keyboard.type(code)
            page.keyboard.press("Enter")
            take = page.get_by_label("Points to take").first
            take.wait_for()
            take.fill(str(points))
            page.keyboard.press("Enter")
            expect(page.locator("[data-answer] .good, [data-answer].good").first).to_be_visible()

    def second_person_confirms(self, org: str, path: str = "/merchant/approvals?status=PENDING") -> None:
        """Somebody else says yes to what waits."""
        with self.staff(org, Role.FINANCE) as page:
            page.goto(path)
            page.get_by_role("button", name="Confirm").first.click()
            page.get_by_role("button", name="Confirm").first.wait_for(state="detached")

    def defines_a_class_and_issues(self, org: str, name: str) -> None:
        """Marketing defines a class and issues more of it than one person may: a second one confirms."""
        with self.staff(org, Role.MARKETING) as page:
            page.goto("/merchant/classes/new")
            page.get_by_label("Identifier of the class").fill("spring")
            page.get_by_label("Symbol").fill("SPR")
            page.get_by_label("Worth of the smallest unit").fill("0.001")
            page.get_by_label("Name", exact=True).fill("Spring")
            page.get_by_label("Category").fill("Campaigns")
            page.get_by_label("Points earned").fill("0")
            page.get_by_role("button", name="Define the class").click()
            page.get_by_text("This needs a second person.").wait_for()
        self.second_person_confirms(org)
        with self.staff(org, Role.MARKETING) as page:
            page.goto("/merchant/classes/spring")
            page.get_by_label("Address").fill(self.addresses[name])
            page.get_by_label("Points", exact=True).fill("1500000")
            page.get_by_role("button", name="Issue", exact=True).click()
            page.get_by_text("This needs a second person.").wait_for()
        self.second_person_confirms(org)
        with self.member(org, name) as page:
            expect(page.locator('[data-live="balances"]')).to_contain_text("1,500,000")

    def window_is_cut_and_closed(self) -> int:
        """The operator ends the window; its number."""
        with self.staff("operator", Role.ADMIN) as page:
            agreeing(page)
            page.goto("/operator/windows")
            page.get_by_role("button", name="Cut the window").click()
            page.get_by_text("This needs a second person.").wait_for()
        self.second_person_confirms("operator")
        with self.staff("operator", Role.ADMIN) as page:
            agreeing(page)
            page.goto("/operator/windows")
            page.get_by_role("button", name="Close the window").click()
            page.get_by_role("button", name="Close the window").wait_for(state="detached")
            numbers = page.locator("main h3 a").all_text_contents()
        return max(int(re.sub(r"\D", "", text)) for text in numbers)

    def statement_is_accepted(self, org: str, window_id: int) -> None:
        """Finance sees and accepts it."""
        with self.staff(org, Role.FINANCE) as page:
            page.goto(f"/merchant/settlement/{window_id}")
            page.get_by_role("button", name="Accept the statement").click()
            page.get_by_text("Accepted on").wait_for()

    def payment(self, org: str, window_id: int, button: str, reference: str = "") -> None:
        """One side's step of the payment, with its second person."""
        with self.staff(org, Role.FINANCE) as page:
            page.goto(f"/merchant/settlement/{window_id}")
            if reference:
                page.get_by_label("Reference of the bank’s payment").fill(reference)
            page.get_by_role("button", name=button).click()
            page.get_by_text("This needs a second person.").wait_for()
        self.second_person_confirms(org)

    def old_card_comes_over(self, org: str, name: str) -> None:
        """Finance loads a card, a second person confirms; its holder claims it, withdraws to her own address, puts some back."""
        row = f"88001234,500,,{SALT},{proof_sha256(SALT, '4321')}"
        content = "\r\n".join([",".join(COLUMNS), row, ""]).encode()
        with self.staff(org, Role.FINANCE) as page:
            page.goto("/merchant/import")
            if page.get_by_label("Points", exact=True).count():
                page.get_by_label("Points", exact=True).select_option(org)
            chosen = {"name": "cards.csv", "mimeType": "text/csv", "buffer": content}
            page.get_by_label("File (Excel").set_input_files(chosen)  # type: ignore[arg-type]
            page.get_by_label("Cards", exact=True).fill("1")
            page.get_by_label("Points in all").fill("500")
            page.get_by_role("button", name="Check and load").click()
            page.get_by_text("Waits for a second person").wait_for()
        self.second_person_confirms(org, "/merchant/import")
        with self.member(org, name) as page:
            page.goto("/legacy")
            page.get_by_label("Card number").fill("88001234")
            page.get_by_label("Proof that it is yours").fill("4321")
            page.get_by_role("button", name="Claim").click()
            for label, points, button in (("withdraw", "120", "Withdraw"), ("put back", "20", "Put back")):
                page.get_by_label(f"Points to {label}").fill(points)
                page.get_by_role("button", name=button).click()
                self._sign(page)
                page.get_by_text(re.compile("Done. It stands in block")).last.wait_for()
            expect(page.get_by_text(re.compile("Done. It stands in block"))).to_have_count(2)

    def speaks_chinese(self, org: str, name: str) -> None:
        """The same wallet in the other language, by its own link."""
        with self.member(org, name) as page:
            page.get_by_role("link", name="中文").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("钱包")
            page.get_by_role("link", name="转赠", exact=True).first.click()
            expect(page.get_by_role("heading", level=1)).to_have_text("转赠积分")


def tell(story: BrowserStory) -> None:
    """The whole story."""
    story.registers("northstar", "lin")
    story.registers("harbor", "bo")
    story.earns("northstar", "lin", "600")
    story.sends("northstar", "lin", "bo", 200)
    code = story.reserves("harbor", "bo", 150)
    story.pays("harbor", code, 120)
    said = story.traces("harbor", "bo")
    assert len(said) >= 2, said
    story.defines_a_class_and_issues("northstar", "lin")
    story.old_card_comes_over("northstar", "lin")
    window_id = story.window_is_cut_and_closed()
    for org in ("harbor", "northstar"):
        story.statement_is_accepted(org, window_id)
    story.payment("northstar", window_id, "We have paid", "bank-4711")
    story.payment("harbor", window_id, "The money is there")
    story.speaks_chinese("northstar", "lin")
