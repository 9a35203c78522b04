"""A small client for a gateway's API, for whoever joins from outside.

    from gateway.client import JifenClient

    with JifenClient("https://gateway.example", api_key=key) as jifen:
        receipt = jifen.accrue(address, class_id="books", amount_minor=4200, purchase_ref="order 4711", request_id="order-4711")

Needs httpx, and `cryptography` where members' operations are signed.
"""

from gateway.client.calls import JifenClient, LineResult
from gateway.client.problems import Problem, Unanswered
from gateway.client.webhooks import SignatureRefused, verify_webhook

__all__ = ["JifenClient", "LineResult", "Problem", "SignatureRefused", "Unanswered", "verify_webhook"]
