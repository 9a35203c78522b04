"""The scheduler: single operations from many callers, in batches of which no two in flight share a key that either
writes."""

from gateway.ledger.scheduling.errors import Busy, DeadlinePassed
from gateway.ledger.scheduling.scheduler import Bounds, Scheduler
from gateway.ledger.scheduling.ticket import State

__all__ = ["Bounds", "Busy", "DeadlinePassed", "Scheduler", "State"]
