"""Tables that follow from the code: exit codes, state keys, operations, queries, codes, limits, the ERC-20 side."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType

from admin.exit_codes import MEANINGS
from admin.vectors.writing import FOLDER as VECTORS
from admin.vectors.writing import read
from chaincode.spec import erc20, keys, limits
from chaincode.spec.codes import CODES
from chaincode.spec.context import Authority
from chaincode.spec.fields import Fields
from chaincode.spec.operations import OPERATIONS, Operation
from chaincode.spec.queries import QUERIES
from chaincode.spec.redemptions import REDEMPTION_FIELDS

NOUNS = {
    "CONSORTIUM": "the consortium 联盟: operators, network, currency, time zone, deadline",
    "CURRENT_WINDOW": "the open window 当前窗口; read by whatever creates an obligation, written by CutWindow alone",
    "merchant": "merchant 商户",
    "point_class": "point class 积分种类",
    "rate": "rate 兑换比例, one way, by version",
    "member": "member 会员: an account that a merchant enrolled",
    "balance": "balance 余额: the points of one class in one account, and what is remembered of requests about it",
    "memory": "memory 请求记录 of one request, of a balance or redemption that has no more room for it",
    "allowance": "allowance 授权额度; none is kept for 0",
    "redemption": "redemption 核销, with its draws and what is remembered of requests about it",
    "hold": "hold 预留",
    "legacy": "legacy reference 旧系统凭证: imported once for each class",
    "receipt": "receipt 回执: the memory of an operation that is about no balance, redemption or hold",
    "supply": "flow counters 流量计数 of a class, in the lane of the gateway that writes them",
    "limit": "limit 限额: a slice of cap and cover of one lane",
    "cover": "cover 担保: what the issuer posted, and how much of it its slices give out",
    "position": "position 头寸: what the issuer comes to owe the acceptor, in one lane",
    "carry": "remainder 结转余数 of rounding, carried to the next window, in millionths",
    "window": "window 结算周期, once it is cut: CUT, CLOSING 轧差中, CLOSED, SETTLED; `pays_after` is the nearest window before it with payments",
    "netting": "how far CloseWindow has come with a window that it takes several calls for",
    "matrix": "what one issuer owes in a window, a row for each acceptor",
    "statement": "statement 对账单 of one merchant",
}
"""What stands under each key, by its name in `chaincode.spec.keys`."""

LISTS = {
    "balance": ("buckets", "pending", "debt", "entries", "spilled_until"),
    "memory": ("content", "until", "tx_id", "issued"),
    "receipt": ("content", "until", "tx_id"),
    "redemption": REDEMPTION_FIELDS,
}
"""Documents that are stored as the list of their values, in this order."""

ANSWERS = {
    "GetConsortium": "the consortium",
    "GetCurrentWindow": "number and opening of the open window",
    "GetMerchant": "the merchant",
    "GetClass": "the point class",
    "GetMember": "the member",
    "GetRate": "the newest version of the rate",
    "GetLimit": "the slice of one lane",
    "GetCover": "cover posted and given out",
    "GetRedemption": "the redemption with its draws and what was refunded",
    "GetHold": "the hold with its pins",
    "GetMatrix": "an issuer's rows of a window's matrix, as far as it is netted",
    "GetStatement": "the statement and its state",
    "GetReceipt": "which transaction carried out a request, and until when that is remembered",
    "GetWindow": "the window; the open one too, with status OPEN",
    "GetPosition": "redeemed, refunded and value of a pair, over all lanes",
    "GetBalance": "buckets, what is pending, debt; points = spendable + held + pending + expired",
    "GetSupply": "the flows of a class over all lanes, and what is outstanding",
    "GetAllowance": "points that the spender may still take",
    "GetIssuance": "what can still be clawed back of points that were issued to the account",
    "ListMerchants": "merchants",
    "ListClasses": "point classes",
    "ListMembers": "members",
    "ListBalances": "balances of a class",
    "ListAllowances": "an owner's allowances",
    "ListRedemptions": "an authoriser's redemptions",
    "ListHolds": "an authoriser's holds",
    "ListRates": "rates",
    "ListLimits": "an issuer's slices",
    "ListPositions": "positions of a window, lane by lane",
    "ListMatrix": "a window's matrix, issuer by issuer",
    "ListWindows": "windows that were cut",
    "ListStatements": "statements of a window",
    "ReadState": "every key with its exact bytes as text, for verification",
}
"""What each query answers."""


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def codes_of(operation: Operation) -> list[str]:
    """The codes that an operation's docstring names, in the order of codes."""
    words = set(re.findall(r"[A-Z][A-Z_]{3,}", operation.__doc__ or ""))
    return [code for code in CODES if code in words]


def exit_codes() -> str:
    """What `jifen` ends with."""
    return markdown(["exit code", "meaning"], [[str(code.value), meaning] for code, meaning in MEANINGS.items()])


def state_keys() -> str:
    """Every key, what stands under it and the fields of its document."""
    shapes = document_fields()
    rows = []
    for name, pattern in key_patterns().items():
        fields = shapes.get(pattern.partition("/")[0], [])
        rows.append([f"`{pattern}`", NOUNS[name], ", ".join(f"`{field}`" for field in fields)])
    return markdown(["key", "noun", "fields"], rows)


def key_patterns() -> dict[str, str]:
    """The form of every key by its name in `chaincode.spec.keys`, as `balance/<class_id>/<account>`."""
    found = {}
    for node in _module(keys).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = str(ast.literal_eval(node.value))
        elif isinstance(node, ast.FunctionDef):
            returned = node.body[-1]
            assert isinstance(returned, ast.Return)
            assert isinstance(returned.value, ast.JoinedStr)
            found[node.name] = "".join(_key_part(part) for part in returned.value.values)
    return found


def _key_part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    digits = ""
    if isinstance(part.format_spec, ast.JoinedStr):
        (form,) = part.format_spec.values
        assert isinstance(form, ast.Constant)
        digits = f", {int(str(form.value).removesuffix('d'))} digits"
    return f"<{ast.unparse(part.value)}{digits}>"


def document_fields() -> dict[str, list[str]]:
    """The fields of the documents under each noun's keys, as the vectors have them."""
    found: dict[str, set[str]] = {}
    for _, vector in (named for file in VECTORS.glob("*/*.json") for named in read(file)):
        if not isinstance(vector, dict) or "state" not in vector:
            continue
        for documents in (vector["state"], vector["expect"].get("writes") or {}):
            for key, document in documents.items():
                noun = key.partition("/")[0]
                if isinstance(document, dict):
                    found.setdefault(noun, set()).update(document)
                elif noun in LISTS:
                    found.setdefault(noun, set()).update(LISTS[noun])
    return {noun: sorted(fields) for noun, fields in found.items()}


def operations() -> str:
    """Every operation: who authorises it, what it does, what it refuses."""
    rows = []
    for name, operation in OPERATIONS.items():
        text = " ".join((operation.__doc__ or "").partition(":")[2].split())
        does, _, _ = text.partition(" Refuses:")
        refuses = ", ".join(f"`{code}`" for code in codes_of(operation))
        rows.append([f"`{name}`", authority(operation), does[:1].upper() + does[1:], refuses])
    return markdown(["operation", "authorised by", "what it does", "refuses"], rows)


def authority(operation: Operation) -> str:
    """Who may authorise an operation, in words."""
    roles = ", ".join(role.value for role in operation.ROLES)
    if operation.AUTHORITY is Authority.ORGANISATION:
        return f"organisation: {roles}"
    if operation.AUTHORITY is Authority.EITHER:
        return f"member, or organisation: {roles}"
    return f"member, relayed by {roles or 'anyone'}"


def arguments() -> str:
    """The arguments of every operation and their forms; `?` marks one that may be left out."""
    return markdown(
        ["operation", "arguments"],
        [[f"`{name}`", _forms(operation.ARGUMENTS)] for name, operation in OPERATIONS.items()],
    )


def _forms(fields: Fields) -> str:
    return "; ".join(f"`{name}{'?' if form.optional else ''}` {form.expected}" for name, form in sorted(fields.items()))


def queries() -> str:
    """Every query, its arguments and what it answers."""
    rows = [
        [
            f"`{name}`",
            ", ".join(f"`{field}{'?' if form.optional else ''}`" for field, form in sorted(query.arguments.items())),
            ANSWERS[name],
        ]
        for name, query in QUERIES.items()
    ]
    return markdown(["query", "arguments", "answer"], rows)


def codes() -> str:
    """Every code in its order."""
    return markdown(
        ["", "code", "meaning"],
        [[str(place), f"`{code}`", text] for place, (code, text) in enumerate(CODES.items(), 1)],
    )


def bounds() -> str:
    """Every limit and its value."""
    rows = []
    body = _module(limits).body
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            said = ""
            if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                said = " ".join(str(following.value.value).split())
            rows.append([f"`{name}`", f"{getattr(limits, name):,}", said])
    return markdown(["limit", "value", ""], rows)


def erc20_methods() -> str:
    """The methods of a class's ERC-20 side and what they do on the ledger."""
    rows = [[f"`{name}`", ", ".join(f"`{one}`" for one in takes), "asks"] for name, takes in erc20.READS.items()]
    rows += [[f"`{name}`", ", ".join(f"`{one}`" for one in takes), "acts"] for name, takes in erc20.WRITES.items()]
    return markdown(["method", "arguments", ""], rows)


def _module(module: ModuleType) -> ast.Module:
    assert module.__file__ is not None
    return ast.parse(Path(module.__file__).read_text("utf-8"))


TABLES: dict[str, Callable[[], str]] = {
    "exit_codes": exit_codes,
    "keys": state_keys,
    "operations": operations,
    "arguments": arguments,
    "queries": queries,
    "codes": codes,
    "limits": bounds,
    "erc20": erc20_methods,
}
