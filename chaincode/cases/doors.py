"""Cases of what comes before any rule: the batch, the envelope, signatures, repetition, time, roles; and of queries and
ERC-20."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chaincode.cases.case import Case, Cases
from chaincode.cases.defaulting import in_default
from chaincode.cases.world import (
    ADMIN,
    ALICE,
    BOB,
    CAP,
    CAROL,
    DAVE,
    DAY,
    ELSEWHERE,
    OPERATOR,
    PEOPLE,
    PLACE,
    Speaker,
    World,
    deposit,
    empty,
    funded,
    issue,
    opened,
    standard,
    told,
)
from chaincode.spec.kernel import limits
from chaincode.spec.kernel.calendar import day_number
from chaincode.spec.kernel.canonical import Json, encode


def _equals(wanted: str) -> Callable[[object], bool]:
    return lambda found: found == wanted


def cases() -> list[Case]:
    """All of them."""
    return [*_batch(), *_envelope(), *_alone(), *_queries(), *_erc20(), *_erc7818()]


def _batch() -> list[Case]:
    c = Cases("apply", "Issue")
    world = standard()

    def entry(number: int, **changes: object) -> Json:
        return world.entry(
            "Issue", {"address": ALICE, "class_id": "north", "points": number, **changes}, request_id=f"b{number}"
        )

    def text(value: object) -> str:
        return encode(value).decode("utf-8")

    c.batch(
        "order",
        "Three operations see each other; the refused one leaves no trace.",
        world,
        [entry(1), entry(2, class_id="harbor"), entry(3)],
    )
    c.batch("all_refused", "Nothing accepted: no writes, no event.", world, [entry(1, class_id="harbor")], "NOT_ISSUER")
    many = [entry(0) for _ in range(limits.OPERATIONS_PER_BATCH_MAX)]
    c.batch("operations_at_limit", "As many operations as may be, all refused.", world, many, "INVALID_ARGUMENT")
    c.call(
        "dry_run",
        "All receipts in full, and nothing changes.",
        world,
        "DryRun",
        [text({"operations": [entry(1), entry(2, class_id="harbor")], "shard": 0})],
        "OK",
    )
    c.call("dry_run_malformed", "Not a document.", world, "DryRun", ["{"], "MALFORMED")
    c.call(
        "operations_past_limit",
        "One more.",
        world,
        "Apply",
        [text({"operations": [*many, entry(0)], "shard": 0})],
        "BATCH_TOO_LARGE",
    )
    c.call("empty", "No operation.", world, "Apply", [text({"operations": [], "shard": 0})], "INVALID_ARGUMENT")
    c.call(
        "not_a_list",
        "Operations that are no list.",
        world,
        "Apply",
        [text({"operations": {}, "shard": 0})],
        "INVALID_ARGUMENT",
    )
    c.call("no_shard", "Without a shard.", world, "Apply", [text({"operations": [entry(1)]})], "INVALID_ARGUMENT")
    c.call(
        "further_field",
        "With a field more.",
        world,
        "Apply",
        [text({"operations": [entry(1)], "shard": 0, "x": 1})],
        "INVALID_ARGUMENT",
    )
    c.call("no_object", "A list.", world, "Apply", ["[]"], "INVALID_ARGUMENT")
    c.batch("shard_at_limit", "The last shard.", world, [entry(1)], shard=limits.SHARDS_MAX - 1)
    for name, shard in (
        ("past_limit", limits.SHARDS_MAX),
        ("negative", -1),
        ("text", "0"),
        ("boolean", True),
        ("null", None),
    ):
        c.call(
            f"shard_{name}",
            f"Shard {shard}.",
            world,
            "Apply",
            [text({"operations": [entry(1)], "shard": shard})],
            "SHARD_OUT_OF_RANGE",
        )
    c.call(
        "order_size_before_shard",
        "Too many operations, and a wrong shard.",
        world,
        "Apply",
        [text({"operations": [*many, 1], "shard": 99})],
        "BATCH_TOO_LARGE",
    )
    c.call(
        "order_shard_before_list",
        "A wrong shard, and no list.",
        world,
        "Apply",
        [text({"operations": 7, "shard": 99})],
        "SHARD_OUT_OF_RANGE",
    )
    for name, argument in (
        ("not_json", "{"),
        ("nothing", ""),
        ("fraction", '{"operations":[],"shard":0.0}'),
        ("duplicate", '{"operations":[],"operations":[],"shard":0}'),
        ("two_documents", "{} {}"),
    ):
        c.call(f"malformed_{name}", "Not a document.", world, "Apply", [argument], "MALFORMED")
    spaced = json.dumps({"shard": 0, "operations": [entry(1)]}, indent=1)
    c.call("white_space", "White space and another order of keys mean the same.", world, "Apply", [spaced])
    c.call("no_argument", "No argument.", world, "Apply", [], "INVALID_ARGUMENT")
    c.call("two_arguments", "Two arguments.", world, "Apply", ["{}", "{}"], "INVALID_ARGUMENT")
    c.call("unknown_function", "A function that is none.", world, "Mint", ["{}"], "UNKNOWN_QUERY")
    for name, value in (("null", None), ("number", 7), ("text", "Issue"), ("list", [])):
        c.call(
            f"entry_{name}",
            "An entry that is no object.",
            world,
            "Apply",
            [text({"operations": [value], "shard": 0})],
            "INVALID_ARGUMENT",
        )
    return c.found


def _envelope() -> list[Case]:
    c = Cases("envelope", "Issue")
    world = standard()
    args = {"address": ALICE, "class_id": "north", "points": 5}
    good = world.entry("Issue", args)
    signed = funded().entry(
        "Transfer", {"class_id": "north", "recipients": [{"address": BOB, "points": 1}]}, member="alice"
    )
    c.batch("unknown_operation", "An operation that is none.", world, [{**good, "op": "Mint"}], "UNKNOWN_OPERATION")
    c.batch(
        "order_unknown_before_argument", "Unknown, and without arguments.", world, [{"op": "Mint"}], "UNKNOWN_OPERATION"
    )
    c.batch(
        "long_unknown", "A long name is cut in the receipt.", world, [{**good, "op": "M" * 100}], "UNKNOWN_OPERATION"
    )
    c.batch(
        "long_unknown_field",
        "A long name of a field is cut too.",
        world,
        [{**good, "args": {**args, "点" * 100: 1}}],
        "INVALID_ARGUMENT",
    )
    c.call("long_method", "So is a method's.", world, "north:" + "M" * 100, [], "UNKNOWN_QUERY")
    for name in ("args", "op", "request_id", "valid_until"):
        c.batch(
            f"without_{name}",
            f"Without {name}.",
            world,
            [{key: value for key, value in good.items() if key != name}],
            "INVALID_ARGUMENT",
        )
    c.batch("further_field", "With a field more.", world, [{**good, "memo": "x"}], "INVALID_ARGUMENT")
    c.batch("args_list", "Arguments that are a list.", world, [{**good, "args": []}], "INVALID_ARGUMENT")
    c.batch(
        "args_further_field",
        "Arguments with a field more.",
        world,
        [{**good, "args": {**args, "note": 1}}],
        "INVALID_ARGUMENT",
    )
    for name, value in (
        ("empty", ""),
        ("space", "a b"),
        ("slash", "a/b"),
        ("unicode", "订单"),
        ("past", "r" * 65),
        ("number", 7),
    ):
        c.batch(
            f"request_id_{name}", f"request_id {value!r}.", world, [{**good, "request_id": value}], "INVALID_ARGUMENT"
        )
    c.batch("request_id_at", "64 characters.", world, [{**good, "request_id": "r" * 64}])
    for name, value in (("negative", -1), ("past", limits.TIMESTAMP_MAX + 1), ("text", "1"), ("boolean", True)):
        c.batch(
            f"valid_until_{name}",
            f"valid_until {value!r}.",
            world,
            [{**good, "valid_until": value}],
            "INVALID_ARGUMENT",
        )
    c.batch("valid_until_now", "Valid until this second.", world, [{**good, "valid_until": world.now}])
    c.batch("expired", "Valid until a second ago.", world, [{**good, "valid_until": world.now - 1}], "REQUEST_EXPIRED")
    farthest = world.now + limits.VALID_UNTIL_DAYS_MAX * DAY
    c.batch("valid_until_farthest", "As far ahead as may be.", world, [{**good, "valid_until": farthest}])
    c.batch(
        "valid_until_too_far",
        "A second farther.",
        world,
        [{**good, "valid_until": farthest + 1}],
        "VALID_UNTIL_TOO_FAR",
    )
    c.batch(
        "order_expired_before_role",
        "Expired, and the wrong role.",
        world,
        [{**good, "valid_until": world.now - 1}],
        "REQUEST_EXPIRED",
        speaker=Speaker("northstar", "auditor"),
    )
    c.batch("role", "The wrong role.", world, [good], "ROLE_REQUIRED", speaker=Speaker("northstar", "auditor"))
    c.batch("no_role", "No role.", world, [good], "ROLE_REQUIRED", speaker=Speaker("northstar", ""))
    c.batch(
        "order_role_before_consortium",
        "The wrong role, before there is a consortium.",
        empty(),
        [good],
        "ROLE_REQUIRED",
        speaker=Speaker("northstar", "auditor"),
    )
    c.batch("not_open", "Before there is a consortium.", empty(), [good], "CONSORTIUM_NOT_OPEN")
    c.batch(
        "signature_unexpected",
        "An organisation's operation with a member's signature.",
        world,
        [PEOPLE["alice"].authorise(good, PLACE)],
        "SIGNATURE_UNEXPECTED",
    )
    unsigned = {key: value for key, value in signed.items() if key != "authorization"}
    c.batch(
        "signature_required", "A member's operation without a signature.", funded(), [unsigned], "SIGNATURE_REQUIRED"
    )
    c.batch(
        "client_without_key",
        "A client without a role and without a P-256 key.",
        funded(),
        [unsigned],
        "SIGNATURE_REQUIRED",
        speaker=Speaker("harbor", ""),
    )
    c.batch(
        "signature_of_another",
        "Signed by another key.",
        funded(),
        [{**signed, "authorization": {**signed["authorization"], "public_key": PEOPLE["bob"].public_key}}],
        "SIGNATURE_INVALID",
    )
    for name, signature in (
        ("zero", "0" * 128),
        ("zero_s", signed["authorization"]["signature"][:64] + "0" * 64),
        ("all_ones", "f" * 128),
    ):
        c.batch(
            f"signature_{name}",
            "A signature that cannot be.",
            funded(),
            [{**signed, "authorization": {**signed["authorization"], "signature": signature}}],
            "SIGNATURE_INVALID",
        )
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    s = int(signed["authorization"]["signature"][64:], 16)
    twin = signed["authorization"]["signature"][:64] + f"{order - s:064x}"
    c.batch(
        "signature_twin",
        "(r, n - s) is as good: the request_id, not the signature, makes it once.",
        funded(),
        [signed, {**signed, "authorization": {**signed["authorization"], "signature": twin}}],
        expect=lambda r: r["repeated"],
    )
    c.batch(
        "off_curve",
        "A key that is no point.",
        funded(),
        [{**signed, "authorization": {**signed["authorization"], "public_key": "04" + "11" * 64}}],
        "SIGNATURE_INVALID",
    )
    for name, change in (
        ("short", {"signature": "ab"}),
        ("upper", {"signature": "A" * 128}),
        ("compressed", {"public_key": "02" + "11" * 32}),
        ("further", {"note": 1}),
    ):
        c.batch(
            f"authorization_{name}",
            "An authorization of the wrong form.",
            funded(),
            [{**signed, "authorization": {**signed["authorization"], **change}}],
            "INVALID_ARGUMENT",
        )
    c.batch(
        "order_form_before_signature",
        "A wrong form and a wrong signature.",
        funded(),
        [{**signed, "args": {}}],
        "INVALID_ARGUMENT",
    )
    expired = {**signed, "valid_until": funded().now - 1}
    c.batch(
        "order_signature_before_expired", "A wrong signature, and expired.", funded(), [expired], "SIGNATURE_INVALID"
    )
    for name, elsewhere in (
        ("channel", replace(PLACE, channel="other")),
        ("chaincode", replace(PLACE, chaincode="other")),
        ("network", ELSEWHERE),
    ):
        abroad = PEOPLE["alice"].authorise(unsigned, elsewhere)
        c.batch(f"for_another_{name}", f"Signed for another {name}.", funded(), [abroad], "SIGNATURE_INVALID")
    nowhere = PEOPLE["alice"].authorise(unsigned, replace(PLACE, network=""))
    c.batch("for_no_network", "Signed for no network.", funded(), [nowhere], "SIGNATURE_INVALID")
    mistold = funded()
    mistold.network_id = ELSEWHERE.network
    c.batch("network_of_the_consortium", "The endorser was told of another network since.", mistold, [signed])
    abroad = PEOPLE["alice"].authorise(unsigned, ELSEWHERE)
    c.batch("network_told_of", "Signed for the one it was told of since.", mistold, [abroad], "SIGNATURE_INVALID")
    before = told("operator")
    c.batch(
        "before_opening",
        "Signed for the network that the endorser was told of.",
        before,
        [signed],
        "CONSORTIUM_NOT_OPEN",
    )
    c.batch(
        "before_opening_untold",
        "Signed for a network of which it was not told.",
        empty(),
        [signed],
        "SIGNATURE_INVALID",
    )
    c.batch(
        "before_opening_nowhere",
        "Signed for no network, of which it was not told.",
        empty(),
        [nowhere],
        "CONSORTIUM_NOT_OPEN",
    )
    done = standard()
    done.do("Issue", args, request_id="r1")
    c.batch("repeated", "The same request: which transaction carried it out, no writes.", done, [good])
    c.batch(
        "repeated_later",
        "The same, sent again with a later valid_until and after the first has passed.",
        done.fork().later(days=3),
        [{**good, "valid_until": done.now + 4 * DAY}],
    )
    c.batch(
        "repeated_when_expired",
        "Repeated after its valid_until, in the last second of its memory.",
        done.fork().later(seconds=DAY + limits.REQUEST_GRACE_SECONDS),
        [good],
    )
    c.batch(
        "forgotten",
        "A second later nobody remembers it, and its time is over.",
        done.fork().later(seconds=DAY + limits.REQUEST_GRACE_SECONDS + 1),
        [good],
        "REQUEST_EXPIRED",
    )
    c.batch(
        "reused",
        "The same request_id for another content.",
        done,
        [{**good, "args": {**args, "points": 6}}],
        "REQUEST_ID_REUSED",
    )
    c.batch(
        "order_reused_before_expired",
        "Another content, and expired.",
        done.fork().later(days=3),
        [{**good, "args": {**args, "points": 6}}],
        "REQUEST_ID_REUSED",
    )
    other = standard()
    other.do("Issue", {"address": ALICE, "class_id": "harbor", "points": 5}, "harbor", request_id="r1")
    c.batch("same_id_of_another", "Another organisation's request_id is its own.", other, [good])
    c.batch("twice_in_one", "The same request twice in one batch.", world, [good, good])
    c.batch(
        "reused_in_one",
        "The same request_id twice in one batch.",
        world,
        [good, {**good, "args": {**args, "points": 6}}],
        "REQUEST_ID_REUSED",
    )
    return c.found


def _alone() -> list[Case]:
    c = Cases("alone", "Issue")
    world = standard()
    entry = world.entry("Issue", {"address": ALICE, "class_id": "north", "points": 5})
    text = encode(entry).decode("utf-8")
    c.call("plain", "Invoked by its own name.", world, "Issue", [text])
    c.call(
        "without_op",
        "The name need not stand in the argument too.",
        world,
        "Issue",
        [encode({k: v for k, v in entry.items() if k != "op"}).decode("utf-8")],
    )
    c.call(
        "other_op",
        "But it must not be another.",
        world,
        "Issue",
        [encode({**entry, "op": "Accrue"}).decode("utf-8")],
        "INVALID_ARGUMENT",
    )
    c.call(
        "refused",
        "Refused: no transaction.",
        world,
        "Issue",
        [encode({**entry, "args": {**entry["args"], "class_id": "tea"}}).decode("utf-8")],
        "UNKNOWN_CLASS",
    )
    c.call("malformed", "Not a document.", world, "Issue", ["{"], "MALFORMED")
    c.call("list", "A list.", world, "Issue", ["[]"], "INVALID_ARGUMENT")
    return c.found


def _queries() -> list[Case]:
    c = Cases("queries", "Issue")
    world = funded()
    world.do(
        "Hold",
        {
            "acceptor_msp": "harbor",
            "class_ids": ["north"],
            "expires_at": world.now + DAY,
            "order_ref": "o",
            "points": 20,
        },
        "harbor",
        member="alice",
        request_id="h",
    )
    world.do(
        "Redeem",
        {"acceptor_msp": "harbor", "class_ids": ["north"], "order_ref": "o", "points": 30},
        "harbor",
        member="alice",
        request_id="d",
    )
    world.do("Approve", {"class_id": "north", "points": 9, "spender": BOB}, member="alice")
    world.do(
        "SetRate",
        {"active": True, "denominator": 5, "from_class_id": "north", "numerator": 4, "to_class_id": "harbor"},
        "harbor",
        request_id="rate",
    )
    issue(world, "north", 7, available_on="2026-04-01", request_id="pending")
    world.do("RebindMember", PEOPLE["carol"].rebinding(ALICE, "northstar", PLACE))
    world.do("DepositCollateral", deposit("northstar", 5 * CAP, "FUND"), OPERATOR)
    fee = {"acceptor_msp": "harbor", "basis_points": 120, "issuer_msp": "northstar"}
    for msp_id in ("northstar", "harbor"):
        world.do("SetAcceptanceFee", fee, msp_id)
    world.do("SetAcceptanceFee", {**fee, "basis_points": 90}, "harbor")
    motion = {"expires_at": world.now + DAY, "kind": "SUSPEND", "msp_id": "lotus", "reason": "does not pay"}
    proposal = {"proposal_id": world.do("Propose", motion, ADMIN, request_id="motion")["proposal"]["proposal_id"]}
    world.do("Vote", {"approve": True, **proposal}, Speaker("harbor", "admin"))
    world.later(seconds=1).do("CutWindow", {"window_id": 1}, OPERATOR)
    world.do("CloseWindow", {"window_id": 1}, OPERATOR)
    for name, args in (
        ("GetConsortium", {}),
        ("GetCurrentWindow", {}),
        ("GetMerchant", {"msp_id": "lotus"}),
        ("GetProposal", proposal),
        ("GetClass", {"class_id": "north"}),
        ("GetMember", {"address": ALICE}),
        ("GetRebind", {"address": ALICE}),
        ("ListRebinds", {}),
        ("GetBalance", {"account": ALICE, "class_id": "north"}),
        ("GetSupply", {"class_id": "north"}),
        ("GetAllowance", {"class_id": "north", "owner": ALICE, "spender": BOB}),
        ("GetIssuance", {"account": ALICE, "class_id": "north", "issuance_id": "pending.0"}),
        ("GetRate", {"from_class_id": "north", "to_class_id": "harbor"}),
        ("GetLimit", {"acceptor_msp": "harbor", "issuer_msp": "northstar"}),
        ("GetSlices", {"acceptor_msp": "harbor", "issuer_msp": "northstar"}),
        ("GetCover", {"issuer_msp": "northstar"}),
        ("GetFundShare", {"msp_id": "northstar"}),
        ("GetAcceptanceFee", {"acceptor_msp": "harbor", "issuer_msp": "northstar"}),
        ("ListAcceptanceFees", {"issuer_msp": "northstar"}),
        ("GetRedemption", {"redemption_id": f"{ALICE}/d"}),
        ("GetHold", {"hold_id": f"{ALICE}/h"}),
        ("GetWindow", {"window_id": 1}),
        ("GetMatrix", {"issuer_msp": "northstar", "window_id": 1}),
        ("GetStatement", {"msp_id": "harbor", "window_id": 1}),
        ("GetPosition", {"acceptor_msp": "harbor", "issuer_msp": "northstar", "window_id": 1}),
        ("GetReceipt", {"about": f"redemption/{ALICE}/d", "authoriser": ALICE, "request_id": "d"}),
        ("ListMerchants", {}),
        ("ListProposals", {}),
        ("ListClasses", {"rows": 2}),
        ("ListMembers", {}),
        ("ListBalances", {"class_id": "north"}),
        ("ListAllowances", {"class_id": "north", "owner": ALICE}),
        ("ListRedemptions", {"authoriser": ALICE}),
        ("ListHolds", {"authoriser": ALICE}),
        ("ListRates", {}),
        ("ListLimits", {"issuer_msp": "northstar"}),
        ("ListPositions", {"window_id": 1}),
        ("ListWindows", {}),
        ("ListMatrix", {"window_id": 1}),
        ("ListStatements", {"window_id": 1}),
        ("ReadState", {"rows": limits.PAGE_ROWS_MAX}),
    ):
        c.call(name, f"{name} {args}.", world, name, [encode(args).decode("utf-8")])
    for label, name, args, code in (
        (
            "receipt_of_an_issuance",
            "GetReceipt",
            {"about": f"balance/north/{ALICE}", "authoriser": "northstar", "request_id": "pending"},
            "OK",
        ),
        (
            "receipt_of_a_hold",
            "GetReceipt",
            {"about": f"hold/{ALICE}/h", "authoriser": ALICE, "request_id": "h"},
            "OK",
        ),
        ("receipt_of_a_class", "GetReceipt", {"authoriser": "harbor", "request_id": "rate"}, "OK"),
        (
            "receipt_of_another_place",
            "GetReceipt",
            {"about": f"balance/north/{BOB}", "authoriser": "northstar", "request_id": "pending"},
            "NOT_FOUND",
        ),
        (
            "receipt_of_no_place",
            "GetReceipt",
            {"about": "class/north", "authoriser": "northstar", "request_id": "pending"},
            "INVALID_ARGUMENT",
        ),
        ("open_window", "GetWindow", {"window_id": 2}, "OK"),
        ("unknown_window", "GetWindow", {"window_id": 3}, "UNKNOWN_WINDOW"),
        ("no_position", "GetPosition", {"acceptor_msp": "lotus", "issuer_msp": "northstar", "window_id": 1}, "OK"),
        ("empty_balance", "GetBalance", {"account": CAROL, "class_id": "north"}, "OK"),
        ("legacy_account", "GetBalance", {"account": "legacy:" + "0" * 64, "class_id": "north"}, "OK"),
        ("balance_unknown_class", "GetBalance", {"account": CAROL, "class_id": "tea"}, "UNKNOWN_CLASS"),
        ("supply_unknown_class", "GetSupply", {"class_id": "tea"}, "UNKNOWN_CLASS"),
        ("unknown_merchant", "GetMerchant", {"msp_id": "nobody"}, "UNKNOWN_MERCHANT"),
        ("unknown_proposal", "GetProposal", {"proposal_id": "SUSPEND/harbor/operator/none"}, "UNKNOWN_PROPOSAL"),
        ("unknown_rebind", "GetRebind", {"address": BOB}, "UNKNOWN_REBIND"),
        ("unknown_member", "GetMember", {"address": CAROL}, "UNKNOWN_MEMBER"),
        (
            "unknown_issuance",
            "GetIssuance",
            {"account": ALICE, "class_id": "north", "issuance_id": "none.0"},
            "UNKNOWN_ISSUANCE",
        ),
        (
            "issuance_to_another",
            "GetIssuance",
            {"account": BOB, "class_id": "north", "issuance_id": "pending.0"},
            "UNKNOWN_ISSUANCE",
        ),
        (
            "issuance_of_a_card",
            "GetIssuance",
            {"account": "legacy:" + "0" * 64, "class_id": "north", "issuance_id": "none.7"},
            "UNKNOWN_ISSUANCE",
        ),
        ("unknown_rate", "GetRate", {"from_class_id": "harbor", "to_class_id": "north"}, "NO_RATE"),
        ("unknown_limit", "GetLimit", {"acceptor_msp": "nobody", "issuer_msp": "northstar"}, "NOT_FOUND"),
        ("unknown_cover", "GetCover", {"issuer_msp": "nobody"}, "NOT_FOUND"),
        ("unknown_fee", "GetAcceptanceFee", {"acceptor_msp": "lotus", "issuer_msp": "northstar"}, "NOT_FOUND"),
        ("unknown_share", "GetFundShare", {"msp_id": "nobody"}, "NOT_FOUND"),
        ("unknown_redemption", "GetRedemption", {"redemption_id": f"{BOB}/d"}, "UNKNOWN_REDEMPTION"),
        ("unknown_hold", "GetHold", {"hold_id": f"{BOB}/d"}, "UNKNOWN_HOLD"),
        ("unknown_matrix", "GetMatrix", {"issuer_msp": "harbor", "window_id": 1}, "NOT_FOUND"),
        ("unknown_statement", "GetStatement", {"msp_id": "nobody", "window_id": 1}, "UNKNOWN_STATEMENT"),
        ("unknown_receipt", "GetReceipt", {"authoriser": "northstar", "request_id": "none"}, "NOT_FOUND"),
        ("no_allowance", "GetAllowance", {"class_id": "north", "owner": BOB, "spender": ALICE}, "OK"),
        ("limits_page", "ListLimits", {"issuer_msp": "northstar", "rows": 1}, "OK"),
        ("limits_last_page", "ListLimits", {"after": "harbor", "issuer_msp": "northstar", "rows": 1}, "OK"),
        ("next_page", "ListClasses", {"after": "harbor", "rows": 1}, "OK"),
        ("last_page", "ListClasses", {"after": "lotus", "rows": 1}, "OK"),
        ("behind_the_end", "ListClasses", {"after": "zzz"}, "OK"),
        ("rows_past_limit", "ListClasses", {"rows": limits.PAGE_ROWS_MAX + 1}, "INVALID_ARGUMENT"),
        ("rows_0", "ListClasses", {"rows": 0}, "INVALID_ARGUMENT"),
        ("further_field", "GetClass", {"class_id": "north", "x": 1}, "INVALID_ARGUMENT"),
        ("missing_field", "GetClass", {}, "INVALID_ARGUMENT"),
        ("state_page", "ReadState", {"after": "class/north", "rows": 3}, "OK"),
    ):
        c.call(label, f"{name} {args}.", world, name, [encode(args).decode("utf-8")], code)
    declared = in_default()
    c.call("ListDefaults", "A window's defaults.", declared, "ListDefaults", [encode({"window_id": 1}).decode("utf-8")])
    lapsed = world.fork().later(days=2)
    for name, args in (("GetProposal", proposal), ("ListProposals", {})):
        c.call(f"lapsed_{name}", "Its time is over.", lapsed, name, [encode(args).decode("utf-8")])
    c.call("not_open", "Before there is a consortium.", empty(), "ListMerchants", ["{}"], "CONSORTIUM_NOT_OPEN")
    c.call("state_of_nothing", "The state can be read before.", empty(), "ReadState", ["{}"])
    for name in ("GetConsortium", "GetCurrentWindow", "ListMerchants", "ReadState"):
        c.call(f"no_argument_{name}", "No argument is as good as an empty one.", world, name, [])
    c.call("no_argument_missing_field", "But what must be named is missing.", world, "GetClass", [], "INVALID_ARGUMENT")
    c.call("no_argument_not_open", "Before there is a consortium.", empty(), "GetConsortium", [], "CONSORTIUM_NOT_OPEN")
    c.call("two_arguments", "Two arguments.", world, "GetConsortium", ["{}", "{}"], "INVALID_ARGUMENT")
    c.call("malformed", "Not a document.", opened(), "GetClass", ["["], "MALFORMED")
    c.call("list", "A list.", opened(), "GetClass", ["[]"], "INVALID_ARGUMENT")
    return c.found


def _erc20() -> list[Case]:
    c = Cases("erc20", "Transfer")
    world = funded()
    world.do("Approve", {"class_id": "north", "points": 9, "spender": BOB}, member="alice")
    alice, bob = Speaker("northstar", "", PEOPLE["alice"].public_key), Speaker("harbor", "", PEOPLE["bob"].public_key)
    for name, arguments, answer in (
        ("Name", [], "north 积分"),
        ("Symbol", [], "NORT"),
        ("Decimals", [], "0"),
        ("TotalSupply", [], "500"),
        ("BalanceOf", [ALICE], "500"),
        ("Allowance", [ALICE, BOB], "9"),
    ):
        c.call(
            name,
            f"{name} gives {answer}.",
            world,
            f"north:{name}",
            arguments,
            expect=_equals(answer),
        )
    c.call("Transfer", "Her own client sends.", world, "north:Transfer", [DAVE, "5"], speaker=alice)
    c.call("Transfer_zero", "0 is legal.", world, "north:Transfer", [DAVE, "0"], speaker=alice)
    c.call(
        "Transfer_past",
        "One more than there is.",
        world,
        "north:Transfer",
        [DAVE, "501"],
        "INSUFFICIENT_POINTS",
        speaker=alice,
    )
    c.call("Approve", "Her own client approves.", world, "north:Approve", [DAVE, "5"], speaker=alice)
    c.call("TransferFrom", "The spender's own client.", world, "north:TransferFrom", [ALICE, DAVE, "9"], speaker=bob)
    c.call(
        "TransferFrom_past",
        "One more than allowed.",
        world,
        "north:TransferFrom",
        [ALICE, DAVE, "10"],
        "ALLOWANCE_EXCEEDED",
        speaker=bob,
    )
    c.call(
        "Transfer_by_gateway",
        "A gateway is no account.",
        world,
        "north:Transfer",
        [DAVE, "5"],
        "SIGNATURE_REQUIRED",
        speaker="harbor",
    )
    c.call("unknown_method", "A method that is none.", world, "north:Mint", [], "UNKNOWN_QUERY")
    c.call("unknown_class", "A class that is none.", world, "tea:Name", [], "UNKNOWN_CLASS")
    c.call(
        "class_id_form",
        "A class id that cannot be.",
        world,
        "TEA/:Transfer",
        [DAVE, "5"],
        "INVALID_ARGUMENT",
        speaker=alice,
    )
    c.call("arguments_missing", "Too few arguments.", world, "north:BalanceOf", [], "INVALID_ARGUMENT")
    c.call("arguments_further", "Too many.", world, "north:Name", ["x"], "INVALID_ARGUMENT")
    c.call("not_an_address", "Not an address.", world, "north:BalanceOf", ["alice"], "INVALID_ARGUMENT")
    for name, value in (
        ("negative", "-1"),
        ("fraction", "1.5"),
        ("leading_zero", "01"),
        ("past", str(limits.INTEGER_MAX + 1)),
        ("empty", ""),
        ("space", " 1"),
    ):
        c.call(
            f"value_{name}",
            f"Value {value!r}.",
            world,
            "north:Transfer",
            [DAVE, value],
            "INVALID_ARGUMENT",
            speaker=alice,
        )
    c.call(
        "value_at",
        "The largest value there is.",
        world,
        "north:Transfer",
        [DAVE, str(limits.INTEGER_MAX)],
        "INSUFFICIENT_POINTS",
        speaker=alice,
    )
    c.call("not_open", "Before there is a consortium.", empty(), "north:Name", [], "CONSORTIUM_NOT_OPEN")
    return c.found


def _erc7818() -> list[Case]:
    c = Cases("erc7818", "Transfer")
    last = day_number("2027-03-01")
    world = standard()
    issue(world, "north", 30)
    world.later(days=1)
    issue(world, "north", 20)
    world.do("Approve", {"class_id": "north", "points": 9, "spender": BOB}, member="alice")
    alice, bob = Speaker("northstar", "", PEOPLE["alice"].public_key), Speaker("harbor", "", PEOPLE["bob"].public_key)

    def asks(name: str, method: str, arguments: list[str], answer: str, where: World = world) -> None:
        c.call(name, f"{method} gives {answer}.", where, f"north:{method}", arguments, expect=_equals(answer))

    asks("CurrentEpoch", "CurrentEpoch", [], str(last + 1))
    asks("EpochLength", "EpochLength", [], "86400")
    asks("EpochType", "EpochType", [], "1")
    asks("ValidityDuration", "ValidityDuration", [], "365")
    asks("BalanceOfAtEpoch", "BalanceOfAtEpoch", [str(last), ALICE], "30")
    asks("BalanceOfAtEpoch_of_nothing", "BalanceOfAtEpoch", [str(last + 2), ALICE], "0")
    asks("BalanceOf", "BalanceOf", [ALICE], "50")
    asks("IsEpochExpired", "IsEpochExpired", [str(last)], "false")
    over = world.fork().later(days=365)
    asks("IsEpochExpired_the_day_after", "IsEpochExpired", [str(last)], "true", over)
    asks("BalanceOfAtEpoch_expired", "BalanceOfAtEpoch", [str(last), ALICE], "0", over)
    asks("BalanceOf_after", "BalanceOf", [ALICE], "20", over)
    month = world.fork()
    month.do("UpdateClass", {"class_id": "north", "validity": {"kind": "MONTH_END", "months": 12}})
    number = (2027 - 1970) * 12 + 2
    asks("CurrentEpoch_by_month", "CurrentEpoch", [], str(number), month)
    asks("EpochLength_by_month", "EpochLength", [], str(31 * 86_400), month)
    asks("ValidityDuration_by_month", "ValidityDuration", [], "12", month)
    asks("BalanceOfAtEpoch_by_month", "BalanceOfAtEpoch", [str(number), ALICE], "50", month)
    asks("IsEpochExpired_by_month", "IsEpochExpired", [str(number - 12)], "false", month)
    asks("IsEpochExpired_last_month", "IsEpochExpired", [str(number - 13)], "true", month)
    dated = world.fork()
    dated.do("UpdateClass", {"class_id": "north", "validity": {"date": "2026-03-31", "kind": "DATE"}})
    asks("CurrentEpoch_by_date", "CurrentEpoch", [], str(day_number("2026-03-31")), dated)
    asks("ValidityDuration_by_date", "ValidityDuration", [], "29", dated)
    asks("ValidityDuration_after_the_date", "ValidityDuration", [], "0", dated.fork().later(days=60))
    never = world.fork()
    never.do("UpdateClass", {"class_id": "north", "validity": {"kind": "NEVER"}})
    issue(never, "north", 7)
    for method in ("CurrentEpoch", "ValidityDuration"):
        asks(f"{method}_never", method, [], str(limits.INTEGER_MAX), never)
    asks("IsEpochExpired_never", "IsEpochExpired", [str(limits.INTEGER_MAX)], "false", never)
    asks("BalanceOfAtEpoch_never", "BalanceOfAtEpoch", [str(limits.INTEGER_MAX), ALICE], "7", never)

    def acts(name: str, described: str, method: str, arguments: list[str], code: str = "OK", **more: Any) -> None:
        where = more.pop("world", world)
        c.call(name, described, where, f"north:{method}", arguments, code, **{"speaker": alice, **more})

    at = str(last + 1)
    acts("TransferAtEpoch", "The later ones first, because she says so.", "TransferAtEpoch", [at, DAVE, "20"])
    acts("TransferAtEpoch_past", "One more.", "TransferAtEpoch", [at, DAVE, "21"], "INSUFFICIENT_POINTS")
    acts("TransferAtEpoch_zero", "0 is legal.", "TransferAtEpoch", [at, DAVE, "0"])
    gone = [str(last), DAVE, "1"]
    acts("TransferAtEpoch_expired", "An epoch that has expired.", "TransferAtEpoch", gone, "EPOCH_EXPIRED", world=over)
    acts(
        "TransferAtEpoch_never",
        "What never expires.",
        "TransferAtEpoch",
        [str(limits.INTEGER_MAX), DAVE, "7"],
        world=never,
    )
    acts("TransferAtEpoch_by_month", "Of a month.", "TransferAtEpoch", [str(number), DAVE, "45"], world=month)
    frm = "TransferFromAtEpoch"
    acts(frm, "The spender's own client.", frm, [at, ALICE, DAVE, "9"], speaker=bob)
    acts(f"{frm}_past", "More than allowed.", frm, [at, ALICE, DAVE, "10"], "ALLOWANCE_EXCEEDED", speaker=bob)
    expired = [str(last), ALICE, DAVE, "1"]
    acts(f"{frm}_expired", "An epoch that has expired.", frm, expired, "EPOCH_EXPIRED", speaker=bob, world=over)
    acts("epoch_negative", "No epoch.", "IsEpochExpired", ["-1"], "INVALID_ARGUMENT")
    acts("epoch_past", "No number.", "IsEpochExpired", [str(limits.INTEGER_MAX + 1)], "INVALID_ARGUMENT")
    acts("arguments_in_another_order", "The epoch comes first.", "BalanceOfAtEpoch", [ALICE, at], "INVALID_ARGUMENT")
    signed = Cases("transfer", "Transfer", "harbor", "alice")
    to_bob = {"class_id": "north", "epoch": last, "recipients": [{"address": BOB, "points": 31}]}
    signed("epoch_past", "More than the epoch has.", world, to_bob, "INSUFFICIENT_POINTS")
    signed("epoch_expired", "An epoch that has expired.", over, to_bob, "EPOCH_EXPIRED")
    by_bob = Cases("transfer_from", "TransferFrom", "harbor", "bob")
    taken = {"class_id": "north", "epoch": last, "owner": ALICE, "points": 1, "recipient": DAVE}
    by_bob("epoch_expired", "An epoch that has expired.", over, taken, "EPOCH_EXPIRED")
    return [*c.found, *signed.found, *by_bob.found]
