"""The health of the network: peer, tables, last blocks, certificates."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

import flask
from cryptography import x509

from gateway.core.errors import GatewayError
from gateway.ledger.errors import LedgerError
from gateway.pages.frame.context import Context, Row
from gateway.pages.frame.navigation import CONSORTIUM
from gateway.pages.frame.page_view import PageView
from gateway.pages.operator.readers import READERS
from gateway.pages.words.marking import mark

CERTIFICATE_DAYS_LOW = 60
DAY_SECONDS = 86_400


class HealthContext(Context, template="operator/health.html"):
    """`problem`: why the gateway is not ready; of the `seen` transactions of the last blocks, those that are `invalid`;
    `broken`: blocks that are not whole; `position`: how far the tables are."""

    problem: str
    height: int
    position: Row
    window: Row
    newest: int | None
    seen: int
    invalid: Counter[str]
    broken: list[int]
    merchants: list[Row]
    certificates: list[Row]


@CONSORTIUM.page(
    "/operator",
    name="operator",
    title=mark("Health of the network"),
    label=mark("Health"),
    roles=READERS,
    icon="grid",
)
def health(view: PageView) -> flask.typing.ResponseReturnValue:
    """Shows whether the own peer answers, how far the tables are, what the last blocks held, and whose certificates end
    soon."""
    problem = ""
    try:
        view.ask("getReadiness")
    except (GatewayError, LedgerError) as error:
        problem = view.explain(error.code)
    blocks = view.ask("listBlocks")
    authorities = view.ask("getAuthorities")
    transactions = [one for block in blocks["blocks"] for one in block["transactions"]]
    return view.render(
        HealthContext(
            problem=problem,
            height=blocks["height"],
            position=view.ask("getProjection"),
            window=view.ask("getCurrentWindow"),
            newest=max((one["at"] for one in transactions), default=None),
            seen=len(transactions),
            invalid=Counter(one["validation_code"] for one in transactions if one["validation_code"] != "VALID"),
            broken=[block["block_number"] for block in blocks["blocks"] if not block["intact"]],
            merchants=activity(view, transactions),
            certificates=certificates(view, authorities),
        )
    )


def activity(view: PageView, transactions: Iterable[Row]) -> list[Row]:
    """Tells of each merchant when a transaction last came through its gateway, and when its peer last endorsed one."""
    sent: dict[str, int] = defaultdict(int)
    endorsed: dict[str, int] = defaultdict(int)
    for one in transactions:
        sent[one["submitter_msp"]] = max(sent[one["submitter_msp"]], one["at"])
        for msp_id in one["endorser_msps"]:
            endorsed[msp_id] = max(endorsed[msp_id], one["at"])
    return [
        {**merchant, "sent_at": sent.get(msp_id), "endorsed_at": endorsed.get(msp_id)}
        for msp_id, merchant in view.merchants.items()
    ]


def certificates(view: PageView, authorities: Row) -> list[Row]:
    """Lists the organisations' authorities, those whose certificate ends first before the others."""
    found = []
    for one in authorities["organisations"]:
        for pem in (*one["root_certificates"], *one["intermediate_certificates"]):
            until = int(x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc.timestamp())
            days = (until - view.gateway.clock()) // DAY_SECONDS
            state = "bad" if days < 0 else "waiting" if days < CERTIFICATE_DAYS_LOW else "good"
            found.append({"msp_id": one["msp_id"], "part": one["part"], "until": until, "days": days, "state": state})
    return sorted(found, key=lambda one: (one["until"], one["msp_id"]))
