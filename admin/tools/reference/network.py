"""Tables of the network's README that follow from its code: steps, what a revised declaration may change, codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from admin.tools.reference.tables import markdown
from network.errors import CODES, NetworkError
from network.journeys.join import JOIN
from network.journeys.journey import Journey, explain
from network.journeys.up import UP


def steps() -> str:
    """The steps of `jifen network up`, in order."""
    return _table(UP)


def joining() -> str:
    """The steps of `jifen network join`, in order."""
    return _table(JOIN)


def _table(journey: Journey) -> str:
    columns = ["step", "taken by", "what holds when it is done", "needs from others", "sends to others", "after"]
    rows = [
        [f"`{one.name}`", one.taken_by, one.summary, _names(one.needs), _names(one.sends), _names(one.awaits)]
        for one in explain(journey)
    ]
    return markdown(columns, rows)


def revisions() -> str:
    """Which fields of a declaration may be changed in a network that stands, and which steps follow."""
    fields = dict.fromkeys(field for step in UP for field in step.revises)
    rows = [[_field(field), _names([step.name for step in UP if field in step.revises])] for field in fields]
    return markdown(["field", "steps that follow"], rows)


def codes() -> str:
    """Every code of the network, with the exit code of the command and its meaning."""
    rows = [[f"`{code}`", str(NetworkError(code, "").exit_code), meaning] for code, meaning in CODES.items()]
    return markdown(["code", "exit", "meaning"], rows)


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _field(field: str) -> str:
    """The field as the README writes fields: `orgs[].peers[].port`."""
    name = field.removesuffix("+").replace(".*.", "[].")
    return f"`{name}`, added ones" if field.endswith("+") else f"`{name}`"


TABLES: dict[str, Callable[[], str]] = {
    "network_steps": steps,
    "network_joining": joining,
    "network_revisions": revisions,
    "network_codes": codes,
}
