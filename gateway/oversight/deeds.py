"""Which operations ask for a second person: those that move value, over a limit; and those that change what value is,
each time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chaincode.spec.kernel import keys
from gateway.operations.record import Deed
from gateway.operations.records import DEEDS

_HARMLESS = frozenset({"category", "name"})


def deed_of(operation: Mapping[str, Any], document: Callable[[str], Any]) -> Deed | None:
    """The class of deeds that an operation is one of. None for one that changes no value: what a class has already
    (forms send everything), and another name; and for a brake, which must not wait: to stop a class's issues, to end an
    offer of exchange."""
    args = operation["args"]
    match operation["op"]:
        case "UpdateClass":
            changed = changes_of(args, document(keys.point_class(args["class_id"])) or {})
            if changed <= _HARMLESS or (args.get("status") == "STOPPED" and changed <= {*_HARMLESS, "status"}):
                return None
        case "SetRate" if args["active"] is False:
            return None
    return DEEDS.get(operation["op"])


def changes_of(args: Mapping[str, Any], now: Mapping[str, Any]) -> set[str]:
    """The names of what UpdateClass would make other than it is; `accepted_by` also where everybody is let in."""
    changed = {name for name, value in args.items() if value is not None and value != now.get(name)}
    changed -= {"all_accept", "class_id"}
    if args.get("all_accept") and now.get("accepted_by", ()) is not None:
        changed.add("accepted_by")
    return changed
