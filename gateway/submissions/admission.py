"""What a gateway refuses although the ledger would take it: a name that nobody can read, a time zone or currency that
there is not.

The ledger cannot know the world's lists, which change and differ between endorsers; a gateway can, and tells before
anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.core.display_names import fault_of_name
from gateway.ledger.errors import Rejected
from network.declaration.currencies import fault_of_minor_unit
from network.declaration.time_zones import fault_of_table

NAMES: Mapping[str, tuple[str, ...]] = {
    "OpenConsortium": ("name",),
    "RegisterMerchant": ("name",),
    "DefineClass": ("name", "symbol", "category"),
    "UpdateClass": ("name", "symbol", "category"),
}
"""Which arguments of which operations are shown to people as names."""


def check_admissible(op: str, args: Mapping[str, Any], now: int) -> None:
    """Raises Rejected INVALID_ARGUMENT, which says what is right, for arguments of the right form that make no sense in
    the world."""
    for name in NAMES.get(op, ()):
        if args.get(name) is not None:
            _hold(name, fault_of_name(args[name]))
    if op == "OpenConsortium":
        zone, currency = args["time_zone"], args["currency"]
        _hold("time_zone", fault_of_table(zone["name"], zone["offsets"], now))
        _hold("currency.minor_unit_millionths", fault_of_minor_unit(currency["minor_unit_millionths"]))


def _hold(field: str, fault: str | None) -> None:
    if fault is not None:
        raise Rejected("INVALID_ARGUMENT", f"{field}: {fault}")
