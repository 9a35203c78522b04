"""The client's check of webhook signatures agrees with the standard's own library."""

from __future__ import annotations

import datetime
import json

import pytest
from standardwebhooks.webhooks import Webhook

from gateway.client import SignatureRefused, verify_webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = 1_780_000_000
BODY = json.dumps({"type": "points.accrued", "data": {"points": 40}})


def headers(secret: str = SECRET, timestamp: int = NOW) -> dict[str, str]:
    """What the standard's library would send."""
    when = datetime.datetime.fromtimestamp(timestamp, tz=datetime.UTC)
    return {
        "Webhook-Id": "msg_1",
        "webhook-timestamp": str(timestamp),
        "webhook-signature": Webhook(secret).sign("msg_1", when, BODY),
    }


def test_the_standards_own_signature_holds_also_beside_an_older_one() -> None:
    assert verify_webhook(SECRET, headers(), BODY.encode(), now=NOW)["data"]["points"] == 40
    found = headers()
    found["webhook-signature"] = "v1,b2xk v2,bmV3 " + found["webhook-signature"]
    assert verify_webhook(SECRET, found, BODY.encode(), now=NOW)


@pytest.mark.parametrize(
    ("given", "body", "now"),
    [
        (headers(), BODY.replace("40", "41"), NOW),
        (headers("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), BODY, NOW),
        (headers(), BODY, NOW + 301),
        (headers(), BODY, NOW - 301),
        ({**headers(), "Webhook-Id": "msg_2"}, BODY, NOW),
        ({"webhook-id": "msg_1"}, BODY, NOW),
        ({**headers(), "webhook-timestamp": "soon"}, BODY, NOW),
    ],
)
def test_anything_else_is_refused(given: dict[str, str], body: str, now: int) -> None:
    with pytest.raises(SignatureRefused):
        verify_webhook(SECRET, given, body.encode(), now=now)
