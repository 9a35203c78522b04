"""The ERC-20 side of a class, as a wallet that knows EIP-20 would use it."""

from __future__ import annotations

import json

import pytest

from chaincode.cases.world import ALICE, BOB, CAROL, DAY, PEOPLE, Speaker, World, funded
from chaincode.spec.invariants import check
from chaincode.spec.invoke import Response, invoke
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.limits import INTEGER_MAX


class Token:
    """The contract of one class, called by people with certificates over their own keys."""

    def __init__(self, world: World, class_id: str) -> None:
        self.world = world
        self.class_id = class_id
        self._calls = 0

    def call(self, name: str, method: str, *arguments: str) -> Response:
        """One transaction by `name`; what it writes is committed."""
        self._calls += 1
        speaker = Speaker("harbor", "", PEOPLE[name].public_key)
        transaction = self.world.transaction(speaker, tx_id=f"{self._calls:064x}")
        texts = [argument.encode() for argument in arguments]
        answer = invoke(self.world.state, transaction, f"{self.class_id}:{method}", texts)
        self.world.state.commit(answer.writes)
        return answer

    def ask(self, method: str, *arguments: str) -> str:
        """The answer of a method that reads, and changes nothing."""
        answer = self.call("dave", method, *arguments)
        assert (answer.writes, answer.event) == ({}, None)
        return answer.payload.decode()

    def balances(self) -> list[int]:
        """What alice, bob and carol can spend."""
        return [int(self.ask("BalanceOf", address)) for address in (ALICE, BOB, CAROL)]

    def refused(self, name: str, method: str, *arguments: str) -> str:
        """The code with which a call is refused; nothing changes."""
        before = dict(self.world.state.values)
        with pytest.raises(Refusal) as refusal:
            self.call(name, method, *arguments)
        assert self.world.state.values == before
        return refusal.value.code


@pytest.fixture
def token() -> Token:
    return Token(funded({"north": 500}), "north")


def test_what_a_class_says_of_itself(token: Token) -> None:
    assert token.ask("Name") == "north 积分"
    assert token.ask("Symbol") == "NORT"
    assert token.ask("Decimals") == "0"
    assert token.ask("TotalSupply") == "500"
    assert token.balances() == [500, 0, 0]
    assert token.ask("Allowance", ALICE, BOB) == "0"


def test_a_transfer_moves_points_and_keeps_the_supply(token: Token) -> None:
    answer = token.call("alice", "Transfer", BOB, "120")
    assert answer.payload == b"true"
    assert answer.event is not None
    assert [entry["op"] for entry in json.loads(answer.event)["operations"]] == ["Transfer"]
    assert token.balances() == [380, 120, 0]
    assert token.ask("TotalSupply") == "500"


@pytest.mark.parametrize(("to", "value"), [(BOB, "0"), (ALICE, "500"), (ALICE, "0")])
def test_transfers_of_nothing_and_to_oneself_are_legal_and_change_no_balance(token: Token, to: str, value: str) -> None:
    assert token.call("alice", "Transfer", to, value).payload == b"true"
    assert token.balances() == [500, 0, 0]


def test_transfers_that_cannot_be(token: Token) -> None:
    assert token.refused("alice", "Transfer", BOB, "501") == "INSUFFICIENT_POINTS"
    assert token.refused("alice", "Transfer", ALICE, "501") == "INSUFFICIENT_POINTS"
    assert token.refused("bob", "Transfer", ALICE, "1") == "INSUFFICIENT_POINTS"


def test_an_allowance_is_used_up_and_never_exceeded(token: Token) -> None:
    token.call("alice", "Approve", BOB, "100")
    assert token.ask("Allowance", ALICE, BOB) == "100"
    assert token.ask("Allowance", BOB, ALICE) == "0"
    token.call("bob", "TransferFrom", ALICE, CAROL, "60")
    assert token.ask("Allowance", ALICE, BOB) == "40"
    assert token.balances() == [440, 0, 60]
    assert token.refused("bob", "TransferFrom", ALICE, CAROL, "41") == "ALLOWANCE_EXCEEDED"
    assert token.refused("carol", "TransferFrom", ALICE, CAROL, "1") == "ALLOWANCE_EXCEEDED"
    token.call("bob", "TransferFrom", ALICE, BOB, "40")
    assert token.ask("Allowance", ALICE, BOB) == "0"
    assert "allowance" not in "".join(key for key in token.world.state.values if ALICE in key and BOB in key)
    token.call("alice", "Approve", BOB, "7")
    token.call("alice", "Approve", BOB, "0")
    assert token.refused("bob", "TransferFrom", ALICE, BOB, "1") == "ALLOWANCE_EXCEEDED"
    assert not any(check(token.world.state.values, now=token.world.now).values())


def test_held_and_expired_points_are_in_the_supply_but_not_in_what_can_be_spent(token: Token) -> None:
    world = token.world
    reservation = {
        "acceptor_msp": "harbor",
        "class_ids": ["north"],
        "expires_at": world.now + DAY,
        "order_ref": "till",
        "points": 30,
    }
    world.do("Hold", reservation, "harbor", member="alice")
    assert token.balances() == [470, 0, 0]
    assert token.ask("TotalSupply") == "500"
    world.later(days=366)
    assert token.balances() == [0, 0, 0]
    assert token.ask("TotalSupply") == "500"


@pytest.mark.parametrize(
    "value", ["", "-1", "+1", "01", "1.0", "1e3", " 1", "１", "0x1", str(INTEGER_MAX + 1), "9" * 40]
)
def test_values_that_are_none(token: Token, value: str) -> None:
    assert token.refused("alice", "Transfer", BOB, value) == "INVALID_ARGUMENT"


def test_the_largest_value_is_one(token: Token) -> None:
    token.call("alice", "Approve", BOB, str(INTEGER_MAX))
    assert token.ask("Allowance", ALICE, BOB) == str(INTEGER_MAX)


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("Transfer", (BOB,), "INVALID_ARGUMENT"),
        ("Transfer", (BOB, "1", "1"), "INVALID_ARGUMENT"),
        ("Transfer", (BOB[:-1] + ("q" if BOB[-1] != "q" else "p"), "1"), "INVALID_ARGUMENT"),
        ("BalanceOf", (), "INVALID_ARGUMENT"),
        ("BalanceOf", ("legacy:" + "a" * 64,), "INVALID_ARGUMENT"),
        ("Mint", (ALICE, "1"), "UNKNOWN_QUERY"),
        ("transfer", (BOB, "1"), "UNKNOWN_QUERY"),
    ],
)
def test_calls_that_are_none(token: Token, method: str, arguments: tuple[str, ...], code: str) -> None:
    assert token.refused("alice", method, *arguments) == code


def test_a_class_that_is_not_there(token: Token) -> None:
    other = Token(token.world, "none")
    assert other.refused("alice", "Name") == "UNKNOWN_CLASS"
    assert other.refused("alice", "Transfer", BOB, "0") == "UNKNOWN_CLASS"


def test_an_organisation_cannot_act_as_an_account(token: Token) -> None:
    transaction = token.world.transaction(Speaker("northstar", "admin"), tx_id="f" * 64)
    with pytest.raises(Refusal) as refused:
        invoke(token.world.state, transaction, "north:Transfer", [ALICE.encode(), b"1"])
    assert refused.value.code == "SIGNATURE_REQUIRED"
