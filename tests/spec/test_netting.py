"""What holds for any matrix of what merchants owe one another, and for any default."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from chaincode.spec.kernel.limits import INTEGER_MAX
from chaincode.spec.kernel.netting import net_positions, payments
from chaincode.spec.kernel.waterfall import COVER, FUND, Waterfall, apportion, waterfall

NAMES = st.sampled_from([f"m{number}" for number in range(12)])
PAIRS = st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1])
MATRICES = st.dictionaries(PAIRS, st.integers(-(10**12), 10**12), max_size=60)
"""What one owes another; negative where refunds outweigh."""
AMOUNTS = st.dictionaries(NAMES, st.integers(0, 10**12), max_size=12)


@given(MATRICES)
def test_payments_bring_every_net_position_to_nothing(owed: dict[tuple[str, str], int]) -> None:
    net = net_positions(owed.items())
    due = payments(net)
    assert sum(net.values()) == 0
    assert len(due) <= max(len(net) - 1, 0)
    assert len({(payer, payee) for payer, payee, _ in due}) == len(due)
    left = dict(net)
    for payer, payee, amount in due:
        assert amount > 0
        assert payer != payee
        left[payer] += amount
        left[payee] -= amount
    assert not any(left.values())


@given(MATRICES, st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(owed: dict[tuple[str, str], int], chance: random.Random) -> None:
    entries = list(owed.items())
    chance.shuffle(entries)
    assert payments(net_positions(entries)) == payments(net_positions(owed.items()))


@given(MATRICES)
def test_nobody_pays_more_than_without_netting(owed: dict[tuple[str, str], int]) -> None:
    """Nor gets more: and each either pays or gets."""
    gives, gets = dict[str, int](), dict[str, int]()
    for (issuer, acceptor), amount in owed.items():
        debtor, creditor = (issuer, acceptor) if amount > 0 else (acceptor, issuer)
        gives[debtor] = gives.get(debtor, 0) + abs(amount)
        gets[creditor] = gets.get(creditor, 0) + abs(amount)
    paid, received = dict[str, int](), dict[str, int]()
    for payer, payee, amount in payments(net_positions(owed.items())):
        paid[payer] = paid.get(payer, 0) + amount
        received[payee] = received.get(payee, 0) + amount
    assert all(amount <= gives[name] for name, amount in paid.items())
    assert all(amount <= gets[name] for name, amount in received.items())
    assert not paid.keys() & received.keys()


@given(st.integers(0, INTEGER_MAX), AMOUNTS, st.integers(0, INTEGER_MAX))
def test_shares_add_up_and_nobody_passes_its_cap(total: int, weights: dict[str, int], cap: int) -> None:
    caps = dict.fromkeys(weights, cap)
    shares = apportion(total, weights, caps)
    entitled = [name for name, weight in weights.items() if weight]
    assert sum(shares.values()) == min(total, cap * len(entitled))
    assert all(0 < share <= cap for share in shares.values())
    for name in entitled:
        for other in entitled:
            if weights[name] <= weights[other]:
                assert shares.get(name, 0) <= shares.get(other, 0) + (weights[name] == weights[other])


@given(AMOUNTS, AMOUNTS, st.integers(0, 10**12), st.integers(0, 10**12), AMOUNTS)
def test_a_default_is_borne_whole_and_in_order(
    owed: dict[str, int], claims: dict[str, int], cover: int, fund: int, limits: dict[str, int]
) -> None:
    found = waterfall(owed, claims, cover, fund, limits, limits)
    borne = [
        (sum(found.set_off.values()), sum(claims.values())),
        (found.cover, cover),
        (found.fund, fund),
        (sum(found.losses.values()), sum(limits.values())),
    ]
    assert sum(used for used, _ in borne) + sum(found.haircuts.values()) == sum(owed.values())
    for (used, there), (later, _) in zip(borne, [*borne[1:], (sum(found.haircuts.values()), 0)], strict=True):
        assert used <= there
        assert used == there or later == 0, "what comes later bears nothing while something earlier is left"
    assert all(found.set_off[name] <= claims[name] for name in found.set_off)
    assert balance(found) == {
        name: amount
        for name in {*owed, *claims, *limits}
        if (amount := owed.get(name, 0) - found.haircuts.get(name, 0) - _gives(found, name))
    }


def _gives(found: Waterfall, name: str) -> int:
    return found.set_off.get(name, 0) + found.losses.get(name, 0)


def balance(found: Waterfall) -> dict[str, int]:
    """What each survivor gets by the payments, less what it pays; the cover and the fund pay what they bear."""
    sums: dict[str, int] = {}
    for payer, payee, amount in found.payments:
        sums[payer] = sums.get(payer, 0) - amount
        sums[payee] = sums.get(payee, 0) + amount
    assert (sums.pop(COVER, 0), sums.pop(FUND, 0)) == (-found.cover, -found.fund)
    return {name: amount for name, amount in sums.items() if amount}
