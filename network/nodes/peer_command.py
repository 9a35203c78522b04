"""The `peer` command as an org's admin: arguments in, standard output back, a refusal as an error."""

from __future__ import annotations

import os
import subprocess

from network.connection import NodeConnection, TlsPair
from network.errors import NetworkError
from network.folders import OrgFolder
from network.programs.program_sets import Programs

LIMIT_SECONDS = 120


class PeerCommand:
    """Runs `peer` with the identity `admin` of one org against one peer."""

    def __init__(
        self, folder: OrgFolder, msp_id: str, programs: Programs, peer: NodeConnection, tls: TlsPair | None = None
    ) -> None:
        self.folder = folder
        self.msp_id = msp_id
        self.programs = programs
        self.peer = peer
        self.tls = tls

    def _shown(self) -> dict[str, str]:
        """Gives the settings by which `peer` shows a client certificate."""
        if self.tls is None:
            return {}
        return {
            "CORE_PEER_TLS_CLIENTAUTHREQUIRED": "true",
            "CORE_PEER_TLS_CLIENTCERT_FILE": str(self.tls.certificate),
            "CORE_PEER_TLS_CLIENTKEY_FILE": str(self.tls.private_key),
        }

    def run(self, *arguments: str, limit_seconds: float = LIMIT_SECONDS) -> str:
        """Gives the standard output of `peer ARGUMENTS`. Raises NetworkError STEP_FAILED with its last line when it
        fails."""
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "FABRIC_CFG_PATH": str(self.folder.client),
            "FABRIC_LOGGING_SPEC": "error",
            "CORE_PEER_LOCALMSPID": self.msp_id,
            "CORE_PEER_MSPCONFIGPATH": str(self.folder.identity_msp("admin")),
            "CORE_PEER_ADDRESS": self.peer.address,
            "CORE_PEER_TLS_ENABLED": "true",
            "CORE_PEER_TLS_ROOTCERT_FILE": str(self.peer.tls_root),
            **self._shown(),
        }
        command = [self.programs.path("peer"), *arguments]
        try:
            answer = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=limit_seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            what = " ".join(arguments[:3])
            raise NetworkError(
                "WAIT_TIMEOUT", f"{self.folder.name}: peer {what}: not within {limit_seconds:g} s"
            ) from error
        if answer.returncode:
            lines = [line for line in answer.stderr.splitlines() if line.strip()] or ["no output"]
            told = next((line for line in lines if line.startswith("Error:")), lines[-1])
            raise NetworkError("STEP_FAILED", f"{self.folder.name}: peer {' '.join(arguments[:3])}: {told}")
        return answer.stdout
