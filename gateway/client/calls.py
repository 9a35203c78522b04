"""The calls of the client."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import httpx

from chaincode.signing import MemberKey
from chaincode.spec.kernel.signatures import SigningPlace
from gateway.client.problems import Problem, Unanswered
from gateway.ledger.request_ids import new_request_id

Json = Any
TRIES_MAX = 6
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 30.0
VALID_SECONDS = 3600


@dataclass(frozen=True)
class LineResult:
    """The outcome of one line of a bulk request: `receipt` when it was carried out, else `problem`. `unknown`: send it
    again."""

    line: int
    request_id: str | None
    receipt: dict[str, Json] | None
    problem: dict[str, Json] | None
    unknown: bool


class JifenClient:
    """A gateway, for one API key or session. Safe to use from several threads.

    A write has a request_id (made here when it is left out), and is sent again with it when no answer comes or when the
    gateway asks to come back: it is carried out once. Methods raise Problem when the gateway says no, Unanswered when
    it does not say anything.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        timeout_seconds: float = 30.0,
        tries_max: int = TRIES_MAX,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self.http = httpx.Client(
            base_url=base_url.rstrip("/"),
            headers=headers,
            timeout=timeout_seconds,
            transport=transport,
            trust_env=False,
        )
        self._tries_max = tries_max

    def close(self) -> None:
        """Closes the connections."""
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Any call of the API; `path` begins with a slash behind `/api/v1`. Tried again where that can do no harm: the
        request must be one that may be sent twice."""
        pause = FIRST_PAUSE_SECONDS
        for trial in range(1, self._tries_max + 1):
            try:
                response = self.http.request(method, f"/api/v1{path}", **more)
            except httpx.TransportError as error:
                if trial == self._tries_max:
                    raise Unanswered(f"{method} {path}: {error}") from error
                wait = pause
            else:
                if response.is_success:
                    return response
                problem = _problem(response)
                if trial == self._tries_max or problem.retry_after_seconds is None:
                    raise problem
                wait = problem.retry_after_seconds
            time.sleep(min(wait, LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1.0))
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        raise AssertionError("the last trial answered or raised")

    @cached_property
    def place(self) -> SigningPlace:
        """Where members' signatures must be good, as the gateway says. Raises as `request` does."""
        told = self.request("GET", "/ledger/authorities").json()
        return SigningPlace(told["channel"], told["chaincode"], told["network"])

    def submit(
        self,
        op: str,
        args: Mapping[str, Json],
        *,
        request_id: str | None = None,
        signed_by: MemberKey | None = None,
        dry_run: bool = False,
        timestamp: int | None = None,
        wait_seconds: float = 60.0,
    ) -> dict[str, Json]:
        """Carries out one operation of the ledger and gives its receipt, waiting through a 202. `signed_by` is the
        member who authorises it; `timestamp` dates it, on a replay network."""
        key = request_id or new_request_id()
        body: dict[str, Json] = {"args": dict(args)}
        if signed_by is not None:
            now = int(time.time()) if timestamp is None else timestamp
            operation = {"op": op, "args": dict(args), "request_id": key, "valid_until": now + VALID_SECONDS}
            signed = signed_by.authorise(operation, self.place)
            body = {name: signed[name] for name in ("args", "authorization", "request_id", "valid_until")}
        headers = {"Idempotency-Key": key}
        if timestamp is not None:
            headers["Jifen-Timestamp"] = str(timestamp)
        query = {"dry_run": "true"} if dry_run else {}
        response = self.request("POST", f"/operations/{_kebab(op)}", json=body, headers=headers, params=query)
        document: dict[str, Json] = response.json()
        return document if response.status_code != 202 else self.wait(document["submission_id"], wait_seconds)

    def wait(self, submission_id: str, wait_seconds: float = 60.0) -> dict[str, Json]:
        """The receipt of a submission, once it has ended. Raises Problem when it was refused, Unanswered when it takes
        longer."""
        give_up = time.monotonic() + wait_seconds
        while True:
            status = self.request("GET", f"/submissions/{submission_id}").json()
            if status["state"] == "COMMITTED":
                receipt: dict[str, Json] = status["receipt"]
                return receipt
            if status["state"] == "REFUSED":
                raise Problem(status["problem"])
            if time.monotonic() > give_up:
                raise Unanswered(f"submission {submission_id} is still pending")
            time.sleep(0.2)

    def query(self, name: str, *, at_least_block: int | None = None, **arguments: Json) -> Json:
        """A query of the ledger, such as `GetBalance`. `at_least_block`: wait until the gateway's peer has it."""
        asked = {name: value for name, value in arguments.items() if value is not None}
        if at_least_block is not None:
            asked["at_least_block"] = at_least_block
        return self.request("GET", f"/queries/{_kebab(name)}", params=asked).json()

    def balance(self, account: str, class_id: str, *, at_least_block: int | None = None) -> dict[str, Json]:
        """An account's points of one class, with their last days."""
        found: dict[str, Json] = self.query(
            "GetBalance", account=account, class_id=class_id, at_least_block=at_least_block
        )
        return found

    def enroll(self, key: MemberKey, home_msp: str, *, request_id: str | None = None) -> dict[str, Json]:
        """Enrols a member with the merchant `home_msp`, whose gateway this is."""
        return self.submit("EnrollMember", key.enrolment(home_msp, self.place), request_id=request_id)

    def accrue(
        self,
        address: str,
        *,
        class_id: str,
        amount_minor: int,
        purchase_ref: str | None = None,
        request_id: str | None = None,
    ) -> dict[str, Json]:
        """Points for a purchase of `amount_minor` (in the currency's minor unit), by the class's earn rate."""
        args: dict[str, Json] = {"address": address, "amount_minor": amount_minor, "class_id": class_id}
        if purchase_ref is not None:
            args["purchase_ref"] = purchase_ref
        return self.submit("Accrue", args, request_id=request_id)

    def transfer(
        self, key: MemberKey, recipient: str, *, class_id: str, points: int, request_id: str | None = None
    ) -> dict[str, Json]:
        """The member sends points to another account."""
        args = {"class_id": class_id, "recipients": [{"address": recipient, "points": points}]}
        return self.submit("Transfer", args, request_id=request_id, signed_by=key)

    def redeem(
        self,
        key: MemberKey,
        *,
        acceptor_msp: str,
        class_ids: list[str],
        points: int,
        order_ref: str,
        request_id: str | None = None,
    ) -> dict[str, Json]:
        """The member spends points at the merchant whose gateway this is."""
        args = {"acceptor_msp": acceptor_msp, "class_ids": class_ids, "order_ref": order_ref, "points": points}
        return self.submit("Redeem", args, request_id=request_id, signed_by=key)

    def refund(
        self, redemption_id: str, *, points: int | None = None, request_id: str | None = None
    ) -> dict[str, Json]:
        """Gives a redemption back, whole or in part."""
        args: dict[str, Json] = {"redemption_id": redemption_id}
        if points is not None:
            args["points"] = points
        return self.submit("Refund", args, request_id=request_id)

    def hold(
        self,
        key: MemberKey,
        *,
        acceptor_msp: str,
        class_ids: list[str],
        points: int,
        order_ref: str,
        seconds: int = 900,
        request_id: str | None = None,
    ) -> dict[str, Json]:
        """The member reserves points for an order, for so many seconds."""
        args = {
            "acceptor_msp": acceptor_msp,
            "class_ids": class_ids,
            "expires_at": int(time.time()) + seconds,
            "order_ref": order_ref,
            "points": points,
        }
        return self.submit("Hold", args, request_id=request_id, signed_by=key)

    def capture(self, hold_id: str, *, points: int | None = None, request_id: str | None = None) -> dict[str, Json]:
        """Turns a hold into a redemption, whole or in part; the rest is free again."""
        args: dict[str, Json] = {"hold_id": hold_id}
        if points is not None:
            args["points"] = points
        return self.submit("Capture", args, request_id=request_id)

    def release(self, hold_id: str, *, request_id: str | None = None) -> dict[str, Json]:
        """Ends a hold; its points are free again."""
        return self.submit("Release", {"hold_id": hold_id}, request_id=request_id)

    def bulk(
        self,
        operations: Iterable[Mapping[str, Json]],
        *,
        dry_run: bool = False,
        timestamp: int | None = None,
        timeout_seconds: float | None = None,
    ) -> Iterator[LineResult]:
        """Many operations `{op, args, request_id, valid_until?, authorization?}` in one request; their outcomes in the
        same order, as they come.

        A request that breaks off is not sent again here: whoever has the operations sends them again, with the same
        request ids.
        """
        headers = {"Content-Type": "application/x-ndjson"}
        if timestamp is not None:
            headers["Jifen-Timestamp"] = str(timestamp)
        body = (json.dumps(dict(one), ensure_ascii=False).encode() + b"\n" for one in operations)
        query = {"dry_run": "true"} if dry_run else {}
        timeout = httpx.Timeout(timeout_seconds, connect=10.0)
        with self.http.stream(
            "POST", "/api/v1/bulk/operations", content=body, headers=headers, params=query, timeout=timeout
        ) as response:
            if not response.is_success:
                response.read()
                raise _problem(response)
            for line in response.iter_lines():
                found = json.loads(line)
                yield LineResult(
                    line=found["line"],
                    request_id=found.get("request_id"),
                    receipt=found.get("receipt"),
                    problem=found.get("problem"),
                    unknown=found.get("outcome") == "UNKNOWN",
                )


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")


def _problem(response: httpx.Response) -> Problem:
    try:
        document = response.json()
    except ValueError:
        document = {}
    if not isinstance(document, dict) or "code" not in document:
        document = {"code": "UNKNOWN", "status": response.status_code, "detail": response.reason_phrase}
    given = response.headers.get("Retry-After", "")
    return Problem(document, float(given) if given.isdigit() else None)
