"""A gateway that is killed again and again under load: every answer that was given holds, every request without one resolves by its key, nothing happens
twice, and no webhook is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import pytest

from admin.gateways import RunningGateway, jifen, kill, make_gateway, serving
from chaincode.signing import MemberKey
from gateway.client import JifenClient, verify_webhook
from tests.scenes.consortium import open_consortium, opening
from tests.scenes.gateways import LOOPBACK
from tests.scenes.networks import three_merchants
from tests.scenes.waiting import eventually
from tests.scenes.webhook_receiver import Received, Receiver, answer, receiving

CALLERS = 6
ANSWERS_BETWEEN_KILLS = 25
WAIT_SECONDS = 120


@dataclass
class GivenAnswers:
    """What callers were told of each request: the receipts, the submissions' ids, and the requests that nobody answered."""

    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    submissions: dict[str, str] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answers(self) -> int:
        """How many answers were given."""
        with self.lock:
            return len(self.receipts) + len(self.submissions)


class Inbox:
    """The webhooks that came with a good signature, each as (its id, its document)."""

    def __init__(self, receiver: Receiver) -> None:
        self.messages: list[tuple[str, Any]] = []
        self.secret = ""
        self.url = receiver.url()
        receiver.behaviour = self.take

    def take(self, handler: BaseHTTPRequestHandler, got: Received) -> None:
        """Answers 204; a bad signature gets no answer."""
        self.messages.append((got.id, verify_webhook(self.secret, got.headers, got.body)))
        answer(204)(handler, got)

    def kinds(self) -> dict[str, str]:
        """The request ids that it was told of, each with its message's id."""
        return {message["data"]["request_id"]: number for number, message in list(self.messages)}


class Load:
    """Callers that accrue one point a request, each under a new key, at whatever address the gateway has now; no request is sent twice."""

    def __init__(self, address: str, api_key: str, account: str) -> None:
        self.address = address
        self.told = GivenAnswers()
        self._api_key = api_key
        self._account = account
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(number,)) for number in range(CALLERS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No more requests; returns when the last has ended."""
        self._stop.set()
        for thread in self._threads:
            thread.join(WAIT_SECONDS)

    def _call(self, caller: int) -> None:
        number = 0
        while not self._stop.is_set():
            request_id, number = f"kill-{caller}-{number}", number + 1
            headers = {"Authorization": f"Bearer {self._api_key}", "Idempotency-Key": request_id}
            headers["Prefer"] = "wait=0" if number % 5 == 0 else "wait=20"
            args = {"address": self._account, "amount_minor": 100, "class_id": "northstar"}
            try:
                answer = httpx.post(
                    f"{self.address}/api/v1/operations/accrue",
                    json={"args": args},
                    headers=headers,
                    timeout=60,
                    trust_env=False,
                )
            except httpx.TransportError:
                with self.told.lock:
                    self.told.unanswered.append(request_id)
                self._stop.wait(0.05)
                continue
            with self.told.lock:
                if answer.status_code == 201:
                    self.told.receipts[request_id] = answer.json()
                elif answer.status_code == 202:
                    self.told.submissions[request_id] = answer.json()["submission_id"]
                else:
                    self.told.refused[answer.json()["code"]] += 1


@contextmanager
def embedded(folder: Path) -> Iterator[Path]:
    """An embedded ledger with the open consortium."""
    folder.mkdir()
    open_consortium(folder / "ledger.sqlite")
    yield folder


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("adapter", "kills"),
    [
        ("embedded", 2),
        pytest.param("embedded", 20, marks=pytest.mark.long),
        pytest.param("fabric", 1, marks=pytest.mark.fabric),
        pytest.param("fabric", 30, marks=[pytest.mark.fabric, pytest.mark.long]),
    ],
)
def test_nothing_is_lost_and_nothing_happens_twice(adapter: str, kills: int, tmp_path: Path) -> None:
    member = MemberKey.derived("killed")
    consortium = embedded if adapter == "embedded" else three_merchants
    with receiving() as receiver, consortium(tmp_path / "ledger") as ledger:
        inbox = Inbox(receiver)
        place = tmp_path / "gateway"
        key = make_gateway(place, "northstar", adapter, ledger, replay=False, environment=LOOPBACK)
        load_: Load | None = None
        try:
            for round_ in range(kills + 1):
                with serving(place, "northstar", key, LOOPBACK) as running:
                    if load_ is None:
                        with JifenClient(running.address, api_key=key) as jifen_:
                            made = jifen_.request("POST", "/webhooks", json={"url": inbox.url})
                            inbox.secret = made.json()["secret"]
                            jifen_.enroll(member, "northstar", request_id="enrol")
                        load_ = Load(running.address, key, member.address)
                    load_.address = running.address
                    if round_ < kills:
                        _wait_for_answers(load_.told, running)
                        kill(running.process)
                        continue
                    load_.stop()
                    _settle(running, key, load_.told, member.address, inbox)
        finally:
            if load_ is not None:
                load_.stop()
        found = jifen("projection", "compare", "--gateway", str(place), environment=LOOPBACK)
        assert not found.get("difference"), found
    assert set(load_.told.refused) <= {"SHUTTING_DOWN", "LEDGER_UNAVAILABLE", "BUSY"}, load_.told.refused


def _wait_for_answers(told: GivenAnswers, running: RunningGateway) -> None:
    wanted = told.answers() + ANSWERS_BETWEEN_KILLS

    def serving_on() -> None:
        assert running.process.poll() is None, (running.folder / "gateway.log").read_text()[-2000:]

    eventually(
        f"{wanted} answers",
        lambda: (told.answers(), told.refused),
        lambda seen: seen[0] >= wanted,
        seconds=WAIT_SECONDS,
        still_possible=serving_on,
    )


def _settle(running: RunningGateway, key: str, told: GivenAnswers, account: str, inbox: Inbox) -> None:
    """Holds everything that was said against the ledger."""
    with JifenClient(running.address, api_key=key) as client:
        for request_id, submission_id in told.submissions.items():
            receipt = client.wait(submission_id, WAIT_SECONDS)
            assert receipt["request_id"] == request_id
        for request_id in told.unanswered:
            assert client.accrue(account, class_id="northstar", amount_minor=100, request_id=request_id)["code"] == "OK"
        for request_id, receipt in told.receipts.items():
            again = client.accrue(account, class_id="northstar", amount_minor=100, request_id=request_id)
            assert again["repeated"], request_id
            assert again["tx_id"] == receipt["tx_id"]
        done = {*told.receipts, *told.submissions, *told.unanswered}
        assert client.balance(account, "northstar")["points"] == len(done)
        assert len(told.unanswered) > 0, "the kills hit requests on their way"
        eventually(
            "no webhook is missing",
            lambda: done - set(inbox.kinds()),
            lambda missing: not missing,
            seconds=WAIT_SECONDS,
        )
        ids: dict[str, set[str]] = {}
        for number, message in inbox.messages:
            ids.setdefault(message["data"]["request_id"], set()).add(number)
        assert all(len(numbers) == 1 for numbers in ids.values()), "a repetition has the first one's id"
        before = {operation["request_id"] for _, _, operations in opening(0, "") for operation in operations}
        assert set(ids) <= done | before | {"enrol"}, "a webhook tells of something that nobody asked for"
