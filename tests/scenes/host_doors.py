"""Tries an identity at every door of the other organisations, from its own host.

    python -m tests.scenes.host_doors ORG_FOLDER MSP_FOLDER

Prints what it was told, as JSON.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from network.connection import load_org
from network.folders import OrgFolder
from network.nodes.doors import Visitor, tried


def main() -> int:
    """Tries the doors of all peers of others, and of all ordering nodes."""
    folder, msp = OrgFolder(Path(sys.argv[1])), Path(sys.argv[2])
    view = load_org(folder.root)
    visitor = Visitor(
        msp.parent.name,
        view.org(folder.name).msp_id,
        (msp / "signcerts/cert.pem").read_bytes(),
        (msp / "keystore/key.pem").read_bytes(),
    )
    others = [peer for org in view.orgs.values() if org.name != folder.name for peer in org.peers]
    print(json.dumps([asdict(trial) for trial in tried(visitor, view, others)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
