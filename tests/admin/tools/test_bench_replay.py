"""The bench of replays: it runs, and memory does not grow between two lengths of a chain. Speed is for a longer run."""

from __future__ import annotations

from admin.tools.bench.replay import WORKS, measure


def test_a_short_chain_is_replayed_in_every_way() -> None:
    told: list[str] = []
    found = measure((600, 1_200), 30, 100, told.append)
    assert [(run["work"], run["operations"]) for run in found["runs"]] == [
        (work, operations) for operations in (600, 1_200) for work in WORKS
    ]
    for run in found["runs"]:
        assert run["operations_per_second"] > 0 < run["operations_per_cpu_second"]
        assert run["mebibytes"] > 10
        assert (run["go_mebibytes"] > 0) == (run["work"] == "verify_go")
    memory = {name: goal for name, goal in found["goals"].items() if "mebibytes" in name}
    assert len(memory) == 4 < len(found["goals"])
    assert all(goal["met"] for goal in memory.values()), memory
