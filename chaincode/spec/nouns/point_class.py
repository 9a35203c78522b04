"""Point class 积分种类."""

from __future__ import annotations

from typing import TypedDict

from chaincode.spec.kernel import keys
from chaincode.spec.kernel.canonical import Json
from chaincode.spec.kernel.codes import Refusal
from chaincode.spec.kernel.context import Context
from chaincode.spec.kernel.state import View
from chaincode.spec.nouns.merchant import HONOURED, ISSUING, merchant, run_off_over


class EarnRate(TypedDict):
    """How many points a purchase earns (`issuing.points_earned`)."""

    amount_minor: int
    points: int  # 0: purchases earn none
    rounding: str


class PointClass(TypedDict):
    """A point class."""

    accepted_by: list[str] | None  # MSP ids; null for everyone
    category: str
    class_id: str
    clawback_days: int
    debt: bool
    decimals: int
    earn_rate: EarnRate
    enrolled_only: bool
    grace_days: int
    issuer_msp: str
    name: str
    status: str
    symbol: str
    transferable: bool
    unit_value_millionths: int
    validity: dict[str, Json]  # `fields.VALIDITY`
    waiting_days: int


STORED = PointClass


def point_class(view: View, class_id: str) -> Json:
    """The class. UNKNOWN_CLASS."""
    found = view.get(keys.point_class(class_id))
    if found is None:
        raise Refusal("UNKNOWN_CLASS", class_id)
    return found


def own_class(view: View, context: Context, class_id: str) -> Json:
    """The class, whose issuer must be the submitting organisation. UNKNOWN_CLASS, NOT_ISSUER."""
    found = point_class(view, class_id)
    if found["issuer_msp"] != context.msp_id:
        raise Refusal("NOT_ISSUER", f"{class_id} is issued by {found['issuer_msp']}")
    return found


def issuing_class(view: View, context: Context, class_id: str) -> Json:
    """The submitter's own class, open for new points. UNKNOWN_MERCHANT, MERCHANT_NOT_ACTIVE, UNKNOWN_CLASS,
    NOT_ISSUER, CLASS_STOPPED."""
    merchant(view, context.msp_id, ISSUING)
    found = own_class(view, context, class_id)
    require_running(found)
    return found


def require_running(found: Json) -> None:
    """CLASS_STOPPED unless new points of the class may be made."""
    if found["status"] != "ACTIVE":
        raise Refusal("CLASS_STOPPED", found["class_id"])


def require_accepted(found: Json, acceptor_msp: str) -> None:
    """NOT_ACCEPTED unless the acceptor takes points of the class."""
    if found["accepted_by"] is not None and acceptor_msp not in found["accepted_by"]:
        raise Refusal("NOT_ACCEPTED", f"{found['class_id']} at {acceptor_msp}")


def require_honoured(view: View, context: Context, found: Json) -> None:
    """ISSUER_NOT_HONOURED unless the issuer's status lets its points be spent today."""
    issuer = view.get(keys.merchant(found["issuer_msp"]))
    if issuer["status"] not in HONOURED:
        raise Refusal("ISSUER_NOT_HONOURED", f"{found['issuer_msp']} {issuer['status']}")
    require_not_over(issuer, context)


def require_not_over(issuer: Json, context: Context) -> None:
    """ISSUER_NOT_HONOURED when the issuer's points can never be spent again."""
    if run_off_over(issuer, context.today):
        until = f" until {issuer['run_off_until']}" if issuer["run_off_until"] else ""
        raise Refusal("ISSUER_NOT_HONOURED", f"{issuer['msp_id']} {issuer['status']}{until}")


def spendable_classes(view: View, context: Context, class_ids: list[str], acceptor_msp: str) -> list[Json]:
    """The classes, each of which the acceptor takes and its issuer honours. UNKNOWN_CLASS, NOT_ACCEPTED,
    ISSUER_NOT_HONOURED, each over all classes before the next."""
    classes = [point_class(view, class_id) for class_id in class_ids]
    for found in classes:
        require_accepted(found, acceptor_msp)
    for found in classes:
        require_honoured(view, context, found)
    return classes
