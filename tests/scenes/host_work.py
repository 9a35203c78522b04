"""A merchant at work on its own host: a program with a gateway of its own, that sells until it is told to stop.

    python -m tests.scenes.host_work ORG_FOLDER ORG WORK_FOLDER [ISSUER]

With an issuer, a customer of that merchant's spends one point here first. It writes `working` into its folder once the first purchase stands on the ledger, stops when there is a file `stop`, and
then writes what it did as JSON to standard output: operations that committed, that were tried again and that failed.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

from admin.gateways import ALONE, make_gateway, serving
from chaincode.cases.world import class_args
from chaincode.signing import MemberKey
from gateway.client import JifenClient, Problem
from network.connection import load_org

WORK_SECONDS_MAX = 900.0
UNIT_VALUE_MILLIONTHS = 10_000
"""Of a point: one fen."""


def main() -> int:
    """Sells points and takes them, one after the other."""
    ledger, org, place = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    place.mkdir(parents=True, exist_ok=True)
    member, done, ended = MemberKey.derived(f"customer of {org}"), Counter[str](), time.monotonic() + WORK_SECONDS_MAX
    key = make_gateway(place / "gateway", org, "fabric", ledger, replay=False, environment=ALONE)
    with serving(place / "gateway", org, key, ALONE) as running, JifenClient(running.address, api_key=key) as client:
        _define_class(client, ledger, org)
        client.enroll(member, org, request_id="enrol")
        before = client.balance(member.address, org)["points"]
        for issuer in sys.argv[4:]:
            guest = MemberKey.derived(f"customer of {issuer}")
            client.redeem(guest, acceptor_msp=org, class_ids=[issuer], points=1, order_ref=f"{place.name} guest")
        while not (place / "stop").exists() and time.monotonic() < ended:
            _sell(client, done, member, org, f"{place.name}-{done['committed']}")
            if done["committed"] == 2:
                (place / "working").touch()
        points = client.balance(member.address, org)["points"] - before
    print(json.dumps({**{name: done[name] for name in ("committed", "retried", "failed")}, "points": points}))
    return 0


def _define_class(client: JifenClient, ledger: Path, org: str) -> None:
    """Defines the merchant's class, which all merchants take that there are now, unless it was defined before."""
    try:
        client.query("GetClass", class_id=org)
    except Problem as problem:
        if problem.code != "UNKNOWN_CLASS":
            raise
        merchants = [merchant.msp_id for merchant in load_org(ledger).merchants]
        terms = class_args(org, UNIT_VALUE_MILLIONTHS, accepted_by=merchants, enrolled_only=True)
        client.submit("DefineClass", terms, request_id="class")


def _sell(client: JifenClient, done: Counter[str], member: MemberKey, org: str, order: str) -> None:
    """One purchase; asked again under the same key when the gateway could not carry it out just now."""
    for _ in range(5):
        try:
            client.accrue(member.address, class_id=org, amount_minor=100, request_id=order)
            done["committed"] += 1
            return
        except Problem as problem:
            done["retried"] += 1
            print(problem, file=sys.stderr, flush=True)
    done["failed"] += 1


if __name__ == "__main__":
    sys.exit(main())
