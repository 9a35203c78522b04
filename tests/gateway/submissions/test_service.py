"""Operations whose callers were told 202: a refusal that may still turn is not told, and whatever happens on the way they come to an end."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

import gateway.submissions.service
from chaincode.cases.world import PLACE
from gateway.core.errors import GatewayError
from gateway.ledger.adapters.embedded import EmbeddedLedger
from gateway.ledger.adapters.embedded_identities import embedded_identity
from gateway.ledger.errors import TOO_LARGE, SubmitFailed
from gateway.ledger.port import Operation, TransactionResult
from gateway.services.gateway import Gateway
from gateway.services.ledger_place import LedgerPlace
from gateway.submissions.outcomes import Pending, State, Submission
from gateway.submissions.service import EXPIRED_MARGIN_SECONDS, RETRY_SECONDS, refusal_of
from gateway.submissions.submission_store import KEPT_SECONDS
from tests.scenes.checked_client import Everybody
from tests.scenes.consortium import member, operation
from tests.scenes.running_gateway import gateway_settings
from tests.scenes.waiting import eventually

END_SECONDS_MAX = 20


class UnluckyLedger(EmbeddedLedger):
    """The embedded ledger; it answers as soon as it is let, and its first so many submissions meet a defect."""

    let = threading.Event()
    defects = 0
    too_large = False

    async def submit_many(
        self, operations: Sequence[Operation], *, shard: int = 0, timestamp: int | None = None
    ) -> TransactionResult:
        """As the embedded ledger, once the defects are over."""
        await asyncio.to_thread(self.let.wait, END_SECONDS_MAX)
        if self.defects:
            self.defects -= 1
            raise RuntimeError("a defect")
        if self.too_large:
            raise SubmitFailed(TOO_LARGE, "message payload is 40000000 bytes")
        return await super().submit_many(operations, shard=shard, timestamp=timestamp)


class SubmissionGround:
    """northstar's gateway, with a clock that the test can put forward."""

    def __init__(self, folder: Path, ledger_file: Path, store_url: str) -> None:
        self.ahead_seconds = 0
        self.ledger = UnluckyLedger(ledger_file, embedded_identity("northstar", "gateway"))
        settings = gateway_settings(folder, ledger_file, store_url)
        place = LedgerPlace({"gateway": self.ledger}.__getitem__, "northstar")
        self.gateway = Gateway(settings, place, guard=Everybody(), clock=self.clock)

    def clock(self) -> int:
        """Unix seconds."""
        return int(time.time()) + self.ahead_seconds

    def keep(self, asked: Operation) -> str:
        """Sends an operation without waiting for its end; gives the submission's id."""
        self.ledger.let.clear()
        outcome = self.gateway.submissions.carry_out(asked, wait_seconds=0)
        self.ledger.let.set()
        assert isinstance(outcome, Pending)
        return outcome.submission_id

    def wait(self, submission_id: str, enough: Callable[[Submission], bool]) -> Submission:
        """The submission, as soon as it is as wanted."""
        find = self.gateway.submissions.keeping.find
        return eventually("the submission ends", lambda: find(submission_id), enough, seconds=END_SECONDS_MAX)


@pytest.fixture
def ground(
    store_url: str, ledger_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SubmissionGround]:
    """A started gateway that looks for kept operations all the time."""
    monkeypatch.setattr(gateway.submissions.service, "CHECK_SECONDS", 0.01)
    made = SubmissionGround(tmp_path, ledger_file, store_url)
    made.gateway.start()
    yield made
    made.gateway.stop()


def enrolment(request_id: str, seconds: int) -> Operation:
    """An enrolment that may be sent for so many seconds."""
    return operation("EnrollMember", request_id, member("ann").enrolment("northstar", PLACE), seconds)


def test_a_refusal_for_the_time_is_told_when_nothing_sent_before_can_still_be_accepted(
    ground: SubmissionGround,
) -> None:
    with capture_logs() as told:
        submission_id = ground.keep(enrolment("late", -1))
        found = ground.wait(
            submission_id,
            lambda found: (
                found.state is not State.PENDING or any(line["event"] == "submission_pending" for line in told)
            ),
        )
    assert found.state is State.PENDING
    ground.ahead_seconds = max(RETRY_SECONDS, EXPIRED_MARGIN_SECONDS) + 1
    found = ground.wait(submission_id, lambda found: found.state is not State.PENDING)
    assert (found.state, found.code) == (State.REFUSED, "REQUEST_EXPIRED")


def test_an_end_can_be_asked_for_as_long_as_an_operation_can_be_sent_and_then_is_forgotten(
    ground: SubmissionGround,
) -> None:
    submission_id = ground.keep(enrolment("old", 86_400))
    ground.wait(submission_id, lambda found: found.state is not State.PENDING)
    keeping = ground.gateway.submissions.keeping
    ground.ahead_seconds = KEPT_SECONDS - 60
    keeping.forget_old()
    assert keeping.find(submission_id).state is State.COMMITTED
    ground.ahead_seconds = KEPT_SECONDS + 60
    keeping.forget_old()
    with pytest.raises(GatewayError, match=r"^SUBMISSION_UNKNOWN"):
        keeping.find(submission_id)


def test_a_carrier_that_meets_a_defect_lets_the_operation_go(ground: SubmissionGround) -> None:
    ground.ledger.defects = 2
    submission_id = ground.keep(enrolment("unlucky", 86_400))

    def ended_later(found: Submission) -> bool:
        ground.ahead_seconds += RETRY_SECONDS + 1
        return found.state is not State.PENDING

    found = ground.wait(submission_id, ended_later)
    assert (found.state, found.code, ground.ledger.defects) == (State.COMMITTED, None, 0)


def test_what_is_too_large_is_told_by_its_own_code() -> None:
    """Not as a ledger that is away: to ask again later is of no use."""
    told = refusal_of(SubmitFailed(TOO_LARGE, "message payload is 40000000 bytes"))
    assert isinstance(told, GatewayError)
    assert (told.code, told.retry_after_seconds) == ("TRANSACTION_TOO_LARGE", None)


def test_one_that_is_too_large_ends_refused(ground: SubmissionGround) -> None:
    ground.ledger.too_large = True
    submission_id = ground.keep(enrolment("large", 86_400))
    found = ground.wait(submission_id, lambda found: found.state is not State.PENDING)
    assert (found.state, found.code) == (State.REFUSED, "TRANSACTION_TOO_LARGE")
