"""The ERC-20 side of every class (EIP-20): contract `<class_id>`, function `<class_id>:<Method>`, text arguments and answers.

Name, Symbol, Decimals, TotalSupply, BalanceOf(owner), Allowance(owner, spender) ask; Transfer(to, value), Approve(spender, value) and
TransferFrom(from, to, value) act for the submitter, whose certificate is over the account's own key, with the transaction id as
request_id. TotalSupply is what is outstanding; BalanceOf is what can be spent now. Values are decimal text.
"""

from __future__ import annotations

import re

from chaincode.spec import fields, keys
from chaincode.spec.calendar import day_at
from chaincode.spec.canonical import Json
from chaincode.spec.codes import Refusal, shown
from chaincode.spec.context import Transaction
from chaincode.spec.limits import INTEGER_MAX
from chaincode.spec.nouns import point_class
from chaincode.spec.operations.points.approve import allowance_of
from chaincode.spec.queries.points import balance_document, supply_of
from chaincode.spec.state import StateReader, View

_VALUE = re.compile(r"(0|[1-9][0-9]{0,15})\Z")
READS = {
    "Name": (),
    "Symbol": (),
    "Decimals": (),
    "TotalSupply": (),
    "BalanceOf": ("owner",),
    "Allowance": ("owner", "spender"),
}
WRITES = {"Transfer": ("to", "value"), "Approve": ("spender", "value"), "TransferFrom": ("from", "to", "value")}


def split(function: str) -> tuple[str, str] | None:
    """(class_id, method) of an ERC-20 function name, or None where it is none."""
    class_id, colon, method = function.partition(":")
    return (class_id, method) if colon else None


def _arguments(method: str, names: tuple[str, ...], texts: list[str]) -> dict[str, str]:
    if len(texts) != len(names):
        raise fields.refuse(method, f"{len(names)} arguments")
    found = dict(zip(names, texts, strict=True))
    for name in sorted(found):
        if name == "value":
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
    if method == "BalanceOf":
        return str(balance_document(view, class_id, args["owner"], day_at(now, consortium["time_zone"]))["spendable"])
    return str(allowance_of(view, class_id, args["owner"], args["spender"]))


def operation(transaction: Transaction, class_id: str, method: str, texts: list[str]) -> Json:
    """The ledger's operation for a writing method. INVALID_ARGUMENT."""
    args = _arguments(method, WRITES[method], texts)
    body: Json
    if method == "Transfer":
        name, body = (
            "Transfer",
            {"class_id": class_id, "recipients": [{"address": args["to"], "points": int(args["value"])}]},
        )
    elif method == "Approve":
        name, body = "Approve", {"class_id": class_id, "points": int(args["value"]), "spender": args["spender"]}
    else:
        name = "TransferFrom"
        body = {"class_id": class_id, "owner": args["from"], "points": int(args["value"]), "recipient": args["to"]}
    return {"args": body, "op": name, "request_id": transaction.tx_id, "valid_until": transaction.now}
