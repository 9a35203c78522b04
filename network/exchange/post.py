"""The post between organisations whose folders lie on one machine."""

from __future__ import annotations

from collections.abc import Iterable

from network.folders import OrgFolder, write


def deliver(sender: OrgFolder, receivers: Iterable[OrgFolder]) -> None:
    """Brings what an organisation has put into its outbox to the inboxes of all, its own among them."""
    files = [file for file in sender.outbox.rglob("*") if file.is_file()] if sender.outbox.is_dir() else []
    for receiver in receivers:
        for file in files:
            write(receiver.inbox / sender.name / file.relative_to(sender.outbox), file.read_bytes())
