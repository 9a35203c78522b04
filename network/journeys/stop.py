"""`stop`: all services end; their state stays."""

from __future__ import annotations

from network.journeys.host import Host
from network.journeys.journey import walk
from network.steps.stop import STOP_CHAINCODE, STOP_PEERS, STOP_REST

STOP = (STOP_PEERS, STOP_CHAINCODE, STOP_REST)


def stop(host: Host) -> list[str]:
    """Ends all services, those that others call last. Gives the labels of those that ran."""
    with host.alone(existing=True):
        return stop_services(host)


def stop_services(host: Host) -> list[str]:
    """Ends all services, for a command that holds the folder already. Gives the labels of those that ran, in the order
    in which they end."""
    running = [service for service in host.services() if host.runtime.status(service).running]
    walk(STOP, host.participants())
    return [service.label for step in STOP for service in running if service.kind in step.kinds]
