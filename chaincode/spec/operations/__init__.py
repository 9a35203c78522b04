"""Every operation by its name, one module each: `NAME`, `AUTHORITY`, `ROLES`, `ARGUMENTS`, `prefetch(args, context)` and
`apply(view, context, args)`, which gives the receipt's result or refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from chaincode.spec.canonical import Json
from chaincode.spec.context import Authority, Context, Role
from chaincode.spec.fields import Fields
from chaincode.spec.operations import (
    accept_statement,
    accrue,
    approve,
    capture,
    close_window,
    confirm_payment,
    cut_window,
    define_class,
    deposit_from_wallet,
    enroll_member,
    exchange,
    expire,
    hold,
    import_balances,
    issue,
    open_consortium,
    record_payment,
    redeem,
    refill_limit,
    refund,
    register_merchant,
    release,
    reverse_issue,
    set_limits,
    set_member_status,
    set_merchant_status,
    set_rate,
    sweep_receipts,
    transfer,
    transfer_from,
    update_class,
    withdraw_to_wallet,
)
from chaincode.spec.state import View


class Operation(Protocol):
    """What each operation's module has."""

    @property
    def NAME(self) -> str:
        """The operation's name on the wire."""

    @property
    def AUTHORITY(self) -> Authority:
        """Who may authorise it."""

    @property
    def ROLES(self) -> tuple[Role, ...]:
        """Roles that may authorise it, or, for a member's operation, relay it; none named: anyone may relay."""

    @property
    def ARGUMENTS(self) -> Fields:
        """The form of its arguments."""

    def prefetch(self, args: Json, context: Context) -> list[str]:
        """Keys that the rule is known to want; it may want more."""

    def apply(self, view: View, context: Context, args: Json) -> Json:
        """Changes the view and gives the result, or refuses."""


_MODULES: tuple[Operation, ...] = (
    open_consortium,
    register_merchant,
    set_merchant_status,
    set_limits,
    refill_limit,
    define_class,
    update_class,
    set_rate,
    enroll_member,
    set_member_status,
    issue,
    accrue,
    reverse_issue,
    transfer,
    approve,
    transfer_from,
    redeem,
    refund,
    exchange,
    hold,
    capture,
    release,
    expire,
    import_balances,
    withdraw_to_wallet,
    deposit_from_wallet,
    cut_window,
    close_window,
    accept_statement,
    record_payment,
    confirm_payment,
    sweep_receipts,
)

OPERATIONS: Mapping[str, Operation] = {module.NAME: module for module in _MODULES}
