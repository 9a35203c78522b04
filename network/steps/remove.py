"""What the network made in the organisation's folder is removed."""

from __future__ import annotations

from network.participant import Participant
from network.steps.network_files import made_and_kept, remove_empty
from network.steps.step import Step, TakenBy


class Remove(Step):
    """Removes the files that the network made, and the folders that are empty then. Its services must have ended."""

    name = "remove"
    summary = "what the network made in the organisation's folder is removed, its keys and its ledger among it"
    taken_by = TakenBy.EVERY_ORG

    def done(self, participant: Participant) -> bool:
        """Says whether nothing is left of it."""
        root = participant.folder.root
        return not root.exists()

    def take(self, participant: Participant) -> None:
        """Removes it; files of others stay."""
        root = participant.folder.root
        made, _ = made_and_kept(root)
        for file in made:
            file.unlink(missing_ok=True)
        remove_empty(root)
