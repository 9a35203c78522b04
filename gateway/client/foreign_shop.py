"""A shop that is none of the consortium's programs: it joins a merchant's gateway with an API key, and nothing else.

    JIFEN_KEY=jfk_… JIFEN_SECRET=whsec_… python -m gateway.client.foreign_shop --gateway http://127.0.0.1:8080 --merchant northstar --class-id northstar --listen 9090

Points for a purchase, a hold for half of them, captured when the parcel leaves, refunded in part when it comes back;
and its webhooks tell of all of that. It makes its one customer's key here; a real shop never sees a member's key.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from chaincode.signing import MemberKey
from gateway.client import JifenClient, SignatureRefused, verify_webhook

WANTED = {"points.accrued", "hold.created", "hold.captured", "redemption.refunded"}
WAIT_SECONDS, BODY_BYTES_MAX = 60, 1_000_000


class Inbox:
    """The shop's webhooks: checked, each message once, whatever comes twice."""

    def __init__(self, secret: str) -> None:
        self.kinds: set[str] = set()
        self.complete = threading.Event()
        self._secret = secret
        self._seen: set[str] = set()

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """The status to answer with."""
        try:
            message = verify_webhook(self._secret, headers, body)
        except SignatureRefused:
            return 401
        if headers["webhook-id"] not in self._seen:
            self._seen.add(headers["webhook-id"])
            self.kinds.add(message["type"])
            print(f"webhook: {message['type']}", flush=True)
        if self.kinds >= WANTED:
            self.complete.set()
        return 204


def listen(inbox: Inbox, port: int) -> ThreadingHTTPServer:
    """Serves the inbox on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), BODY_BYTES_MAX))
            self.send_response(inbox.take({name.lower(): value for name, value in self.headers.items()}, body))
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing of each request."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main() -> int:
    """Exit status 0 when everything was sold, captured, refunded and told."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name in ("--gateway", "--merchant", "--class-id"):
        parser.add_argument(name, required=True)
    parser.add_argument("--listen", type=int, required=True)
    given = parser.parse_args()
    inbox = Inbox(os.environ["JIFEN_SECRET"])
    server = listen(inbox, given.listen)
    order, customer = f"order-{secrets.token_hex(4)}", MemberKey(ec.generate_private_key(ec.SECP256R1()))
    with JifenClient(given.gateway, api_key=os.environ["JIFEN_KEY"]) as jifen:
        jifen.enroll(customer, given.merchant)
        jifen.accrue(customer.address, class_id=given.class_id, amount_minor=20_000, request_id=f"{order}-points")
        held = jifen.hold(
            customer,
            acceptor_msp=given.merchant,
            class_ids=[given.class_id],
            points=100,
            order_ref=order,
            request_id=order,
        )
        sold = jifen.capture(held["result"]["hold"]["hold_id"], points=80, request_id=f"{order}-sent")
        jifen.refund(sold["result"]["redemption"]["redemption_id"], points=30, request_id=f"{order}-back")
        print(f"{order}: {jifen.balance(customer.address, given.class_id)['spendable']} points left", flush=True)
    complete = inbox.complete.wait(WAIT_SECONDS)
    server.shutdown()
    return int(not complete)


if __name__ == "__main__":
    sys.exit(main())
