"""The view: one load, changes in memory, one commit; a refused operation leaves no trace."""

from __future__ import annotations

import pytest

from chaincode.spec.kernel.canonical import encode
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.limits import INTEGER_MAX
from chaincode.spec.kernel.memory_state import MemoryState
from chaincode.spec.kernel.state import View, after_prefix, exact


class Counting(MemoryState):
    """A state that remembers what it was asked."""

    def __init__(self, values: dict[str, object]) -> None:
        super().__init__({key: encode(value) for key, value in values.items()})
        self.asked: list[object] = []

    def get(self, key: str) -> bytes | None:
        self.asked.append(key)
        return super().get(key)

    def get_many(self, keys: list[str]) -> dict[str, bytes | None]:
        self.asked.append(tuple(keys))
        return super().get_many(keys)


def test_keys_known_beforehand_are_loaded_in_one_call() -> None:
    state = Counting({"a": 1, "b": 2})
    view = View(state)
    view.prefetch(["b", "a", "b", "none"])
    view.prefetch(["a"])
    assert [view.get(key) for key in ("a", "b", "none")] == [1, 2, None]
    assert view.get("late") is None
    assert view.get("late") is None
    assert state.asked == [("b", "a", "none"), "late"]


def test_what_is_read_can_be_changed_without_changing_the_state() -> None:
    view = View(Counting({"a": {"lots": [1]}}))
    view.get("a")["lots"].append(2)
    assert view.get("a") == {"lots": [1]}
    assert view.writes() == {}


def test_an_accepted_operation_joins_the_batch_and_a_refused_one_leaves_no_trace() -> None:
    view = View(Counting({"a": 1, "b": 2, "c": 3}))
    with view.scope():
        view.put("a", 10)
        view.delete("b")
        view.postings.append(["posted"])
        assert (view.get("a"), view.get("b")) == (10, None)
    assert view.postings == [["posted"]]

    def refused() -> None:
        with view.scope():
            assert view.get("a") == 10
            view.put("a", 99)
            view.put("b", 99)
            view.put("new", 99)
            view.delete("c")
            view.postings.append(["never"])
            exact(INTEGER_MAX + 1)

    with pytest.raises(Refusal):
        refused()
    assert view.postings == []
    assert [view.get(key) for key in ("a", "b", "c", "new")] == [10, None, 3, None]
    with view.scope():
        view.put("b", 20)
    assert view.writes() == {"a": b"10", "b": b"20"}


def test_an_accident_is_no_refusal() -> None:
    view = View(Counting({}))

    def broken() -> None:
        with view.scope():
            view.put("a", 1)
            _ = {}["a defect"]

    with pytest.raises(KeyError):
        broken()
    assert view.writes() == {}


def test_a_range_shows_the_transactions_own_writes() -> None:
    view = View(Counting({"k/1": 1, "k/2": 2, "k/3": 3, "k0": 0, "j/9": 9}))
    assert view.range("k/") == [("k/1", 1), ("k/2", 2), ("k/3", 3)]
    with view.scope():
        view.put("k/2", 20)
        view.delete("k/3")
        view.put("other/4", 4)
        assert view.range("k/") == [("k/1", 1), ("k/2", 20)]
    with view.scope():
        view.put("k/0", 5)
        view.put("k/3", 30)
        view.delete("k/1")
        assert view.range("k/") == [("k/0", 5), ("k/2", 20), ("k/3", 30)]


def test_a_page_goes_on_behind_a_key() -> None:
    view = View(Counting({f"k/{number}": number for number in range(5)} | {"z": 0}))
    rows, more = view.page("k/", None, 2)
    assert ([key for key, _ in rows], more) == (["k/0", "k/1"], True)
    rows, more = view.page("k/", "k/1", 2)
    assert ([key for key, _ in rows], more) == (["k/2", "k/3"], True)
    rows, more = view.page("k/", "k/3", 2)
    assert ([key for key, _ in rows], more) == (["k/4"], False)
    rows, more = view.page("k/", "k/2x", 9)
    assert ([key for key, _ in rows], more) == (["k/3", "k/4"], False)
    rows, more = view.page("", None, 9)
    assert (len(rows), more) == (6, False)


def test_the_end_of_a_prefix() -> None:
    assert after_prefix("balance/") == "balance0"
    assert "balance/~~~" < after_prefix("balance/") <= "balance0"


@pytest.mark.parametrize("number", [INTEGER_MAX, -INTEGER_MAX, 0])
def test_numbers_in_range_are_exact(number: int) -> None:
    assert exact(number) == number


@pytest.mark.parametrize("number", [INTEGER_MAX + 1, -INTEGER_MAX - 1])
def test_numbers_out_of_range_are_refused(number: int) -> None:
    with pytest.raises(Refusal) as refused:
        exact(number)
    assert refused.value.code == "OVERFLOW"


def test_a_committed_write_shows_in_ranges_in_order() -> None:
    state = MemoryState({"b": b"2"})
    state.commit({"c": b"3", "a": b"1", "b": None, "none": None})
    state.commit({"c": b"4"})
    assert list(state.range("", "~")) == [("a", b"1"), ("c", b"4")]
