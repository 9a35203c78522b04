"""Vectors of what merchants post with the operator."""

from __future__ import annotations

from chaincode.cases.case import Case, Cases
from chaincode.cases.world import ADMIN, CAP, OPERATOR, World, deposit, standard
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.limits import INTEGER_MAX

FREE = 4 * CAP
"""What of each merchant's cover stands in no limit."""


def cases() -> list[Case]:
    return [*_deposits(), *_withdrawals(), *_releases()]


def _asked(world: World, millionths: int = CAP, account: str = "COVER", msp_id: str = "lotus") -> World:
    world = world.fork()
    world.do("WithdrawCollateral", {"account": account, "amount_millionths": millionths}, msp_id)
    return world


def _contributed() -> World:
    world = standard()
    world.do("DepositCollateral", deposit("lotus", 3 * CAP, "FUND"), OPERATOR)
    return world


def _left() -> World:
    """Lotus has left, with cover of which no limit has any."""
    world = standard()
    world.let_go("lotus")
    return world


def _deposits() -> list[Case]:
    c = Cases("deposit_collateral", "DepositCollateral", speaker="operator")
    c(
        "plain",
        "Cover is added to what is there.",
        standard(),
        deposit("lotus", CAP),
        expect=lambda r: r["collateral"]["posted_millionths"] == 13 * CAP,
    )
    c("fund", "A first contribution.", standard(), deposit("lotus", CAP, "FUND"))
    c("fund_again", "A second one.", _contributed(), deposit("lotus", 1, "FUND"))
    c("by_the_merchant", "A merchant books nothing.", standard(), deposit("lotus", 1), "NOT_OPERATOR", speaker="lotus")
    c("unknown", "Nobody's.", standard(), deposit("nobody", 1), "UNKNOWN_MERCHANT")
    c("exited", "Of one that has left.", _left(), deposit("lotus", 1), "MERCHANT_NOT_ACTIVE")
    c("nothing", "Nothing paid in.", standard(), deposit("lotus", 0), "INVALID_ARGUMENT")
    c("account", "Another account.", standard(), deposit("lotus", 1, "CASH"), "INVALID_ARGUMENT")
    c("largest", "As much as readers keep exact.", standard(), deposit("lotus", INTEGER_MAX - 12 * CAP))
    c("overflow", "One millionth more.", standard(), deposit("lotus", INTEGER_MAX - 12 * CAP + 1), "OVERFLOW")
    return c.found


def _withdrawals() -> list[Case]:
    c = Cases("withdraw_collateral", "WithdrawCollateral", speaker="lotus")

    def asked(millionths: int, account: str = "COVER") -> Json:
        return {"account": account, "amount_millionths": millionths}

    c(
        "plain",
        "All that stands in no limit; it is posted still.",
        standard(),
        asked(FREE),
        expect=lambda r: (
            (r["collateral"]["posted_millionths"], r["collateral"]["returning_millionths"]) == (12 * CAP, FREE)
        ),
    )
    c("past_free", "One millionth more.", standard(), asked(FREE + 1), "COLLATERAL_IN_USE")
    c("another_amount", "It takes the place of what was asked.", _asked(standard(), FREE), asked(FREE - 1))
    c("taken_back", "Nothing is asked any more.", _asked(standard()), asked(0))
    c("fund", "A contribution.", _contributed(), asked(3 * CAP, "FUND"))
    c("past_fund", "More than was contributed.", _contributed(), asked(3 * CAP + 1, "FUND"), "COLLATERAL_IN_USE")
    c("nothing_posted", "Nothing of nothing.", standard(), asked(0, "FUND"))
    c("of_nothing", "Something of nothing.", standard(), asked(1, "FUND"), "COLLATERAL_IN_USE")
    c("by_an_operator", "An operator asks for nobody.", standard(), asked(1), "UNKNOWN_MERCHANT", speaker=OPERATOR)
    c("exited", "Who has left asks for nothing.", _left(), asked(1), "MERCHANT_NOT_ACTIVE")
    return c.found


def _releases() -> list[Case]:
    c = Cases("release_collateral", "ReleaseCollateral", speaker="operator")

    def answer(millionths: int, approve: bool = True, account: str = "COVER", msp_id: str = "lotus") -> Json:
        return {**deposit(msp_id, millionths, account), "approve": approve}

    c(
        "plain",
        "What was asked is returned.",
        _asked(standard()),
        answer(CAP),
        expect=lambda r: (
            (r["collateral"]["posted_millionths"], r["collateral"]["returning_millionths"]) == (11 * CAP, 0)
        ),
    )
    c("declined", "Nothing is returned.", _asked(standard()), answer(CAP, approve=False))
    c("fund", "A contribution.", _asked(_contributed(), 3 * CAP, "FUND"), answer(3 * CAP, account="FUND"))
    c("another_amount", "Not what was asked.", _asked(standard()), answer(CAP - 1), "COLLATERAL_MISMATCH")
    c("not_asked", "Nobody asked.", standard(), answer(1), "COLLATERAL_MISMATCH")
    c(
        "by_the_merchant",
        "A merchant returns nothing to itself.",
        _asked(standard()),
        answer(CAP),
        "NOT_OPERATOR",
        speaker="lotus",
    )
    c("unknown", "Nobody's.", standard(), answer(1, msp_id="nobody"), "UNKNOWN_MERCHANT")
    invited = standard()
    invited.do("RegisterMerchant", {"msp_id": "inn", "name": "Inn"}, ADMIN)
    c("invited", "Of one that has not joined.", invited, answer(1, msp_id="inn"), "MERCHANT_NOT_ACTIVE")
    c("left", "Who has left gets back what is free.", _left(), answer(FREE))
    c("left_declined", "Nothing was asked.", _left(), answer(FREE, approve=False), "COLLATERAL_MISMATCH")
    c("left_past", "One millionth more.", _left(), answer(FREE + 1), "COLLATERAL_IN_USE")
    return c.found
