"""The two accounts of a merchant's collateral, which the operator keeps for it: its cover and what it contributed to
the mutual fund."""

from __future__ import annotations

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.state import View

ACCOUNTS = ("COVER", "FUND")


def key_of(account: str, msp_id: str) -> str:
    """Where an account stands."""
    return keys.cover(msp_id) if account == "COVER" else keys.fund(msp_id)


def account_of(view: View, account: str, msp_id: str) -> Json:
    """The account; one of nothing when nothing was posted."""
    found = view.get(key_of(account, msp_id))
    if found is None:
        found = {"posted_millionths": 0, "returning_millionths": 0}
        if account == "COVER":
            found.update(allocated_millionths=0, drawn_millionths=0)
    return found


def put_account(view: View, account: str, msp_id: str, document: Json) -> None:
    view.put(key_of(account, msp_id), document)


def free(document: Json) -> int:
    """What of an account nothing rests on, in millionths: neither a limit, nor a return that was asked for."""
    held = document.get("allocated_millionths", 0) + document["returning_millionths"]
    return int(document["posted_millionths"] - held)
