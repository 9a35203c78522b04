"""Declarations made by a program: N merchants and an operator, for benches and tests."""

from __future__ import annotations

from typing import Literal

from network.declaration.model import Authority, Chaincode, Consortium, CurrencyPart, Endorsement, Orderer, Org, Peer

NAMED_MERCHANTS = (("northstar", "北辰书店"), ("harbor", "海港唱片"), ("lotus", "莲花百货"))
REPLAY_WINDOW_MS = 876_000 * 3600 * 1000
DAILY_WINDOW_MS = 15 * 60 * 1000


def merchants_declaration(
    merchants: int,
    *,
    endorsement_k: int | None = 2,
    replay: bool = False,
    orderers: int = 1,
    python_merchants: int = 0,
    profiled: bool = False,
    mutual_tls: bool = False,
    metrics: bool = False,
) -> Consortium:
    """Makes a consortium of `merchants` merchant orgs with one peer each and an operator with `orderers` Raft nodes;
    all ports are picked. The first three have the names of the example, the others `merchant-4` and on. The last
    `python_merchants` run the Python chaincode. With `profiled` the peers serve their profiles, with `metrics` every
    node and authority its metrics. `endorsement_k` is lowered to the number of merchants when that is less; None leaves
    it out."""
    names = [*NAMED_MERCHANTS, *((f"merchant-{n}", f"Merchant {n}") for n in range(4, merchants + 1))][:merchants]
    metrics_port: Literal["auto"] | None = "auto" if metrics else None
    ca, nodes = Authority(metrics_port=metrics_port), _orderers(orderers, metrics_port)
    orgs = [Org(name="operator", display_name="Operator", ca=ca, orderers=nodes, gateway_org=names[0][0])]
    peer = Peer(name="peer0", metrics_port=metrics_port, profile_port="auto" if profiled else None)
    for index, (name, title) in enumerate(names):
        language = Chaincode(implementation="python") if index >= merchants - python_merchants else Chaincode()
        orgs.append(Org(name=name, display_name=title, ca=ca, peers=(peer,), chaincode=language))
    return Consortium(
        version=1,
        name=f"merchants-{merchants}",
        time_zone="Asia/Shanghai",
        currency=CurrencyPart(code="CNY"),
        # The model reads durations as text; a Consortium is built from text so that both ways are checked alike.
        proposal_time_window=f"{REPLAY_WINDOW_MS if replay else DAILY_WINDOW_MS}ms",  # type: ignore[arg-type]
        mutual_tls=mutual_tls,
        endorsement=Endorsement(k=None if endorsement_k is None else min(endorsement_k, merchants)),
        operators=("operator",),
        orgs=tuple(orgs),
    )


def _orderers(count: int, metrics_port: Literal["auto"] | None) -> tuple[Orderer, ...]:
    return tuple(Orderer(name=f"orderer{index}", metrics_port=metrics_port) for index in range(count))
