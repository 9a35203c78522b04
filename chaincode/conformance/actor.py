"""Turns small random numbers into operations that mostly make sense in the state there is, and sometimes do not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from chaincode.cases.world import (
    CLASSES,
    DAY,
    ELSEWHERE,
    MERCHANTS,
    PEOPLE,
    PLACE,
    Speaker,
    World,
    class_args,
    consortium_args,
    deposit,
    grants,
    refill,
)
from chaincode.spec import erc20
from chaincode.spec.kernel import exposure, keys
from chaincode.spec.kernel.calendar import day_at, day_of, month_number
from chaincode.spec.kernel.canonical import Json, encode
from chaincode.spec.kernel.collateral import free
from chaincode.spec.kernel.limits import GUEST_SHARD, INTEGER_MAX, REFUND_SHARD, RUN_OFF_DAYS_MIN
from chaincode.spec.kernel.redemptions import REDEMPTION_FIELDS, redemption_of
from chaincode.spec.kernel.requests import ISSUED, REDEMPTION_MEMORY
from chaincode.spec.kernel.settling import NETTING, statements_done
from chaincode.spec.kernel.state import View
from chaincode.spec.operations import OPERATIONS
from chaincode.spec.queries import QUERIES

NAMES = list(PEOPLE)
MSPS = list(MERCHANTS)
CLASS_IDS = list(CLASSES)
CARDS = [hashlib.sha256(f"card {number}".encode()).hexdigest() for number in range(4)]
SLICES = (0, 1, GUEST_SHARD, REFUND_SHARD, REFUND_SHARD + 1, REFUND_SHARD + GUEST_SHARD)
"""The slices of a limit that are used, as all is done in two lanes."""
DISPUTE_REASONS = ("FRAUD", "NOT_RECEIVED", "DUPLICATE", "AMOUNT", "CANCELLED", "EXPIRED")
STATUSES = ("ACTIVE", "ISSUE_STOPPED", "SUSPENDED", "RUN_OFF", "RUN_OFF", "EXITED")
TOKEN_METHODS = (*erc20.READS, *erc20.WRITES, "Burn")
SLIPS = ("", "0", "-", ".5", "e1", " ", ",", '"', "{", "]", "null", "\\", "\\u0000", "\x00", "é", "分")
"""What comes in the place of one character of an argument."""


@dataclass(frozen=True)
class Step:
    """One draw: which kind of operation, and numbers from which its parts are picked."""

    kind: int
    a: int
    b: int
    c: int
    points: int
    odd: int


@dataclass(frozen=True)
class Call:
    """What is invoked: by whom, with which function and arguments."""

    speaker: Speaker
    function: str
    arguments: list[bytes]


class Actor:
    """Makes calls in a world. Same steps, same calls."""

    def __init__(self, world: World, *, numbered_from: int = 0) -> None:
        """`numbered_from`: where the numbers in its request ids begin, which keeps those of two actors apart."""
        self.world = world
        self._count = numbered_from
        self._begun = False
        self._entries: list[Json] = []
        self._swept: list[str] = []
        self._kinds: list[Callable[[Step], tuple[str, str, Json, str]]] = [
            self._issue,
            self._issue,
            self._accrue,
            self._accrue,
            self._transfer,
            self._transfer,
            self._redeem,
            self._redeem,
            self._redeem,
            self._refund,
            self._hold,
            self._hold,
            self._capture,
            self._capture,
            self._release,
            self._exchange,
            self._approve,
            self._transfer_from,
            self._merge_accounts,
            self._reverse_issue,
            self._reverse_issue,
            self._expire,
            self._import_balances,
            self._withdraw,
            self._deposit,
            self._cut,
            self._close,
            self._accept,
            self._pay,
            self._confirm,
            self._reject,
            self._retract,
            self._confirm_unanswered,
            self._correct,
            self._correct,
            self._settle_on,
            self._default,
            self._set_acceptance_fee,
            self._deposit_collateral,
            self._withdraw_collateral,
            self._release_collateral,
            self._open_dispute,
            self._go_on_disputing,
            self._answer_dispute,
            self._escalate_dispute,
            self._withdraw_dispute,
            self._vote_dispute,
            self._resolve_dispute,
            self._set_limits,
            self._refill_limit,
            self._update_class,
            self._define_class,
            self._set_rate,
            self._member_status,
            self._enroll,
            self._move_home,
            self._rebind_member,
            self._confirm_rebind,
            self._confirm_rebind,
            self._object_rebind,
            self._complete_rebind,
            self._complete_rebind,
            self._complete_rebind,
            self._merchant_status,
            self._register,
            self._join,
            self._propose,
            self._propose,
            self._vote,
            self._vote,
            self._vote,
            self._sweep,
        ]
        self._owing: list[Callable[[Step], tuple[str, str, Json, str]]] = [
            self._issue,
            self._redeem,
            self._redeem,
            self._redeem,
            self._refund,
            self._refund,
            self._hold,
            self._capture,
            self._cut,
            self._settle_on,
            self._settle_on,
            self._settle_on,
            self._settle_on,
            self._pay,
            self._reject,
            self._retract,
            self._confirm_unanswered,
            self._correct,
            self._correct,
            self._default,
            self._deposit_collateral,
            self._withdraw_collateral,
            self._set_limits,
            self._refill_limit,
            self._refill_limit,
            self._sweep,
        ]
        """What makes merchants owe one another, bounds it and settles it: all there is in one sequence of three, as
        few others come to a window that is paid."""
        self._disputing: list[Callable[[Step], tuple[str, str, Json, str]]] = [
            self._issue,
            self._redeem,
            self._redeem,
            self._redeem,
            self._refund,
            self._cut,
            self._close,
            self._close,
            self._settle_on,
            self._open_dispute,
            self._open_dispute,
            self._open_dispute,
            self._open_dispute,
            *[self._go_on_disputing] * 8,
            self._withdraw_dispute,
            self._resolve_dispute,
            self._set_limits,
            self._refill_limit,
            self._sweep,
        ]
        """What disputes are about, and what becomes of them: as much."""

    def call(self, steps: list[Step]) -> Call:
        """One transaction of some steps: a batch by the first step's organisation, one operation by its name, a query,
        or an ERC-20 method."""
        first = steps[0]
        if not self._begun:
            self._begun = True
            self._kinds = (self._kinds, self._owing, self._disputing)[first.c % 3]
        if first.odd % 32 == 12:
            return self._token(first)
        if first.odd % 16 == 1:
            return self._query(first)
        made = [self._kinds[step.kind % len(self._kinds)](step) for step in steps]
        msp_id = made[0][0]
        entries = [
            self._entry(step, *parts[1:])
            for step, parts in zip(steps, made, strict=True)
            if parts[0] == msp_id or step.odd % 8 == 3
        ] or [self._entry(first, *made[0][1:])]
        by_admin = msp_id == "operator" or msp_id.startswith("new") or first.odd % 8 == 2
        by_admin = by_admin or any(parts[:2] in ((msp_id, "Propose"), (msp_id, "Vote")) for parts in made)
        speaker = Speaker(msp_id, "admin" if by_admin else "gateway")
        if first.odd % 32 == 3:
            speaker = Speaker(msp_id, ("cashier", "auditor", "marketing", "finance", "")[first.c % 5])
        if first.odd % 32 == 4:
            speaker = Speaker(msp_id, "", PEOPLE[NAMES[first.a % len(NAMES)]].public_key)
        if first.odd % 16 == 5:
            return Call(speaker, entries[0]["op"], [encode(entries[0])])
        argument = encode({"operations": entries, "shard": first.b % 2 if first.odd != 190 else 16})
        return Call(speaker, "Apply", [argument])

    def _token(self, step: Step) -> Call:
        """A method of a class's ERC-20 side, by someone's own certificate."""
        method = TOKEN_METHODS[step.kind % len(TOKEN_METHODS)]
        names = {**erc20.READS, **erc20.WRITES}.get(method, ())
        wrong = ("01", "-1", str(2**53), "x")[step.c % 4] if step.odd > 128 else None
        texts = {
            "account": PEOPLE[self._name(step.a)].address,
            "epoch": wrong if wrong and step.b % 2 else str(self._epoch(step.b)),
            "from": PEOPLE[self._name(step.a)].address,
            "owner": PEOPLE[self._name(step.a)].address,
            "spender": PEOPLE[self._name(step.b)].address,
            "to": PEOPLE[self._name(step.b)].address,
            "value": wrong if wrong and not step.b % 2 else str(step.points),
        }
        arguments = [texts[name].encode() for name in names][: None if step.c % 16 else 1]
        own = PEOPLE[self._name(step.c)].public_key
        return Call(Speaker(self._msp(step.c), "", own), f"{self._class(step.a)}:{method}", arguments)

    def _entry(self, step: Step, op: str, args: Json, member: str) -> Json:
        self._count += 1
        if step.odd % 24 == 6 and self._entries:
            return self._entries[step.a % len(self._entries)]
        request_id = f"r{self._count}" if step.odd % 24 != 7 else f"r{step.a}"
        if step.odd % 24 == 13 or (op == "Redeem" and step.odd % 4 == 2):
            request_id = self._name_at(op, args, PEOPLE[member].address if member else "", step.a) or request_id
        if step.odd % 24 == 8 and args:
            name = sorted(args)[step.b % len(args)]
            args = {**args, name: (None, -1, "x", [], {"y": 1}, 2**53 - 1, True)[step.c % 7]}
        entry = {"args": args, "op": op, "request_id": request_id, "valid_until": self.world.now + DAY}
        if step.odd % 48 == 9:
            entry["valid_until"] = self.world.now - 1 + (step.a % 3) * 8 * DAY
        if member and step.odd % 48 != 10:
            entry = PEOPLE[member].authorise(entry, ELSEWHERE if step.odd % 48 == 12 else PLACE)
        if step.odd % 48 == 11 and member:
            entry = {**entry, "request_id": entry["request_id"] + "x"}
        self._entries.append(entry)
        return entry

    def _query(self, step: Step) -> Call:
        name = sorted(QUERIES)[step.kind % len(QUERIES)]
        fields = {
            "account": PEOPLE[self._name(step.a)].address,
            "acceptor_msp": self._msp(step.b),
            "address": PEOPLE[self._name(step.a)].address,
            "authoriser": PEOPLE[self._name(step.a)].address if step.c % 2 else self._msp(step.b),
            "class_id": self._class(step.c),
            "from_class_id": self._class(step.a),
            "hold_id": self._one("hold/", step.a),
            "proposal_id": self._one("proposal/", step.a),
            "issuer_msp": self._msp(step.a),
            "msp_id": self._msp(step.a),
            "owner": PEOPLE[self._name(step.a)].address,
            "redemption_id": self._one("redemption/", step.a),
            "request_id": f"r{step.b}",
            "rows": step.points % 5 + 1,
            "spender": PEOPLE[self._name(step.b)].address,
            "status": ("INQUIRY", "CONTESTED", "UPHELD", "WITHDRAWN")[step.b % 4],
            "to_class_id": self._class(step.b),
            "window_id": step.a % 4 + 1,
        }
        if name == "GetIssuance":
            fields["account"], fields["issuance_id"], _ = self._issued(self._class(step.c), step.b)
        if name == "GetDispute":
            about = self._one("dispute/", step.a).split("/")
            fields["redemption_id"], fields["issuer_msp"] = "/".join(about[:2]), about[-1]
        if name == "ListLimits" and step.points % 2:
            fields["after"] = self._msp(step.c)
        if name == "GetReceipt" and step.points % 4:
            fields["about"], fields["authoriser"], fields["request_id"] = self._remembered(step.b)
        args = {field: fields[field] for field in QUERIES[name].arguments if field in fields}
        return Call(Speaker(self._msp(step.b)), name, [] if step.points % 8 == 7 else [encode(args)])

    def _name(self, number: int) -> str:
        return NAMES[number % len(NAMES)]

    def _msp(self, number: int) -> str:
        return MSPS[number % len(MSPS)]

    def _class(self, number: int) -> str:
        return CLASS_IDS[number % len(CLASS_IDS)]

    def _some(self, number: int) -> list[str]:
        """A selection of classes, never empty."""
        return [class_id for place, class_id in enumerate(CLASS_IDS) if number >> place & 1] or [self._class(number)]

    def _one(self, prefix: str, number: int) -> str:
        """What stands behind the prefix in one of the keys; something that is not there where there is none."""
        found = [key[len(prefix) :] for key in self.world.state.values if key.startswith(prefix)]
        return sorted(found)[number % len(found)] if found else "harbor/none"

    def _memories(self) -> list[tuple[str, Json]]:
        """All that is remembered of requests, each with the key of what it is about."""
        found: list[tuple[str, Json]] = []
        for key, value in sorted(self.world.state.values.items()):
            noun, _, rest = key.partition("/")
            document = json.loads(value)
            if noun == "balance":
                found += [(key, entry) for entry in document[3]]
            elif noun == "redemption":
                found += [(key, entry) for entry in document[REDEMPTION_MEMORY][0]]
            elif noun == "hold":
                found += [(key, entry) for entry in document["memory"][0]]
            elif noun == "memory":
                place, requester = "/".join(rest.split("/")[:3]), "/".join(rest.split("/")[3:])
                found.append((place, [requester, *document]))
        return found

    def _remembered(self, number: int) -> tuple[str, str, str]:
        """(about, authoriser, request_id) of one of the requests remembered."""
        found = [(place, *entry[0].split("/")[:2]) for place, entry in self._memories()]
        return found[number % len(found)] if found else (f"hold/{self._msp(number)}/none", self._msp(number), "none")

    def _name_at(self, op: str, args: Json, address: str, number: int) -> str:
        """The name of a request of the same member, or of an organisation, about the same, of which something is
        remembered; for what makes a redemption or hold, the name of a redemption that a sweep named. Nothing where
        there is none."""
        about = getattr(OPERATIONS.get(op), "about", None)
        place = about(args, address, "") if about else ""
        if place.endswith("/"):
            made = [name.split("/") for name in self._swept]
            requests = [request for authoriser, request in made if authoriser == address or not address]
            return requests[number % len(requests)] if requests else ""
        requesters = [entry[0].split("/") for where, entry in self._memories() if where == place]
        found = [names[1] for names in requesters if (names[0] == address if address else names[0] in MSPS)]
        return str(found[number % len(found)]) if found else ""

    def _oldest_redemption(self) -> str:
        """The one that was redeemed first; something that is not there where there is none."""
        found = [
            (json.loads(value)[REDEMPTION_FIELDS.index("redeemed_on")], key.removeprefix("redemption/"))
            for key, value in self.world.state.values.items()
            if key.startswith("redemption/")
        ]
        return min(found)[1] if found else "harbor/none"

    def _issued(self, class_id: str, number: int) -> tuple[str, str, int]:
        """(account, issuance_id, points left) of one of the issuances of a class that are remembered."""
        found = []
        for place, entry in self._memories():
            if place.startswith(f"balance/{class_id}/") and entry[ISSUED] is not None:
                _, request_id, *index = entry[0].split("/")
                found.append((place.split("/")[2], f"{request_id}.{index[0] if index else 0}", entry[ISSUED][0]))
        return found[number % len(found)] if found else (PEOPLE["alice"].address, "none.0", 0)

    def _epoch(self, number: int) -> int:
        """A last day, or month, near one that some points have."""
        days = [
            bucket[0]
            for key, entry in self.world.state.values.items()
            if key.startswith("balance/")
            for bucket in json.loads(entry)[0]
        ]
        day = sorted(days, key=str)[number % len(days)] if days else None
        return INTEGER_MAX if day is None else day if number % 3 else month_number(day)

    def _document(self, key: str) -> Json:
        data = self.world.state.values.get(key)
        return None if data is None else json.loads(data)

    def _debt(self, class_id: str, address: str) -> int:
        return int((self._document(f"balance/{class_id}/{address}") or [[], [], 0])[2])

    def _free(self, class_id: str, name: str) -> int:
        buckets, *_ = self._document(f"balance/{class_id}/{PEOPLE[name].address}") or [[], [], 0]
        return sum(points - held for expires, points, held in buckets if expires is None or expires >= self._today())

    def _today(self) -> int:
        return day_at(self.world.now, self._document("consortium")["time_zone"])

    def _window(self) -> int:
        return int(self._document("current_window")["window_id"])

    def _issue(self, step: Step) -> tuple[str, str, Json, str]:
        class_id = self._class(step.a)
        args: Json = {"address": PEOPLE[self._name(step.b)].address, "class_id": class_id, "points": step.points + 1}
        if step.c % 4 == 0:
            args["available_on"] = f"2026-{step.c % 12 + 1:02}-15"
        elif step.c % 4 == 1:  # as many as there were: what is owed is paid to the last point, or not quite
            args["points"] = max(self._debt(class_id, args["address"]) + step.points % 3 - 1, 1)
        return CLASSES[class_id][0], "Issue", args, ""

    def _accrue(self, step: Step) -> tuple[str, str, Json, str]:
        class_id = self._class(step.a)
        args = {
            "address": PEOPLE[self._name(step.b)].address,
            "amount_minor": step.points * 37,
            "class_id": class_id,
        }
        return CLASSES[class_id][0], "Accrue", args, ""

    def _transfer(self, step: Step) -> tuple[str, str, Json, str]:
        recipients = [
            {"address": PEOPLE[self._name(step.b + place)].address, "points": step.points // (place + 1)}
            for place in range(step.c % 3 + 1)
        ]
        if step.odd % 8 == 7:  # all that there is, and what is clawed back later is owed
            recipients = [{**recipients[0], "points": self._free(self._class(step.a), self._name(step.a))}]
        args: Json = {"class_id": self._class(step.a), "recipients": recipients}
        if step.odd % 4 == 2:
            args["epoch"] = self._epoch(step.b)
        return self._msp(step.c), "Transfer", args, self._name(step.a)

    def _redeem(self, step: Step) -> tuple[str, str, Json, str]:
        acceptor = self._msp(step.b)
        args = {
            "acceptor_msp": acceptor,
            "class_ids": self._some(step.c),
            "order_ref": "order",
            "points": step.points + 1,
        }
        return acceptor, "Redeem", args, self._name(step.a)

    def _refund(self, step: Step) -> tuple[str, str, Json, str]:
        redemption_id = self._one("redemption/", step.a)
        found = redemption_of(self._document(f"redemption/{redemption_id}"), redemption_id)
        args: Json = {"redemption_id": redemption_id}
        if step.b % 2:
            args["points"] = step.points % 40 + 1
        return found["acceptor_msp"] if found else "harbor", "Refund", args, ""

    def _hold(self, step: Step) -> tuple[str, str, Json, str]:
        args = {
            "acceptor_msp": self._msp(step.b),
            "class_ids": self._some(step.c),
            "expires_at": self.world.now + (step.a % 40) * DAY + 60,
            "order_ref": "till",
            "points": step.points + 1,
        }
        return self._msp(step.c), "Hold", args, self._name(step.a)

    def _hold_id(self, step: Step) -> str:
        """Mostly of a hold that is still open, if there is one."""
        values = self.world.state.values
        holds = sorted(key.removeprefix("hold/") for key in values if key.startswith("hold/"))
        still = [hold_id for hold_id in holds if self._document(f"hold/{hold_id}")["status"] == "RESERVED"]
        return still[step.a % len(still)] if still and step.points % 8 else self._one("hold/", step.a)

    def _capture(self, step: Step) -> tuple[str, str, Json, str]:
        hold_id = self._hold_id(step)
        found = self._document(f"hold/{hold_id}")
        args: Json = {"hold_id": hold_id}
        if step.b % 2:
            args["points"] = step.points % 60 + 1
        return found["acceptor_msp"] if found else "harbor", "Capture", args, ""

    def _release(self, step: Step) -> tuple[str, str, Json, str]:
        hold_id = self._hold_id(step)
        return self._msp(step.b), "Release", {"hold_id": hold_id}, self._name(step.c) if step.c % 2 else ""

    def _exchange(self, step: Step) -> tuple[str, str, Json, str]:
        given, received = self._class(step.a), self._class(step.b)
        rate = self._document(f"rate/{given}/{received}")
        args = {
            "from_class_id": given,
            "points": step.points + 1,
            "rate_version": rate["version"] if rate else 1,
            "terms_hash": self.world.terms(received) if step.odd % 16 != 14 else "0" * 64,
            "to_class_id": received,
        }
        return CLASSES[received][0], "Exchange", args, self._name(step.c)

    def _approve(self, step: Step) -> tuple[str, str, Json, str]:
        args: Json = {
            "class_id": self._class(step.a),
            "points": step.points,
            "spender": PEOPLE[self._name(step.b)].address,
        }
        if step.c % 4 == 0:
            args["expected_points"] = 0
        return self._msp(step.c), "Approve", args, self._name(step.c)

    def _transfer_from(self, step: Step) -> tuple[str, str, Json, str]:
        found = self._one("allowance/", step.a).split("/")
        owner = found[1] if len(found) == 3 else PEOPLE["alice"].address
        class_id = found[0] if len(found) == 3 else "north"
        spender = next((name for name in NAMES if PEOPLE[name].address == found[-1]), self._name(step.c))
        args = {
            "class_id": class_id,
            "owner": owner,
            "points": step.points % 50,
            "recipient": PEOPLE[self._name(step.b)].address,
        }
        if step.odd % 4 == 2:
            args["epoch"] = self._epoch(step.b)
        return self._msp(step.c), "TransferFrom", args, spender

    def _merge_accounts(self, step: Step) -> tuple[str, str, Json, str]:
        source, target = self._name(step.a), self._name(step.b)
        until = self.world.now + DAY + (step.odd % 16 == 15)
        proved = PEOPLE[target].merging(
            PEOPLE[source].address,
            self._some(step.c),
            f"r{self._count + 1}",
            until,
            PLACE if step.points % 8 else ELSEWHERE,
        )
        return self._msp(step.c), "MergeAccounts", proved, source

    def _reverse_issue(self, step: Step) -> tuple[str, str, Json, str]:
        class_id = self._class(step.a)
        account, issuance_id, left = self._issued(class_id, -1 - step.b % 8 if step.c % 4 else step.b)
        args = {
            "account": account if step.c % 8 else PEOPLE[self._name(step.c)].address,
            "class_id": class_id,
            "issuance_id": issuance_id,
            "points": left if left and step.c % 2 else step.points % 50 + 1,
            "reason": "returned",
        }
        return CLASSES[class_id][0], "ReverseIssue", args, ""

    def _expire(self, step: Step) -> tuple[str, str, Json, str]:
        accounts = [PEOPLE[name].address for name in NAMES] + [f"legacy:{card}" for card in CARDS]
        return self._msp(step.b), "Expire", {"accounts": accounts, "class_id": self._class(step.a)}, ""

    def _import_balances(self, step: Step) -> tuple[str, str, Json, str]:
        class_id = self._class(step.a)
        rows: list[Json] = [
            {"points": step.points + place + 1, "reference_hash": CARDS[(step.b + place) % len(CARDS)]}
            for place in range(step.c % 2 + 1)
        ]
        if step.c % 8 == 0:
            rows[0]["expires_on"] = f"2026-{step.points % 12 + 1:02}-28"
        args = {"class_id": class_id, "control_total_points": sum(row["points"] for row in rows), "entries": rows}
        return CLASSES[class_id][0], "ImportBalances", args, ""

    def _withdraw(self, step: Step) -> tuple[str, str, Json, str]:
        class_id, key = self._class(step.a), PEOPLE[self._name(step.c)]
        asked = (class_id, CARDS[step.b % len(CARDS)], step.points % 30 + 1)
        args = key.withdrawal(*asked, f"r{self._count + 1}", self.world.now + DAY, PLACE)
        return CLASSES[class_id][0], "WithdrawToWallet", args, ""

    def _deposit(self, step: Step) -> tuple[str, str, Json, str]:
        class_id = self._class(step.a)
        args = {
            "class_id": class_id,
            "points": step.points % 30 + 1,
            "reference_hash": CARDS[step.b % len(CARDS)],
        }
        return CLASSES[class_id][0], "DepositFromWallet", args, self._name(step.c)

    def _cut(self, step: Step) -> tuple[str, str, Json, str]:
        return "operator", "CutWindow", {"window_id": self._window() - (step.a % 8 == 0)}, ""

    def _close(self, step: Step) -> tuple[str, str, Json, str]:
        return "operator", "CloseWindow", {"window_id": max(self._window() - 1 - (step.a % 3 == 0), 1)}, ""

    def _accept(self, step: Step) -> tuple[str, str, Json, str]:
        window_id = max(self._window() - 1 - step.a % 3, 1)
        msp_id = self._msp(step.b)
        found = self._document(f"statement/{window_id:08d}/{msp_id}")
        args = {"sha256": found["sha256"] if found else "0" * 64, "window_id": window_id}
        return msp_id, "AcceptStatement", args, ""

    def _payment(self, step: Step) -> tuple[Json, Json]:
        """What names a payment, mostly of the first window that is not settled, and the payment, empty where there is
        none."""
        unsettled = self._document("current_window")["unsettled"]
        window_id = unsettled[0] if unsettled and step.a % 4 else max(self._window() - 1 - step.a % 3, 1)
        found = (self._document(f"window/{window_id:08d}") or {}).get("payments")
        if not found:
            return {"payee_msp": self._msp(step.b), "payer_msp": self._msp(step.a), "window_id": window_id}, {}
        payment = found[step.b % len(found)]
        return {name: payment[name] for name in ("payee_msp", "payer_msp")} | {"window_id": window_id}, payment

    def _remittance(self, step: Step, status: str) -> Json:
        """What names something that is recorded of a payment, in a status where there is such a one."""
        named, payment = self._payment(step)
        recorded = payment.get("remittances", ())
        wanted = [one for one in recorded if one["status"] == status and step.c % 8] or recorded
        return {**named, "reference": wanted[step.c // 8 % len(wanted)]["reference"] if wanted else "b0"}

    def _pay(self, step: Step) -> tuple[str, str, Json, str]:
        named, payment = self._payment(step)
        args = {**named, "reference": f"b{step.points % 8}"}
        if step.c % 3:
            args["amount_minor"] = max(payment.get("due_minor", 1) // (step.points % 3 + 1) + (step.c % 16 == 5), 1)
        return args.pop("payer_msp"), "RecordPayment", args, ""

    def _confirm(self, step: Step) -> tuple[str, str, Json, str]:
        args = self._remittance(step, "PAID")
        return args.pop("payee_msp"), "ConfirmPayment", args, ""

    def _reject(self, step: Step) -> tuple[str, str, Json, str]:
        args = {**self._remittance(step, "PAID"), "reason": "NOT_RECEIVED" if step.points % 2 else "RETURNED"}
        return args.pop("payee_msp"), "RejectPayment", args, ""

    def _retract(self, step: Step) -> tuple[str, str, Json, str]:
        args = self._remittance(step, "PAID")
        return args.pop("payer_msp"), "RetractPayment", args, ""

    def _confirm_unanswered(self, step: Step) -> tuple[str, str, Json, str]:
        speaker = self._msp(step.points) if step.points % 8 else "operator"
        return speaker, "ConfirmUnanswered", self._remittance(step, "PAID"), ""

    def _default(self, step: Step) -> tuple[str, str, Json, str]:
        """Of whom something may be due."""
        named, _ = self._payment(step)
        msp_id, speaker = named["payer_msp"], "operator" if step.points % 4 else self._msp(step.c)
        args = {"msp_id": msp_id, "window_id": named["window_id"]}
        if (self._document(f"merchant/{msp_id}") or {}).get("status") != "RUN_OFF" or step.c % 16 == 0:
            days = RUN_OFF_DAYS_MIN + step.points % 3 - step.c % 8 // 7
            args["run_off_until"] = day_of(self.world.now + days * DAY, consortium_args()["time_zone"])
        return speaker, "DeclareDefault", args, ""

    def _correct(self, step: Step) -> tuple[str, str, Json, str]:
        """Mostly what the other side asks for, where one does."""
        args = self._remittance(step, "CONFIRMED")
        recorded = self._payment(step)[1].get("remittances", ())
        standing: Json = next(
            (one for one in recorded if one["reference"] == args["reference"] and not one["ended_at"]), {}
        )
        asked = standing.get("correction") if step.points % 8 else None
        speaker = args["payer_msp"] if step.points % 2 else args["payee_msp"]
        if asked is None:
            right = step.points % 4 * standing.get("amount_minor", 1) // 3
            more = {"right_reference": f"b{step.points % 8}"} if step.odd % 4 == 0 else {}
            return speaker, "CorrectPayment", {**args, **more, "amount_minor": right}, ""
        if step.points % 16 != 15:
            speaker = args["payer_msp"] if asked["asked_by"] == args["payee_msp"] else args["payee_msp"]
        right = {"amount_minor": asked["amount_minor"], "right_reference": asked["reference"]}
        return speaker, "CorrectPayment", {**args, **right}, ""

    def _settle_on(self, step: Step) -> tuple[str, str, Json, str]:
        """What the first window that is not settled waits for; so that some are settled in every sequence, and others
        not."""
        unsettled = self._document("current_window")["unsettled"]
        if not unsettled:
            return self._cut(step)
        window_id = unsettled[0]
        window = self._document(f"window/{window_id:08d}")
        if window["status"] != "CLOSED":
            return "operator", "CloseWindow", {"window_id": window_id}, ""
        for net in window["net"]:
            statement = self._document(f"statement/{window_id:08d}/{net['msp_id']}")
            if statement["status"] == "PENDING":
                accepted = {"sha256": statement["sha256"], "window_id": window_id}
                return net["msp_id"], "AcceptStatement", accepted, ""
        payment = next(one for one in window["payments"] if one["status"] != "CONFIRMED")
        named = {"payee_msp": payment["payee_msp"], "payer_msp": payment["payer_msp"], "window_id": window_id}
        waiting = next((one for one in payment["remittances"] if one["status"] == "PAID"), None)
        if waiting is None:
            part = {"amount_minor": payment["due_minor"] // 2 + 1} if step.points % 2 else {}
            recorded = {**named, **part, "reference": f"b{step.points}"}
            return recorded.pop("payer_msp"), "RecordPayment", recorded, ""
        named["reference"] = waiting["reference"]
        if self.world.now > waiting["confirm_by"] and step.c % 2:
            return "operator", "ConfirmUnanswered", named, ""
        return named.pop("payee_msp"), "ConfirmPayment", named, ""

    def _open_dispute(self, step: Step) -> tuple[str, str, Json, str]:
        """Mostly of what is owed and not disputed, and more often of a window that is netted, where there is one."""
        redemption_id, issuer = self._one("redemption/", step.a), self._msp(step.b)
        if step.c % 8:
            every, netted = self._disputable(netted=False), self._disputable(netted=True)
            if not every:
                return self._redeem(step)
            if not netted and step.points % 4 < 2:
                return self._net_on(step)
            found = netted or every
            redemption_id, issuer = found[step.a % len(found)]
        args: Json = {
            "evidence_sha256": CARDS[step.b % len(CARDS)],
            "reason": DISPUTE_REASONS[step.points % len(DISPUTE_REASONS)],
            "redemption_id": redemption_id,
        }
        if step.b % 2:
            args["amount_minor"] = step.points % 20 + 1
        return issuer, "OpenDispute", args, ""

    def _net_on(self, step: Step) -> tuple[str, str, Json, str]:
        """Nets the first window that is not; cuts one where there is none."""
        for window_id in self._document("current_window")["unsettled"]:
            if self._document(keys.window(window_id))["status"] in NETTING:
                return "operator", "CloseWindow", {"window_id": window_id}, ""
        return self._cut(step)

    def _disputable(self, *, netted: bool) -> list[tuple[str, str]]:
        """What some issuer owes of a redemption and did not dispute: the redemption's id, and the issuer."""
        closed = {
            window["window_id"]
            for window in (self._document(key) for key in self.world.state.values if key.startswith("window/"))
            if window["status"] == "CLOSED" and not statements_done(window, self.world.now)
        }
        found = []
        for key in sorted(key for key in self.world.state.values if key.startswith("redemption/")):
            redemption = redemption_of(self._document(key), key.removeprefix("redemption/"))
            issuers = {draw["issuer_msp"] for draw in redemption["draws"]} - {redemption["acceptor_msp"]}
            if not netted or redemption["window_id"] in closed:
                found += [(redemption["redemption_id"], issuer) for issuer in sorted(issuers)]
        return [one for one in found if keys.dispute(*one) not in self.world.state.values]

    def _go_on_disputing(self, step: Step) -> tuple[str, str, Json, str]:
        """What one of the open disputes waits for; to open one where there is none."""
        stages = [one["status"] for one in self._disputes() if one["closed_at"] is None]
        if not stages:
            return self._open_dispute(step)
        ways = {
            "INQUIRY": self._answer_dispute,
            "CONTESTED": self._escalate_dispute,
            "DISPUTED": self._answer_dispute,
            "VOTING": self._vote_dispute,
        }
        return ways[stages[step.a % len(stages)]](step)

    def _nothing_disputed(self, step: Step) -> bool:
        return bool(step.c % 8) and not self._disputes()

    def _disputes(self) -> list[Json]:
        found = sorted(key for key in self.world.state.values if key.startswith("dispute/"))
        return [self._document(key) for key in found]

    def _dispute(self, step: Step, *stages: str) -> Json:
        """One of the disputes, mostly one at such a stage; what is not there where there is none."""
        found = self._disputes()
        waiting = [one for one in found if one["status"] in stages]
        chosen = waiting if waiting and step.c % 8 else found
        nothing = {
            "acceptor_msp": self._msp(step.b),
            "issuer_msp": self._msp(step.c),
            "redemption_id": "harbor/none",
            "voters": MSPS,
        }
        return chosen[step.a % len(chosen)] if chosen else nothing

    def _answer_dispute(self, step: Step) -> tuple[str, str, Json, str]:
        if self._nothing_disputed(step):
            return self._open_dispute(step)
        dispute = self._dispute(step, "INQUIRY", "DISPUTED")
        args = _about(dispute) | {"answer": "CONCEDE" if step.points % 8 == 0 else "CONTEST"}
        if step.points % 16:
            args["evidence_sha256"] = CARDS[step.b % len(CARDS)]
        return dispute["acceptor_msp"] if step.c % 16 != 15 else self._msp(step.b), "AnswerDispute", args, ""

    def _escalate_dispute(self, step: Step) -> tuple[str, str, Json, str]:
        if self._nothing_disputed(step):
            return self._open_dispute(step)
        dispute = self._dispute(step, "CONTESTED")
        args = {"evidence_sha256": CARDS[step.b % len(CARDS)], "redemption_id": dispute["redemption_id"]}
        return dispute["issuer_msp"] if step.c % 16 != 15 else self._msp(step.b), "EscalateDispute", args, ""

    def _withdraw_dispute(self, step: Step) -> tuple[str, str, Json, str]:
        if self._nothing_disputed(step):
            return self._open_dispute(step)
        dispute = self._dispute(step, "INQUIRY", "CONTESTED", "DISPUTED", "VOTING")
        return dispute["issuer_msp"], "WithdrawDispute", {"redemption_id": dispute["redemption_id"]}, ""

    def _vote_dispute(self, step: Step) -> tuple[str, str, Json, str]:
        if self._nothing_disputed(step):
            return self._open_dispute(step)
        dispute = self._dispute(step, "VOTING")
        voters = dispute["voters"] if dispute["voters"] and step.c % 16 != 15 else MSPS
        args = _about(dispute) | {"vote": ("UPHOLD", "REJECT", "SPLIT")[step.points % 3]}
        return voters[step.b % len(voters)], "VoteDispute", args, ""

    def _resolve_dispute(self, step: Step) -> tuple[str, str, Json, str]:
        if self._nothing_disputed(step):
            return self._open_dispute(step)
        dispute = self._dispute(step, "INQUIRY", "CONTESTED", "DISPUTED", "VOTING")
        return ("operator", dispute["issuer_msp"], self._msp(step.b))[step.b % 3], "ResolveDispute", _about(dispute), ""

    def _used(self, issuer: str, acceptor: str) -> dict[int, int]:
        """What is used of each slice of a pair's limit."""
        view, window = View(self.world.state), self._document("current_window")
        slices = exposure.slices(view, issuer, acceptor)
        return {shard: exposure.used(view, window, issuer, acceptor, shard) for shard in slices}

    def _set_limits(self, step: Step) -> tuple[str, str, Json, str]:
        issuer = self._msp(step.a)
        acceptors = [self._msp(step.a + 1 + place) for place in range(step.b % 2 + 1)]
        used = sum(self._used(issuer, acceptors[0]).values())
        amounts = (used, used + 1, max(used - 1, 0), step.points * 100_000, step.points * 20_000_000, 0)
        cap, cover = amounts[step.b // 2 % len(amounts)], amounts[step.c // 4 % len(amounts)]
        args = {"issuer_msp": issuer, "limits": grants(issuer, cap, cover, *acceptors)}
        return issuer if step.c % 16 != 15 else self._msp(step.b), "SetLimits", args, ""

    def _set_acceptance_fee(self, step: Step) -> tuple[str, str, Json, str]:
        issuer, acceptor = self._msp(step.a), self._msp(step.a + 1 + step.b % 2)
        args = {"acceptor_msp": acceptor, "basis_points": step.points % 4 * 2_501, "issuer_msp": issuer}
        return (issuer, acceptor, self._msp(step.b))[step.c % 3], "SetAcceptanceFee", args, ""

    def _account(self, step: Step) -> tuple[str, str, Json]:
        """A merchant, one of its accounts, and what stands in it."""
        msp_id, account = self._msp(step.a), "FUND" if step.b % 4 == 3 else "COVER"
        nothing = {"posted_millionths": 0, "returning_millionths": 0}
        return msp_id, account, self._document(f"{account.lower()}/{msp_id}") or nothing

    def _deposit_collateral(self, step: Step) -> tuple[str, str, Json, str]:
        msp_id, account, _ = self._account(step)
        args = deposit(msp_id, step.points * 400_000_000, account)
        return "operator" if step.points % 16 else msp_id, "DepositCollateral", args, ""

    def _withdraw_collateral(self, step: Step) -> tuple[str, str, Json, str]:
        """All that is free, one more, or any amount."""
        msp_id, account, booked = self._account(step)
        most = max(free(booked) + booked["returning_millionths"], 0)
        asked = (most, most + 1, most // 2, step.points * 400_000_000)[step.c % 4]
        return msp_id, "WithdrawCollateral", {"account": account, "amount_millionths": asked}, ""

    def _release_collateral(self, step: Step) -> tuple[str, str, Json, str]:
        msp_id, account, booked = self._account(step)
        answered = max(booked["returning_millionths"] + (step.c % 8 == 7), 1)
        args = {**deposit(msp_id, answered, account), "approve": step.points % 4 != 0}
        return "operator", "ReleaseCollateral", args, ""

    def _refill_limit(self, step: Step) -> tuple[str, str, Json, str]:
        issuer, acceptor = self._msp(step.a), self._msp(step.a + 1 + step.b % 2)
        source, target = SLICES[step.c % len(SLICES)], SLICES[(step.c // 6 + step.b // 6) % len(SLICES)]
        if step.points % 4:
            source = max(self._used(issuer, acceptor), default=source) if step.points % 4 == 1 else source % 2
        args = refill(issuer, acceptor, target, step.points * 1000, source)
        slice_ = self._document(keys.limit(issuer, acceptor, source))
        if slice_ and step.b % 8 < 2:  # all of the cover that is not used, or a little more
            unused = max(slice_["cover_millionths"] - self._used(issuer, acceptor)[source], 0)
            args = {**args, "cap_millionths": 0, "cover_millionths": unused + step.b // 8 % 2}
        elif step.points % 3 == 0:
            args["cover_millionths"] //= 2
        speaker = (acceptor, acceptor, issuer, self._msp(step.c))[step.b // 2 % 4]
        return speaker, "RefillLimit", args, ""

    def _update_class(self, step: Step) -> tuple[str, str, Json, str]:
        class_id = self._class(step.a)
        changes: tuple[Json, ...] = (
            {"name": "新名字"},
            {"accepted_by": [self._msp(step.b), self._msp(step.b + 1)]},
            {"all_accept": True},
            {"status": "STOPPED" if step.c % 4 == 0 else "ACTIVE"},
            {"enrolled_only": step.c % 4 == 0},
            {"transferable": step.c % 4 != 0},
            {"validity": {"days": step.points % 60, "kind": "DAYS"}},
            {"validity": {"kind": "MONTH_END", "months": step.points % 14}},
            {"validity": {"kind": "NEVER"}},
            {"debt": step.c % 4 != 0},
            {"waiting_days": step.points % 5},
            {"grace_days": step.points % 9},
            {"clawback_days": step.points % 40},
            {
                "earn_rate": {
                    "amount_minor": step.points % 7 + 1,
                    "points": step.points % 4,
                    "rounding": ("STEPS", "DOWN", "HALF_UP")[step.c % 3],
                }
            },
        )
        return CLASSES[class_id][0], "UpdateClass", {"class_id": class_id, **changes[step.b % len(changes)]}, ""

    def _define_class(self, step: Step) -> tuple[str, str, Json, str]:
        return self._msp(step.a), "DefineClass", class_args(f"extra{step.b % 3}", step.points, **self._days(step)), ""

    def _days(self, step: Step) -> Json:
        """What may be left out of a class, or not."""
        days = {"clawback_days": step.points * 2, "debt": True, "grace_days": step.c, "waiting_days": None}
        return {name: value for place, (name, value) in enumerate(days.items()) if step.c >> place & 1}

    def _set_rate(self, step: Step) -> tuple[str, str, Json, str]:
        received = self._class(step.b)
        args = {
            "active": step.c % 5 != 0,
            "denominator": step.c % 7 + 1,
            "from_class_id": self._class(step.a),
            "numerator": step.points % 9 + 1,
            "to_class_id": received,
        }
        return CLASSES[received][0], "SetRate", args, ""

    def _member_status(self, step: Step) -> tuple[str, str, Json, str]:
        name = self._name(step.a)
        member = self._document(f"member/{PEOPLE[name].address}")
        status = "FROZEN" if step.c % 8 == 0 else "ACTIVE"
        home = member["home_msp"] if member else self._msp(step.b)
        return home, "SetMemberStatus", {"address": PEOPLE[name].address, "status": status}, ""

    def _enroll(self, step: Step) -> tuple[str, str, Json, str]:
        msp_id = self._msp(step.b)
        return msp_id, "EnrollMember", PEOPLE[self._name(step.a)].enrolment(msp_id, PLACE), ""

    def _move_home(self, step: Step) -> tuple[str, str, Json, str]:
        msp_id = self._msp(step.b)
        return msp_id, "MoveHome", {"home_msp": msp_id if step.c % 8 else self._msp(step.a)}, self._name(step.c)

    def _rebind_member(self, step: Step) -> tuple[str, str, Json, str]:
        enrolled = [name for name, key in PEOPLE.items() if f"member/{key.address}" in self.world.state.values]
        others = [name for name in NAMES if name not in enrolled]
        odd = step.points % 8 == 0
        lost = PEOPLE[self._name(step.a) if odd else enrolled[step.a % len(enrolled)]].address
        new = self._name(step.c) if odd or not others else others[step.c % len(others)]
        home = (self._document(f"member/{lost}") or {}).get("home_msp", self._msp(step.b))
        signed_for = self._msp(step.b) if step.points % 16 == 1 else home
        return home, "RebindMember", PEOPLE[new].rebinding(lost, signed_for, PLACE), ""

    def _rebound(self, step: Step) -> tuple[Json, Json]:
        """The addresses of a rebind that is asked for, with its document; or of an account and its successor."""
        found = [json.loads(data) for key, data in sorted(self.world.state.values.items()) if key.startswith("rebind/")]
        if step.c % 8:
            found = [one for one in found if one["lapses_at"] >= self.world.now]
        if found:
            asked = found[step.a % len(found)]
            return {name: asked[name] for name in ("address", "new_address")}, asked
        lost = PEOPLE[self._name(step.a)].address
        successor = (self._document(f"member/{lost}") or {}).get("successor")
        return {"address": lost, "new_address": successor or PEOPLE[self._name(step.b)].address}, {}

    def _confirm_rebind(self, step: Step) -> tuple[str, str, Json, str]:
        pair, asked = self._rebound(step)
        if not asked and step.c % 8:
            return self._rebind_member(step)
        others = [msp_id for msp_id in MSPS if msp_id != asked.get("home_msp")] if step.c % 8 else MSPS
        return others[step.b % len(others)], "ConfirmRebind", pair, ""

    def _object_rebind(self, step: Step) -> tuple[str, str, Json, str]:
        pair, asked = self._rebound(step)
        if step.b % 4 == 0:
            return asked.get("home_msp", self._msp(step.c)), "ObjectRebind", pair, ""
        lost = next(name for name, key in PEOPLE.items() if key.address == pair["address"])
        return self._msp(step.c), "ObjectRebind", pair, lost if step.b % 4 != 1 else self._name(step.b)

    def _complete_rebind(self, step: Step) -> tuple[str, str, Json, str]:
        pair, asked = self._rebound(step)
        if not asked and not self._document(f"member/{pair['new_address']}") and step.c % 8:
            return self._rebind_member(step)
        args = {**pair, "class_ids": self._some(step.c) if step.points % 8 else []}
        if step.b % 2:
            new = next((name for name, key in PEOPLE.items() if key.address == pair["new_address"]), "")
            return self._msp(step.a), "CompleteRebind", args, new
        return asked.get("home_msp", self._msp(step.b)), "CompleteRebind", args, ""

    def _merchant_status(self, step: Step) -> tuple[str, str, Json, str]:
        status = STATUSES[step.points % len(STATUSES)] if step.c % 4 == 0 else "ACTIVE"
        args = {"msp_id": self._msp(step.a), "status": status}
        if status == "RUN_OFF" or step.b % 16 == 0:
            days = RUN_OFF_DAYS_MIN + step.points % 8 - 1
            args["run_off_until"] = day_of(self.world.now + days * DAY, consortium_args()["time_zone"])
        return "operator", "SetMerchantStatus", args, ""

    def _register(self, step: Step) -> tuple[str, str, Json, str]:
        return "operator", "RegisterMerchant", {"msp_id": f"new{step.a % 3}", "name": "新商户"}, ""

    def _join(self, step: Step) -> tuple[str, str, Json, str]:
        if step.b % 8 == 7:
            return "operator", "SetMerchantStatus", {"msp_id": f"new{step.a % 3}", "status": "EXITED"}, ""
        return f"new{step.a % 3}" if step.b % 8 else self._msp(step.a), "JoinConsortium", {}, ""

    def _propose(self, step: Step) -> tuple[str, str, Json, str]:
        msp_id = f"new{step.a % 3}" if step.c % 4 == 0 else self._msp(step.a)
        merchant = self._document(f"merchant/{msp_id}")
        kind = "ADMIT" if step.c % 4 == 0 else "REINSTATE" if merchant["status"] == "SUSPENDED" else "SUSPEND"
        if step.points % 8 == 0:
            kind = ("ADMIT", "SUSPEND", "REINSTATE")[step.points // 8 % 3]
        args = {
            "expires_at": self.world.now + (step.points % 33) * DAY,
            "kind": kind,
            "msp_id": msp_id,
            "reason": "asked for",
        }
        if (kind == "ADMIT") != (step.odd % 16 == 15):
            args |= {"definition_hash": CARDS[step.b % len(CARDS)], "name": "新商户"}
        return "operator" if step.b % 4 else self._msp(step.b // 4), "Propose", args, ""

    def _vote(self, step: Step) -> tuple[str, str, Json, str]:
        proposals = [self._document(key) for key in sorted(self.world.state.values) if key.startswith("proposal/")]
        waiting = [one for one in proposals if one["status"] == "OPEN" and one["expires_at"] >= self.world.now]
        if not waiting and step.c % 8:
            return self._propose(step)
        nothing = {"proposal_id": f"ADMIT/new0/{self._msp(step.a)}/none", "voters": MSPS, "votes": []}
        found = waiting if step.c % 8 else proposals or [nothing]
        proposal = found[step.a % len(found)]
        proposal_id = proposal["proposal_id"]
        voted = {vote["msp_id"] for vote in proposal["votes"]}
        left = [one for one in proposal["voters"] if one not in voted]
        voters = left if left and step.points % 8 else MSPS
        voter = voters[step.b % len(voters)]
        return voter, "Vote", {"approve": step.points % 4 != 0, "proposal_id": proposal_id}, ""

    def _sweep(self, step: Step) -> tuple[str, str, Json, str]:
        receipts = [key.split("/")[1:] for key in self.world.state.values if key.startswith("receipt/")]
        spilled = self._one("memory/", step.b).split("/")
        named = [self._remembered(step.a), *([("/".join(spilled[:3]), *spilled[3:5])] if len(spilled) > 3 else [])]
        redemptions = [self._one("redemption/", step.b), self._oldest_redemption()]
        disputes = sorted(key for key in self.world.state.values if key.startswith("dispute/"))
        self._swept += redemptions
        args: Json = {
            "balances": [
                {"account": PEOPLE[self._name(number)].address, "class_id": self._class(step.c)}
                for number in range(step.a % 3)
            ],
            "disputes": [
                {"issuer_msp": key.split("/")[3], "redemption_id": "/".join(key.split("/")[1:3])}
                for key in disputes[:2]
            ],
            "holds": [self._one("hold/", step.a)],
            "memories": [dict(zip(("about", "authoriser", "request_id"), one, strict=True)) for one in named],
            "proposals": sorted(key[9:] for key in self.world.state.values if key.startswith("proposal/"))[:2],
            "receipts": [
                {"authoriser": authoriser, "request_id": request_id}
                for request_id, authoriser in (sorted(receipts)[step.b % len(receipts)],)
            ]
            if receipts
            else None,
            "redemptions": redemptions,
        }
        return self._msp(step.c), "Sweep", args, ""


def _about(dispute: Json) -> dict[str, Json]:
    return {name: dispute[name] for name in ("issuer_msp", "redemption_id")}


def slipped(call: Call, step: Step) -> Call:
    """Now and then the call with one character of its argument in another's place; mostly as it is."""
    if step.odd not in (188, 189) or not call.arguments:
        return call
    text = call.arguments[0].decode("utf-8")
    place = (step.a * 64 * 64 + step.b * 64 + step.kind) % len(text)
    altered = text[:place] + SLIPS[step.c % len(SLIPS)] + text[place + 1 :]
    return replace(call, arguments=[altered.encode("utf-8"), *call.arguments[1:]])
