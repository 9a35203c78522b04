"""What must hold of every state: checked after every step by tests, and on a live chain by `jifen verify`.

1. Per class: issued - redeemed - expired - reversed + restored = sum of buckets and pending - debt.
2. Held in buckets = sum of open holds, bucket by bucket, and what is reserved of limits = the value of open holds and
   what open disputes put at stake; a hold that has ended pins nothing.
3. Net positions of a window add up to 0, its matrix follows from its positions and from what was disputed after it was
   netted, its statements and payments from the matrix and from that.
4. Every redemption stands in one window that there is; of a window whose redemptions cannot have been swept yet they
   add up to its positions, lane by lane, of another to no more; as long as none can have been swept, draws and refunds
   are what each merchant's counters of a class say, and what all positions say was refunded, afterwards no more; and
   always the points that were redeemed at others and restored there, by the counters, are worth what all positions say.
5. No bucket is negative or out of order, and all postings add up to the balances.
6. A class's points exist only through its issuer.
7. Cover given out is within cover posted, what is owed and not paid or reserved of a slice is within its cover,
   allowances are in range, and no position is so large that its window could not be closed (`lane_gross_max`).
8. Whoever takes part joined by its own word: no invitation issues, has members or statements. Who was suspended by vote
   neither issues nor accepts. A merchant in RUN_OFF has a last day, and no other has.
9. No document remembers a request twice, or more of them than have room, and what is remembered under other keys is
   about a document that says so.
10. A proposal has at most one vote of each who is entitled, its status follows from its votes, and two that are about
    the same were never open at once.
11. An account that another took the place of is closed, its successor is enrolled, and a rebind that is asked for is
    that of a member which none has taken the place of.
12. What disputes moved between windows is what the disputes say, lane by lane, of a window of which none can have been
    swept. A dispute is about a redemption that there is, and about no more than that is worth; its votes are of those
    entitled, and it is either at a stage or ended.

(That replay gives the state byte for byte, is the replay's own.)
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chaincode.spec.kernel import disputing, keys
from chaincode.spec.kernel.balances import bucket_order, pending_order
from chaincode.spec.kernel.calendar import SECONDS_PER_DAY, date_of, day_at, day_number
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.collateral import free
from chaincode.spec.kernel.counters import FLOWS, outstanding
from chaincode.spec.kernel.exposure import NO_POSITION, NO_SLICE, gross, lane_gross_max, outweighing, unpaid_windows
from chaincode.spec.kernel.fields import DISPUTE_ENDS
from chaincode.spec.kernel.limits import (
    BUCKETS_PER_BALANCE_MAX,
    DATE_MARGIN_SECONDS,
    DISPUTE_KEPT_DAYS,
    INTEGER_MAX,
    MEMORY_ENTRIES_MAX,
    REFUND_SHARD,
    REMITTANCES_PER_PAYMENT_MAX,
    REQUEST_GRACE_SECONDS,
)
from chaincode.spec.kernel.netting import chained
from chaincode.spec.kernel.redemptions import last_refund_day, redemption_of
from chaincode.spec.kernel.requests import ISSUED, POINTS, REDEMPTION_MEMORY, REQUESTER, end_of
from chaincode.spec.kernel.reserving import reserved_by
from chaincode.spec.kernel.state import Posting
from chaincode.spec.nouns.merchant import ACCEPTING, PRESENT

NAMES = (
    "supply_equals_buckets",
    "held_equals_open_holds",
    "windows_net_to_zero",
    "redemptions_stand_in_a_window",
    "postings_add_up_to_balances",
    "points_only_through_the_issuer",
    "limits_kept",
    "merchants_joined",
    "memory_in_place",
    "proposals_decided_by_votes",
    "successors_enrolled",
    "disputes_move_whole_amounts",
)


class Journal:
    """What the postings of all events say: the points of every bucket and of what is pending, and the debts, in every
    account."""

    def __init__(self) -> None:
        self.points: Counter[tuple[str, str, int | None, int | None]] = Counter()
        """By class, account, last day, and the day on which they become available (None in buckets)."""
        self.held: Counter[tuple[str, str, int | None]] = Counter()
        self.debts: Counter[tuple[str, str]] = Counter()

    def post(self, postings: Iterable[Posting]) -> None:
        """Takes in the postings of one operation."""
        for posting in postings:
            if len(posting) == 3:
                class_id, account, debt = posting
                self.debts[class_id, account] += debt
                continue
            class_id, account, expires, points, held, available = posting
            self.points[class_id, account, expires, available] += points
            self.held[class_id, account, expires] += held


def check(state: Mapping[str, bytes], journal: Journal | None = None, *, now: int) -> dict[str, list[str]]:
    """For each invariant by name the breaches found, none where it holds. With a journal the balances are also held
    against all postings; `now` is the time of the latest transaction, which says what may have been swept, and which
    memories still live."""
    documents = {key: json.loads(value) for key, value in state.items()}
    by_noun: dict[str, dict[str, Json]] = {}
    for key, document in documents.items():
        noun, _, rest = key.partition("/")
        by_noun.setdefault(noun, {})[rest] = document
    nouns = {noun: by_noun.get(noun, {}) for noun in _NOUNS}
    breaches: dict[str, list[str]] = {
        "supply_equals_buckets": _supply(nouns),
        "held_equals_open_holds": _held(nouns, documents),
        "windows_net_to_zero": _windows(nouns, documents),
        "redemptions_stand_in_a_window": _redemptions(nouns, documents, now),
        "postings_add_up_to_balances": _balances(nouns, journal),
        "points_only_through_the_issuer": _issuers(nouns),
        "limits_kept": _limits(nouns, documents),
        "merchants_joined": _merchants(nouns),
        "memory_in_place": _memory(nouns, now),
        "proposals_decided_by_votes": _proposals(nouns),
        "successors_enrolled": _successors(nouns["member"], nouns["rebind"]),
        "disputes_move_whole_amounts": _disputes(nouns, documents, now),
    }
    assert tuple(breaches) == NAMES
    return breaches


_NOUNS = (
    "allowance",
    "balance",
    "class",
    "cover",
    "default",
    "dispute",
    "fund",
    "hold",
    "limit",
    "matrix",
    "member",
    "memory",
    "merchant",
    "netting",
    "position",
    "proposal",
    "rebind",
    "redemption",
    "statement",
    "supply",
    "window",
)
Nouns = Mapping[str, Mapping[str, Json]]


def _supply(nouns: Nouns) -> list[str]:
    points: Counter[str] = Counter()
    debts: Counter[str] = Counter()
    for name, (buckets, pending, debt, *_) in nouns["balance"].items():
        class_id = name.split("/")[0]
        points[class_id] += sum(bucket[1] for bucket in buckets) + sum(entry[2] for entry in pending)
        debts[class_id] += debt
    flows = _flows(nouns)
    found = []
    for class_id in sorted(set(points) | set(flows)):
        flow = flows.get(class_id, Counter())
        if outstanding(flow) != points[class_id]:
            found.append(f"{class_id}: supply {outstanding(flow)}, buckets {points[class_id]}")
        if flow["indebted"] - flow["repaid"] != debts[class_id]:
            found.append(f"{class_id}: indebted {flow['indebted']}, repaid {flow['repaid']}, debts {debts[class_id]}")
    for key, counters in sorted(
        nouns["supply"].items()
    ):  # each lane's own: an issuer may well issue more than INTEGER_MAX in several
        found += [f"{key}: {name} {counters[name]}" for name in FLOWS if not 0 <= counters[name] <= INTEGER_MAX]
    return found


def _flows(nouns: Nouns) -> dict[str, Counter[str]]:
    """The flow counters of each class, all shards together."""
    flows: dict[str, Counter[str]] = {}
    for name, counters in nouns["supply"].items():
        flows.setdefault(name.split("/")[0], Counter()).update(counters)
    return flows


def _held(nouns: Nouns, documents: Mapping[str, Json]) -> list[str]:
    held: Counter[tuple[str, str, int | None]] = Counter()
    for name, (buckets, *_) in nouns["balance"].items():
        class_id, account = name.split("/", 1)
        held.update({(class_id, account, bucket[0]): bucket[2] for bucket in buckets if bucket[2]})
    pinned: Counter[tuple[str, str, int | None]] = Counter()
    reserved: Counter[str] = Counter()
    found = []
    for name, hold in nouns["hold"].items():
        if hold["status"] == "RESERVED":
            for issuer_msp, value in reserved_by(hold).items():
                reserved[keys.limit(issuer_msp, hold["acceptor_msp"], hold["shard"])] += value
        elif hold["pins"]:
            found.append(f"{name}: {hold['status']}, and pins points")
        for pin in hold["pins"]:
            pinned[pin["class_id"], hold["member"], day_number(pin["expires_on"])] += pin["points"]
    for dispute in nouns["dispute"].values():
        for lane, minor in disputing.reserved_by(dispute).items():
            reserved[keys.limit(*lane)] += minor * _minor_unit(documents)
    found += [
        f"{place}: held {held[place]}, pinned {pinned[place]}"
        for place in sorted(set(held) | set(pinned), key=str)
        if held[place] != pinned[place]
    ]
    for name, slice_ in nouns["limit"].items():
        key = f"limit/{name}"
        if slice_["reserved_millionths"] != reserved.pop(key, 0):
            found.append(f"{key}: reserved {slice_['reserved_millionths']} is not what open holds and disputes say")
    return found + [f"{key}: nothing reserved of {value}" for key, value in sorted(reserved.items()) if value]


Pair = tuple[str, str]
"""(issuer, acceptor)."""


def _minor_unit(documents: Mapping[str, Json]) -> int:
    return int(documents[keys.CONSORTIUM]["currency"]["minor_unit_millionths"])


def _windows(nouns: Nouns, documents: Mapping[str, Json]) -> list[str]:
    found = []
    flows: dict[int, dict[Pair, Json]] = {}
    for name, position in nouns["position"].items():
        window_id, issuer, acceptor, _ = name.split("/")
        sums = flows.setdefault(int(window_id), {}).setdefault((issuer, acceptor), dict(NO_POSITION))
        for part in NO_POSITION:
            sums[part] += position[part]
    rows: dict[int, list[Json]] = {}
    for name, matrix in sorted(nouns["matrix"].items(), key=lambda item: tuple(item[0].split("/"))):
        rows.setdefault(int(name.split("/")[0]), []).extend(matrix["rows"])
    for window in nouns["window"].values():
        window_id, closing = window["window_id"], window["status"] == "CLOSING"
        if window["status"] == "CUT":
            continue
        netting = nouns["netting"].get(f"{window_id:08d}") if closing else None
        if closing and netting is None:
            found.append(f"window {window_id}: CLOSING, and nothing says how far")
            continue
        netted_to = netting["netted_to"] if netting else None
        wanted = {
            pair: sums for pair, sums in flows.get(window_id, {}).items() if netted_to is None or pair[0] <= netted_to
        }
        matrix = {
            (row["issuer_msp"], row["acceptor_msp"]): {part: row[part] for part in NO_POSITION}
            for row in rows.get(window_id, [])
        }
        disputed = {} if closing else _disputed(matrix, wanted, _minor_unit(documents))
        if {pair: _without(sums, disputed, pair) for pair, sums in matrix.items()} != wanted:
            found.append(f"window {window_id}: matrix is not what the positions say")
        tallies = _tallies(rows.get(window_id, []))
        if netting is not None:
            if {tally["msp_id"]: tally for tally in netting["tallies"]} != tallies:
                found.append(f"window {window_id}: tallies are not what the matrix says")
        else:
            found += _closed(nouns, window, tallies, {pair: part[1] for pair, part in disputed.items()})
    return found


def _disputed(matrix: Mapping[Pair, Json], now: Mapping[Pair, Json], unit: int) -> dict[Pair, tuple[int, int]]:
    """What left a netted window by disputes, in millionths and minor units, by pair: its rows stayed as they were, and
    its positions did not."""
    found = {}
    for pair in matrix.keys() & now.keys():
        taken = matrix[pair]["adjusted_millionths"] - now[pair]["adjusted_millionths"]
        if taken > 0 and taken % unit == 0:
            found[pair] = (taken, taken // unit)
    return found


def _without(sums: Json, disputed: Mapping[Pair, tuple[int, int]], pair: Pair) -> Json:
    return {**sums, "adjusted_millionths": sums["adjusted_millionths"] - disputed.get(pair, (0, 0))[0]}


def _tallies(rows: Iterable[Json]) -> dict[str, Json]:
    """What the rows of each merchant come to."""
    tallies: dict[str, Json] = {}
    for row in rows:
        owed = row["owed_minor"] - row["fee_minor"]
        for msp_id, change in ((row["issuer_msp"], -owed), (row["acceptor_msp"], owed)):
            tally = tallies.setdefault(msp_id, {"msp_id": msp_id, "net_minor": 0, "rows": 0, "rows_sha256": ""})
            tally["net_minor"] += change
            tally["rows"] += 1
            tally["rows_sha256"] = chained(tally["rows_sha256"], row)
    return tallies


def _with_defaults(nouns: Nouns, window_id: int, net: Mapping[str, int]) -> Counter[str]:
    """What merchants get by a window's payments: their net positions, and what defaults made of them."""
    found = Counter(net)
    for default in nouns["default"].values():
        msp_id = default["msp_id"]
        of_window = default["window_id"] == window_id
        for share in default["owed"] if of_window else ():
            found[msp_id] += share["amount_minor"]
            found[share["msp_id"]] -= share["amount_minor"]
        for payment in default["payments"] if of_window else ():
            found[payment["payer_msp"]] -= payment["amount_minor"]
            found[payment["payee_msp"]] += payment["amount_minor"]
        for share in default["set_off"]:
            if share["window_id"] == window_id:
                found[share["msp_id"]] += share["amount_minor"]
                found[msp_id] -= share["amount_minor"]
        borne = sum(
            share["amount_minor"] for name in ("fund", "haircuts", "losses", "set_off") for share in default[name]
        )
        assert borne + default["cover_minor"] == sum(share["amount_minor"] for share in default["owed"]), default
    return found


def _closed(nouns: Nouns, window: Json, tallies: Mapping[str, Json], disputed_minor: Mapping[Pair, int]) -> list[str]:
    found = []
    window_id = window["window_id"]
    moved: Counter[str] = Counter()
    for (issuer, acceptor), minor in disputed_minor.items():
        moved[issuer] += minor
        moved[acceptor] -= minor
    stated = {
        msp_id: {**tally, "disputed_minor": moved[msp_id], "net_minor": tally["net_minor"] + moved[msp_id]}
        for msp_id, tally in tallies.items()
    }
    net = {entry["msp_id"]: entry["net_minor"] for entry in window["net"]}
    if sum(net.values()) != 0:
        found.append(f"window {window_id}: net positions do not add up to 0")
    if net != {msp_id: tally["net_minor"] for msp_id, tally in stated.items()}:
        found.append(f"window {window_id}: net positions are not what the matrix says")
    paid: Counter[str] = Counter()
    for payment in window["payments"]:
        paid[payment["payer_msp"]] -= payment["amount_minor"]
        paid[payment["payee_msp"]] += payment["amount_minor"]
    expected = _with_defaults(nouns, window_id, net)
    if any(paid[msp_id] != expected[msp_id] for msp_id in {*paid, *expected}):
        found.append(f"window {window_id}: payments are not what the net positions say")
    statements = {
        name.split("/")[1]: statement
        for name, statement in nouns["statement"].items()
        if name.startswith(f"{window_id:08d}/")
    }
    for msp_id in sorted(set(stated) | set(statements)):
        statement = statements.get(msp_id, {"content": {}, "sha256": ""})
        content = statement["content"]
        said = {name: content[name] for name in stated.get(msp_id, ()) if name in content}
        if said != stated.get(msp_id) or statement["sha256"] != hashlib.sha256(encode(content)).hexdigest():
            found.append(f"window {window_id}: the statement of {msp_id} is not what the matrix says")
    pending = sum(statement["status"] == "PENDING" for statement in statements.values())
    if window["pending_statements"] != pending:
        found.append(f"window {window_id}: {window['pending_statements']} statements pending, {pending} are")
    for payment in window["payments"]:
        found += _recorded(window_id, payment)
    settled = all(payment["status"] == "CONFIRMED" for payment in window["payments"])
    if settled != (window["status"] == "SETTLED"):
        found.append(f"window {window_id}: {window['status']}, and its payments say otherwise")
    return found


def _recorded(window_id: int, payment: Json) -> list[str]:
    """What is wrong with what is recorded of a payment."""
    standing = [one for one in payment["remittances"] if one["status"] in ("PAID", "CONFIRMED")]
    due = payment["amount_minor"] - sum(one["amount_minor"] for one in standing)
    answered = all(one["status"] == "CONFIRMED" for one in standing)
    status = "DUE" if due > 0 else "CONFIRMED" if answered else "PAID"
    named = f"window {window_id}: {payment['payer_msp']} to {payment['payee_msp']}"
    found = []
    if due < 0 or (payment["due_minor"], payment["status"]) != (due, status):
        found.append(
            f"{named}: {payment['due_minor']} due and {payment['status']}, and what is recorded says otherwise"
        )
    if len({one["reference"] for one in standing}) != len(standing):
        found.append(f"{named}: a reference stands twice")
    if len(payment["remittances"]) > REMITTANCES_PER_PAYMENT_MAX:
        found.append(f"{named}: {len(payment['remittances'])} remittances")
    for one in payment["remittances"]:
        ended, confirmed = one["ended_at"] is not None, one["confirmed_at"] is not None
        wrong = one["amount_minor"] < 1 or ended == (one in standing) or confirmed != (one["confirmed_by"] is not None)
        if wrong or confirmed != (one["status"] in ("CONFIRMED", "REVERSED")):
            found.append(f"{named}: {one['reference']} is {one['status']}, and its times say otherwise")
    return found


Sums = dict[tuple[str, ...], int]


def _redemptions(nouns: Nouns, documents: Mapping[str, Json], now: int) -> list[str]:
    found = []
    current = documents.get(keys.CURRENT_WINDOW, {"window_id": 0})["window_id"]
    redeemed: Sums = Counter()
    refunded: Sums = Counter()
    drawn: Sums = Counter()
    restored: Sums = Counter()
    for redemption_id, document in nouns["redemption"].items():
        redemption = redemption_of(document, redemption_id)
        window_id, acceptor = redemption["window_id"], redemption["acceptor_msp"]
        if not 1 <= window_id <= current:
            found.append(f"{redemption_id}: no window {window_id}")
        for draw in redemption["draws"]:
            drawn[draw["class_id"], acceptor] += draw["points"]
            restored[draw["class_id"], acceptor] += draw["refunded"]
            if draw["issuer_msp"] != acceptor:
                lane = draw["issuer_msp"], acceptor, f"{redemption['shard']:02d}"
                redeemed[f"{window_id:08d}", *lane] += draw["value_millionths"]
                refunded[lane] += draw["value_millionths"] // draw["points"] * draw["refunded"]
        if sum(draw["refunded"] for draw in redemption["draws"]) != redemption["refunded"] or any(
            not 0 <= draw["refunded"] <= draw["points"] for draw in redemption["draws"]
        ):
            found.append(f"{redemption_id}: refunds do not add up")
    complete = _complete_windows(nouns, documents, now)
    none_swept = complete >= set(range(1, current + 1))
    positions = {tuple(name.split("/")): position for name, position in nouns["position"].items()}
    booked = {place: position["redeemed_millionths"] for place, position in positions.items()}
    given_back = _summed((place[1:], position["refunded_millionths"]) for place, position in positions.items())
    flows = _merchants_flows(nouns)
    gone = {place: flow["redeemed_own"] + flow["redeemed_elsewhere"] for place, flow in flows.items()}
    returned = {place: flow["restored"] for place, flow in flows.items()}
    found += _unlike("draws", drawn, "counters", gone, lambda _: none_swept)
    found += _unlike("refunds", restored, "counters", returned, lambda _: none_swept)
    found += _unlike("redemptions", redeemed, "positions", booked, lambda place: int(place[0]) in complete)
    found += _unlike("refunds", refunded, "positions", given_back, lambda _: none_swept)
    for side, flow_name in (("redeemed", "redeemed_elsewhere"), ("refunded", "restored")):
        worth = _summed(
            ((nouns["class"][class_id]["issuer_msp"], msp_id), flow[flow_name] * _value(nouns, class_id))
            for (class_id, msp_id), flow in flows.items()
            if nouns["class"][class_id]["issuer_msp"] != msp_id
        )
        sums = _summed((place[1:3], position[f"{side}_millionths"]) for place, position in positions.items())
        found += _unlike(f"{side} by the counters", worth, "positions", sums, lambda _: True)
    return found


def _value(nouns: Nouns, class_id: str) -> int:
    return int(nouns["class"][class_id]["unit_value_millionths"])


def _summed(parts: Iterable[tuple[tuple[str, ...], int]]) -> Sums:
    sums: Sums = Counter()
    for place, number in parts:
        sums[place] += number
    return sums


def _merchants_flows(nouns: Nouns) -> dict[tuple[str, str], Counter[str]]:
    """The flow counters of each class at each merchant's gateway, all shards together."""
    flows: dict[tuple[str, str], Counter[str]] = {}
    for name, counters in nouns["supply"].items():
        class_id, msp_id, _ = name.split("/")
        flows.setdefault((class_id, msp_id), Counter()).update(counters)
    return flows


def _unlike(
    name: str,
    part: Mapping[Any, int],
    of: str,
    whole: Mapping[Any, int],
    exact: Callable[[tuple[str, ...]], bool],
) -> list[str]:
    """Where one sum is more than another, or, where it must be exactly that, another one."""
    found = []
    for place in sorted(part.keys() | whole.keys()):
        some, all_of_it = part.get(place, 0), whole.get(place, 0)
        if some > all_of_it or (some != all_of_it and exact(place)):
            found.append(f"{'/'.join(place)}: {name} {some}, {of} {all_of_it}")
    return found


def _complete_windows(nouns: Nouns, documents: Mapping[str, Json], now: int) -> set[int]:
    """The windows of which no redemption can have been swept up to `now`: its refund days may be over no sooner, or a
    request about it is still remembered. Where a zone's offset falls at midnight a day comes twice: what counts is
    the first day on which it can have been redeemed, and the last one on which it can have been swept."""
    if keys.CONSORTIUM not in documents:
        return set()
    consortium, windows = documents[keys.CONSORTIUM], [*nouns["window"].values(), documents[keys.CURRENT_WINDOW]]
    zone = consortium["time_zone"]
    changes = [change for change, _ in zone["offsets"]]
    sure = now - DATE_MARGIN_SECONDS
    swept_day = max(day_at(time, zone) for time in (sure, *(change - 1 for change in changes if change <= sure)))
    found = set()
    for window in windows:
        opened_at = window["opened_at"]
        first_day = min(day_at(time, zone) for time in (opened_at, *(time for time in changes if time > opened_at)))
        last_day = last_refund_day(date_of(first_day), consortium)
        if last_day >= swept_day or now <= opened_at + REQUEST_GRACE_SECONDS:
            found.add(int(window["window_id"]))
    return found


def _balances(nouns: Nouns, journal: Journal | None) -> list[str]:
    found = []
    counted = Journal()
    for name, (buckets, pending, debt, *memory) in nouns["balance"].items():
        class_id, account = name.split("/", 1)
        count = len(buckets) + len(pending)
        if count > BUCKETS_PER_BALANCE_MAX or not (count or debt or any(memory)):
            found.append(f"{name}: {len(buckets)} buckets, {len(pending)} pending, debt {debt}")
        total = sum(bucket[1] for bucket in buckets) + sum(entry[2] for entry in pending)
        if max(total, debt) > INTEGER_MAX:
            found.append(f"{name}: {total} points, debt {debt}")
        for entries, order in ((buckets, bucket_order), (pending, pending_order)):
            places = [order(entry) for entry in entries]
            if places != sorted(set(places)):
                found.append(f"{name}: not in order, or a day stands twice")
        for expires, points, held in buckets:
            if not 0 <= held <= points or not 0 < points <= INTEGER_MAX:
                found.append(f"{name} {expires}: points {points}, held {held}")
            counted.post([[class_id, account, expires, points, held, None]])
        for available, expires, points in pending:
            if not 0 < points <= INTEGER_MAX:
                found.append(f"{name} {expires}: pending {points}")
            counted.post([[class_id, account, expires, points, 0, available]])
        if not 0 <= debt <= INTEGER_MAX:
            found.append(f"{name}: debt {debt}")
        counted.post([[class_id, account, debt]])
    if journal is not None:
        if +journal.points != +counted.points:
            found.append("the postings of all events do not add up to the buckets")
        if +journal.held != +counted.held:
            found.append("the postings of all events do not add up to what is held")
        if +journal.debts != +counted.debts:
            found.append("the postings of all events do not add up to the debts")
    return found


def _issuers(nouns: Nouns) -> list[str]:
    found = []
    for name, counters in nouns["supply"].items():
        class_id, msp_id, _ = name.split("/")
        issuer = nouns["class"][class_id]["issuer_msp"]
        if msp_id != issuer and counters["issued"] + counters["reversed"]:
            found.append(f"{class_id}: {msp_id} issued or reversed {counters}")
        if (msp_id != issuer and counters["redeemed_own"]) or (msp_id == issuer and counters["redeemed_elsewhere"]):
            found.append(f"{class_id}: redeemed in the wrong column at {msp_id}")
    return found


def _limits(nouns: Nouns, documents: Mapping[str, Json]) -> list[str]:
    consortium, window = documents.get(keys.CONSORTIUM), documents.get(keys.CURRENT_WINDOW)
    unpaid = unpaid_windows(window) if window else []
    discharged = {(one["window_id"], one["msp_id"]) for one in window["discharged"]} if window else set()
    found = []
    given: Counter[str] = Counter()
    for name, slice_ in nouns["limit"].items():
        given[name.split("/")[0]] += slice_["cover_millionths"]
    for issuer, cover in nouns["cover"].items():
        free_before = free(cover) + cover["drawn_millionths"]
        if given[issuer] != cover["allocated_millionths"] or free_before < 0 or cover["returning_millionths"] < 0:
            found.append(f"{issuer}: cover given {given[issuer]}, booked {cover}")
    for msp_id, share in nouns["fund"].items():
        if not 0 <= share["returning_millionths"] <= share["posted_millionths"]:
            found.append(f"{msp_id}: contributed {share}")
    owed: Counter[str] = Counter()
    for name, position in nouns["position"].items():
        window_id, issuer, acceptor, shard = name.split("/")
        value = outweighing(position)
        debtor = issuer if value > 0 else acceptor
        if int(window_id) not in unpaid or (int(window_id), debtor) in discharged:
            continue
        if value > 0:
            owed[f"{issuer}/{acceptor}/{shard}"] += value
        else:
            owed[f"{acceptor}/{issuer}/{int(shard) + REFUND_SHARD:02d}"] -= value
    for name in sorted(set(owed) | set(nouns["limit"])):
        slice_ = nouns["limit"].get(name, NO_SLICE)
        used = owed[name] + slice_["reserved_millionths"]
        if used > slice_["cover_millionths"]:
            found.append(f"limit/{name}: cover {slice_['cover_millionths']}, used {used}")
    for name, allowance in nouns["allowance"].items():
        if not 0 < allowance["points"] <= INTEGER_MAX:
            found.append(f"{name}: allowance {allowance['points']}")
    most = lane_gross_max(consortium["currency"]["minor_unit_millionths"]) if consortium else 0
    for name, position in nouns["position"].items():
        for side in ("redeemed_millionths", "refunded_millionths"):
            if not 0 <= position[side] <= most:
                found.append(f"{name}: {side} {position[side]}, at most {most}")
        adjusted, redeemed = position["adjusted_millionths"], position["redeemed_millionths"]
        if adjusted < -redeemed or gross(position) > most:
            found.append(f"{name}: adjusted {adjusted}, redeemed {redeemed}, at most {most}")
    return found


def _merchants(nouns: Nouns) -> list[str]:
    found, joined = [], set()
    for msp_id, merchant in nouns["merchant"].items():
        never = merchant["invited_until"] is not None
        if merchant["status"] not in (("INVITED", "EXITED") if never else (*PRESENT, "EXITED")):
            found.append(f"{msp_id}: {merchant['status']}, invited until {merchant['invited_until']}")
        if merchant["suspended_by"] is not None and merchant["status"] in ACCEPTING:
            found.append(f"{msp_id}: {merchant['status']}, suspended by vote {merchant['suspended_by']}")
        if (merchant["run_off_until"] is not None) != (merchant["status"] == "RUN_OFF"):
            found.append(f"{msp_id}: {merchant['status']}, run-off until {merchant['run_off_until']}")
        if not never:
            joined.add(msp_id)
    taking_part = {point_class["issuer_msp"] for point_class in nouns["class"].values()}
    taking_part |= {member["home_msp"] for member in nouns["member"].values()}
    taking_part |= {name.split("/")[1] for name in nouns["statement"]}
    return found + [f"{msp_id} never joined" for msp_id in sorted(taking_part - joined)]


def _memory(nouns: Nouns, now: int) -> list[str]:
    found = []
    memories = {f"balance/{name}": balance[3:] for name, balance in nouns["balance"].items()}
    memories |= {f"redemption/{name}": stored[REDEMPTION_MEMORY] for name, stored in nouns["redemption"].items()}
    memories |= {f"hold/{name}": hold["memory"] for name, hold in nouns["hold"].items()}
    for place, (entries, _) in memories.items():
        requesters = [entry[REQUESTER] for entry in entries]
        if len(requesters) > MEMORY_ENTRIES_MAX or len(set(requesters)) < len(requesters):
            found.append(f"{place}: remembers {requesters}")
    for name, stored in nouns["memory"].items():
        place = "/".join(name.split("/")[:3])
        end, (_, told) = end_of(["", *stored]), memories.get(place, [[], 0])
        # What a document told is blanked out once its time is over; by a transaction that another, dated earlier, can
        # follow.
        if told < end and (told or now + DATE_MARGIN_SECONDS < end):
            found.append(f"{place}: does not say that {name} is remembered until {end}")
        issued = stored[ISSUED - 1]
        if issued is not None and issued[POINTS] < 0:
            found.append(f"{name}: {issued}")
    return found


def _proposals(nouns: Nouns) -> list[str]:
    found = []
    times: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for proposal_id, proposal in nouns["proposal"].items():
        voters, votes, needed = proposal["voters"], proposal["votes"], proposal["needed"]
        spoke = [vote["msp_id"] for vote in votes]
        if len(set(spoke)) < len(spoke) or not set(spoke) <= set(voters) or needed != len(voters) // 2 + 1:
            found.append(f"{proposal_id}: {spoke} of {voters}, {needed} needed")
        in_favour = sum(vote["approve"] for vote in votes)
        reachable = in_favour + len(voters) - len(votes) >= needed
        status = "PASSED" if in_favour >= needed else "OPEN" if reachable else "REJECTED"
        if proposal["status"] != status or (proposal["decided_at"] is None) != (status == "OPEN"):
            found.append(f"{proposal_id}: {proposal['status']}, decided at {proposal['decided_at']}, but {status}")
        begun, ended = proposal["proposed_at"], proposal["decided_at"] or proposal["expires_at"]
        others = times.setdefault((proposal["kind"], proposal["msp_id"]), [])
        if any(min(ended, end) - max(begun, begin) > DATE_MARGIN_SECONDS for begin, end in others):
            found.append(f"{proposal_id}: another about the same was open")
        others.append((begun, ended))
    return found


def _successors(members: Mapping[str, Json], rebinds: Mapping[str, Json]) -> list[str]:
    found = []
    for address, member in members.items():
        successor = member["successor"]
        if successor is not None and (member["status"] != "CLOSED" or successor not in members):
            found.append(f"{address}: {member['status']}, succeeded by {successor}")
    for address, rebind in rebinds.items():
        if members[address]["successor"] is not None or (rebind["ready_at"] is None) != (
            rebind["confirmed_by"] is None
        ):
            found.append(f"{address}: {rebind}")
    return found


def _disputes(nouns: Nouns, documents: Mapping[str, Json], now: int) -> list[str]:
    if keys.CONSORTIUM not in documents:
        return []
    found = []
    unit, moved = _minor_unit(documents), Counter[str]()
    for name, dispute in nouns["dispute"].items():
        lane = (dispute["issuer_msp"], dispute["acceptor_msp"], dispute["shard"])
        moved[keys.position(dispute["window_id"], *lane)] -= dispute["amount_minor"] * unit
        for booked_lane, minor in disputing.booked_by(dispute).items():
            moved[keys.position(dispute["booked_window"], *booked_lane)] += minor * unit
        ended, status = dispute["closed_at"] is not None, dispute["status"]
        outcome = (dispute["due_at"] is None, dispute["booked_minor"] is not None, status in DISPUTE_ENDS)
        if set(outcome) != {ended} or (dispute["booked_window"] is not None) != bool(disputing.booked_by(dispute)):
            found.append(f"{name}: {status}, ended at {dispute['closed_at']}")
        voted = [vote["msp_id"] for vote in dispute["votes"]]
        parties = {dispute["issuer_msp"], dispute["acceptor_msp"]}
        if len(set(voted)) < len(voted) or not set(voted) <= set(dispute["voters"]) - parties:
            found.append(f"{name}: {voted} of {dispute['voters']}")
        redemption_id = name.rpartition("/")[0]
        redemption = redemption_of(nouns["redemption"].get(redemption_id), redemption_id)
        owed = disputing.owed_of(redemption, dispute["issuer_msp"]) if redemption else 0
        if disputing.withheld(dispute) * unit > owed:
            found.append(f"{name}: {disputing.withheld(dispute)} minor units are not paid of {owed} millionths")
    sure = _disputes_complete(nouns, documents, now)
    for name in sorted({key.removeprefix("position/") for key in moved} | set(nouns["position"])):
        adjusted = nouns["position"].get(name, NO_POSITION)["adjusted_millionths"]
        if int(name.split("/")[0]) in sure and adjusted != moved[f"position/{name}"]:
            found.append(f"position/{name}: adjusted {adjusted}, disputes {moved[f'position/{name}']}")
    return found


def _disputes_complete(nouns: Nouns, documents: Mapping[str, Json], now: int) -> set[int]:
    """The windows of which no dispute, and none that booked in them, can have been swept up to `now`."""
    windows = [*nouns["window"].values(), documents[keys.CURRENT_WINDOW]]
    kept = DISPUTE_KEPT_DAYS * SECONDS_PER_DAY
    return _complete_windows(nouns, documents, now) & {
        int(window["window_id"]) for window in windows if now <= window["opened_at"] + kept
    }
