"""The ERC-20 side of every class (EIP-20), and its ERC-7818 side (expirable ERC-20): contract `<class_id>`, function
`<class_id>:<Method>`, text arguments and answers.

Name, Symbol, Decimals, TotalSupply, BalanceOf(owner), Allowance(owner, spender) ask; Transfer(to, value),
Approve(spender, value) and TransferFrom(from, to, value) act for the submitter, whose certificate is over the account's
own key, with the transaction id as request_id. TotalSupply is what is outstanding; BalanceOf is what can be spent now.
Values are decimal text.

Of ERC-7818: CurrentEpoch, EpochLength (seconds), EpochType (1: by time), ValidityDuration (epochs),
IsEpochExpired(epoch) and BalanceOfAtEpoch(epoch, account) ask; TransferAtEpoch(epoch, to, value) and
TransferFromAtEpoch(epoch, from, to, value) act. What an epoch is says `epochs`.
"""

from __future__ import annotations

import re

from chaincode.spec.kernel import epochs, fields, keys
from chaincode.spec.kernel.balances import Balance
from chaincode.spec.kernel.calendar import day_at
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal, shown
from chaincode.spec.kernel.context import Transaction
from chaincode.spec.kernel.limits import INTEGER_MAX
from chaincode.spec.kernel.state import StateReader, View
from chaincode.spec.nouns.point_class import point_class
from chaincode.spec.operations.points.approve import allowance_of
from chaincode.spec.queries.points import supply_of

_VALUE = re.compile(r"(0|[1-9][0-9]{0,15})\Z")
READS = {
    "Name": (),
    "Symbol": (),
    "Decimals": (),
    "TotalSupply": (),
    "BalanceOf": ("owner",),
    "Allowance": ("owner", "spender"),
    "BalanceOfAtEpoch": ("epoch", "account"),
    "CurrentEpoch": (),
    "EpochLength": (),
    "EpochType": (),
    "IsEpochExpired": ("epoch",),
    "ValidityDuration": (),
}
WRITES = {
    "Transfer": ("to", "value"),
    "Approve": ("spender", "value"),
    "TransferFrom": ("from", "to", "value"),
    "TransferAtEpoch": ("epoch", "to", "value"),
    "TransferFromAtEpoch": ("epoch", "from", "to", "value"),
}
NUMBERS = ("epoch", "value")
TIME_BASED = "1"
"""The place of TIME_BASED in ERC-7818's EPOCH_TYPE."""


def split(function: str) -> tuple[str, str] | None:
    """(class_id, method) of an ERC-20 function name, or None where it is none."""
    class_id, colon, method = function.partition(":")
    return (class_id, method) if colon else None


def _arguments(method: str, names: tuple[str, ...], texts: list[str]) -> dict[str, str]:
    if len(texts) != len(names):
        raise fields.refuse(method, f"{len(names)} arguments")
    found = dict(zip(names, texts, strict=True))
    for name in sorted(found):
        if name in NUMBERS:
            if not _VALUE.match(found[name]) or int(found[name]) > INTEGER_MAX:
                raise fields.refuse(name, fields.POINTS.expected)
        else:
            fields.ADDRESS.check(found[name], name)
    return found


def read(reader: StateReader, now: int, class_id: str, method: str, texts: list[str]) -> str:
    """The answer of a reading method. UNKNOWN_QUERY, INVALID_ARGUMENT, CONSORTIUM_NOT_OPEN, UNKNOWN_CLASS."""
    if method not in READS:
        raise Refusal("UNKNOWN_QUERY", shown(method))
    args = _arguments(method, READS[method], texts)
    view = View(reader)
    consortium = view.get(keys.CONSORTIUM)
    if consortium is None:
        raise Refusal("CONSORTIUM_NOT_OPEN", "no consortium has been opened")
    found = point_class(view, class_id)
    if method == "Name":
        return str(found["name"])
    if method == "Symbol":
        return str(found["symbol"])
    if method == "Decimals":
        return str(found["decimals"])
    if method == "TotalSupply":
        return str(supply_of(view, class_id)["outstanding"])
    if method == "Allowance":
        return str(allowance_of(view, class_id, args["owner"], args["spender"]))
    if method == "EpochType":
        return TIME_BASED
    today = day_at(now, consortium["time_zone"])
    if method == "CurrentEpoch":
        return str(epochs.current_epoch(found, today))
    if method == "EpochLength":
        return str(epochs.epoch_seconds(found, today))
    if method == "ValidityDuration":
        return str(epochs.validity_epochs(found, today))
    if method == "IsEpochExpired":
        return "true" if epochs.is_epoch_expired(found, int(args["epoch"]), today) else "false"
    if method == "BalanceOfAtEpoch":
        balance = Balance.load(view, class_id, args["account"], today)
        return str(balance.spendable(lambda expires: epochs.epoch_of(found, expires) == int(args["epoch"])))
    return str(Balance.load(view, class_id, args["owner"], today).spendable())


def operation(transaction: Transaction, class_id: str, method: str, texts: list[str]) -> Json:
    """The ledger's operation for a writing method. INVALID_ARGUMENT."""
    args = _arguments(method, WRITES[method], texts)
    body: Json
    if method in ("Transfer", "TransferAtEpoch"):
        name = "Transfer"
        body = {"class_id": class_id, "recipients": [{"address": args["to"], "points": int(args["value"])}]}
    elif method == "Approve":
        name, body = "Approve", {"class_id": class_id, "points": int(args["value"]), "spender": args["spender"]}
    else:
        name = "TransferFrom"
        body = {"class_id": class_id, "owner": args["from"], "points": int(args["value"]), "recipient": args["to"]}
    if "epoch" in args:
        body["epoch"] = int(args["epoch"])
    return {"args": body, "op": name, "request_id": transaction.tx_id, "valid_until": transaction.now}
