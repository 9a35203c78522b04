"""Which keys an operation may read and write, known before it runs: one declaration for each operation.

A gateway needs them so that no two transactions in flight share a key that either writes. What an operation really reads and writes lies inside
what is declared here; a test holds random operations to it. `look(key)` gives a document that the caller knows, or None: a refund's
keys follow from the redemption, a redemption's from its classes. Without the document the declaration is what is known.
Keys of counters, positions and limits carry the shard of the transaction, so two lanes never share one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from chaincode.spec import keys
from chaincode.spec.canonical import Json
from chaincode.spec.fields import LEGACY_PREFIX
from chaincode.spec.redemptions import redemption_of

Look = Callable[[str], Json]
"""A document by its key, as it is stored, or None."""


@dataclass(slots=True)
class Footprint:
    """Keys read, keys written (each of which may be read too), and prefixes of ranges read. `needs` are the keys of documents that
    would say more, where `look` did not have them."""

    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    ranges: set[str] = field(default_factory=set)
    needs: set[str] = field(default_factory=set)

    def covers_read(self, key: str) -> bool:
        """Whether reading `key` was declared."""
        return key in self.reads or key in self.writes or any(key.startswith(prefix) for prefix in self.ranges)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who submits (`msp_id`, `shard`), who authorises, and the request's id."""

    msp_id: str
    shard: int
    authoriser: str
    member: bool
    request_id: str

    @property
    def new_id(self) -> str:
        """The id of what the operation creates."""
        return f"{self.authoriser}/{self.request_id}"

    @property
    def lot_prefix(self) -> str:
        """What stands before `.<index>` in the ids of lots it makes."""
        return self.new_id if self.member else self.request_id


Declaration = Callable[[Json, Speaker, Look, Footprint], None]


def footprint(op: str, args: Json, speaker: Speaker, look: Look) -> Footprint:
    """The footprint of a well-formed operation."""
    found = Footprint()
    found.reads.add(keys.CONSORTIUM)
    found.writes.add(keys.receipt(speaker.authoriser, speaker.request_id))
    DECLARATIONS[op](args, speaker, look, found)
    return found


def _document(key: str, look: Look, found: Footprint) -> Json:
    found.reads.add(key)
    document = look(key)
    if document is None:
        found.needs.add(key)
    return document


def _issuer(class_id: str, look: Look, found: Footprint) -> str | None:
    """The issuer of a class, whose merchant record is read."""
    document = _document(keys.point_class(class_id), look, found)
    if document is None:
        return None
    found.reads.add(keys.merchant(document["issuer_msp"]))
    return str(document["issuer_msp"])


def _spend(class_ids: Iterable[str], member: str, speaker: Speaker, look: Look, found: Footprint) -> None:
    """Points of `class_ids` leave a member's balances for the submitting acceptor in the open window."""
    found.reads.update((keys.CURRENT_WINDOW, keys.member(member), keys.merchant(speaker.msp_id)))
    current = look(keys.CURRENT_WINDOW)
    if current is None:
        found.needs.add(keys.CURRENT_WINDOW)
    for class_id in class_ids:
        found.writes.update((keys.balance(class_id, member), keys.supply(class_id, speaker.msp_id, speaker.shard)))
        issuer = _issuer(class_id, look, found)
        if issuer is not None and issuer != speaker.msp_id:
            found.reads.add(keys.limit(issuer, speaker.msp_id, speaker.shard))
            if current is not None:
                found.writes.add(keys.position(current["window_id"], issuer, speaker.msp_id, speaker.shard))


def _issue(args: Json, speaker: Speaker, found: Footprint, account: str, index: int = 0) -> None:
    """A lot of a class of the submitter's comes into an account."""
    class_id = args["class_id"]
    found.reads.update((keys.merchant(speaker.msp_id), keys.point_class(class_id)))
    found.writes.update(
        (
            keys.balance(class_id, account),
            keys.issuance(class_id, f"{speaker.lot_prefix}.{index}"),
            keys.supply(class_id, speaker.msp_id, speaker.shard),
        )
    )
    if not account.startswith(LEGACY_PREFIX):
        found.reads.add(keys.member(account))


def _move(class_id: str, accounts: Iterable[str], found: Footprint) -> None:
    """Points of a class move between accounts."""
    found.reads.add(keys.point_class(class_id))
    for account in accounts:
        found.writes.add(keys.balance(class_id, account))
        if not account.startswith(LEGACY_PREFIX):
            found.reads.add(keys.member(account))


def _open_consortium(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.update((keys.CONSORTIUM, keys.CURRENT_WINDOW))


def _register_merchant(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.merchant(args["msp_id"]))
    found.ranges.add("merchant/")


def _set_merchant_status(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.merchant(args["msp_id"]))


def _set_limits(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    issuer = args["issuer_msp"]
    found.reads.add(keys.merchant(issuer))
    found.writes.add(keys.cover(issuer))
    for entry in args.get("slices") or []:
        found.writes.add(keys.limit(issuer, entry["acceptor_msp"], entry["shard"]))


def _refill_limit(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    issuer = args["issuer_msp"]
    found.reads.update((keys.CURRENT_WINDOW, keys.merchant(speaker.msp_id)))
    for shard in (args["from_shard"], args["to_shard"]):
        found.writes.add(keys.limit(issuer, speaker.msp_id, shard))
    current = look(keys.CURRENT_WINDOW)
    if current is None:
        found.needs.add(keys.CURRENT_WINDOW)
    else:
        found.reads.add(keys.position(current["window_id"], issuer, speaker.msp_id, args["from_shard"]))


def _define_class(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.merchant(speaker.msp_id))
    found.writes.add(keys.point_class(args["class_id"]))


def _update_class(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.point_class(args["class_id"]))


def _set_rate(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.update(keys.point_class(args[name]) for name in ("from_class_id", "to_class_id"))
    found.writes.add(keys.rate(args["from_class_id"], args["to_class_id"]))


def _enroll_member(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.merchant(speaker.msp_id))
    found.writes.add(keys.member(args["address"]))


def _set_member_status(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.member(args["address"]))


def _issue_or_accrue(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    _issue(args, speaker, found, args["address"])


def _reverse_issue(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    class_id = args["class_id"]
    found.reads.add(keys.point_class(class_id))
    found.writes.update(
        (
            keys.issuance(class_id, args["lot_id"]),
            keys.balance(class_id, args["account"]),
            keys.supply(class_id, speaker.msp_id, speaker.shard),
        )
    )


def _transfer(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    _move(args["class_id"], [speaker.authoriser, *(entry["address"] for entry in args["recipients"])], found)


def _approve(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.update((keys.point_class(args["class_id"]), keys.member(speaker.authoriser)))
    found.writes.add(keys.allowance(args["class_id"], speaker.authoriser, args["spender"]))


def _transfer_from(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    _move(args["class_id"], (args["owner"], args["recipient"]), found)
    found.reads.add(keys.member(speaker.authoriser))
    found.writes.add(keys.allowance(args["class_id"], args["owner"], speaker.authoriser))


def _redeem(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    _spend(args["class_ids"], speaker.authoriser, speaker, look, found)
    found.reads.add(keys.merchant(args["acceptor_msp"]))
    found.writes.add(keys.redemption(speaker.new_id))


def _refund(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.redemption(args["redemption_id"]))
    document = _document(keys.redemption(args["redemption_id"]), look, found)
    redemption = redemption_of(document, args["redemption_id"])
    if redemption is not None:
        class_ids = {draw["class_id"] for draw in redemption["draws"]}
        _spend(class_ids, redemption["member"], speaker, look, found)
    else:
        found.reads.update((keys.CURRENT_WINDOW, keys.merchant(speaker.msp_id)))


def _exchange(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    _spend([args["from_class_id"]], speaker.authoriser, speaker, look, found)
    _issue({"class_id": args["to_class_id"]}, speaker, found, speaker.authoriser)
    found.reads.add(keys.rate(args["from_class_id"], args["to_class_id"]))
    found.writes.add(keys.redemption(speaker.new_id))
    # What is received counts for the acceptor too, when the given class is its own.
    found.writes.add(keys.supply(args["from_class_id"], speaker.msp_id, speaker.shard))


def _hold(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.update((keys.merchant(args["acceptor_msp"]), keys.member(speaker.authoriser)))
    for class_id in args["class_ids"]:
        _issuer(class_id, look, found)
        found.writes.add(keys.balance(class_id, speaker.authoriser))
    found.writes.add(keys.hold(speaker.new_id))


def _capture(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.update((keys.hold(args["hold_id"]), keys.redemption(speaker.new_id)))
    hold = _document(keys.hold(args["hold_id"]), look, found)
    if hold is not None:
        _spend({pin["class_id"] for pin in hold["pins"]}, hold["member"], speaker, look, found)
    else:
        found.reads.update((keys.CURRENT_WINDOW, keys.merchant(speaker.msp_id)))


def _release(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.add(keys.hold(args["hold_id"]))
    hold = _document(keys.hold(args["hold_id"]), look, found)
    if hold is not None:
        found.writes.update(keys.balance(pin["class_id"], hold["member"]) for pin in hold["pins"])


def _expire(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.reads.add(keys.point_class(args["class_id"]))
    found.writes.add(keys.supply(args["class_id"], speaker.msp_id, speaker.shard))
    found.writes.update(keys.balance(args["class_id"], account) for account in args["accounts"])


def _import_balances(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    for index, entry in enumerate(args["entries"]):
        _issue(args, speaker, found, LEGACY_PREFIX + entry["reference_hash"], index)
        found.writes.add(keys.legacy(args["class_id"], entry["reference_hash"]))


def _withdraw_to_wallet(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    _mapping(args, args["address"], speaker, found)


def _deposit_from_wallet(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    _mapping(args, speaker.authoriser, speaker, found)


def _mapping(args: Json, address: str, speaker: Speaker, found: Footprint) -> None:
    _move(args["class_id"], (address, LEGACY_PREFIX + args["reference_hash"]), found)
    found.reads.update((keys.merchant(speaker.msp_id), keys.legacy(args["class_id"], args["reference_hash"])))


def _cut_window(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.update((keys.CURRENT_WINDOW, keys.window(args["window_id"])))


def _close_window(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    window_id = args["window_id"]
    found.writes.update((keys.window(window_id), keys.window(window_id + 1)))
    found.ranges.update((f"position/{window_id:08d}/", "merchant/", "carry/", "window/", f"statement/{window_id:08d}/"))


def _settle(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    """What may be the last step of a window, and so of those that waited for it."""
    found.ranges.add("window/")
    found.writes.add(keys.window(args["window_id"]))


def _accept_statement(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    _settle(args, speaker, look, found)
    found.writes.add(keys.statement(args["window_id"], speaker.msp_id))


def _sweep_receipts(args: Json, speaker: Speaker, look: Look, found: Footprint) -> None:
    found.writes.update(keys.receipt(entry["authoriser"], entry["request_id"]) for entry in args["receipts"])


DECLARATIONS: Mapping[str, Declaration] = {
    "OpenConsortium": _open_consortium,
    "RegisterMerchant": _register_merchant,
    "SetMerchantStatus": _set_merchant_status,
    "SetLimits": _set_limits,
    "RefillLimit": _refill_limit,
    "DefineClass": _define_class,
    "UpdateClass": _update_class,
    "SetRate": _set_rate,
    "EnrollMember": _enroll_member,
    "SetMemberStatus": _set_member_status,
    "Issue": _issue_or_accrue,
    "Accrue": _issue_or_accrue,
    "ReverseIssue": _reverse_issue,
    "Transfer": _transfer,
    "Approve": _approve,
    "TransferFrom": _transfer_from,
    "Redeem": _redeem,
    "Refund": _refund,
    "Exchange": _exchange,
    "Hold": _hold,
    "Capture": _capture,
    "Release": _release,
    "Expire": _expire,
    "ImportBalances": _import_balances,
    "WithdrawToWallet": _withdraw_to_wallet,
    "DepositFromWallet": _deposit_from_wallet,
    "CutWindow": _cut_window,
    "CloseWindow": _close_window,
    "AcceptStatement": _accept_statement,
    "RecordPayment": _settle,
    "ConfirmPayment": _settle,
    "SweepReceipts": _sweep_receipts,
}
