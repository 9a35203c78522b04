"""An organisation at work: its own folder, the declaration that it works by, the programs and the runtime that it
uses."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property

from network.connection import NetworkConnection, load_org
from network.declaration import Consortium, Org, parse, read_text
from network.declaration.endpoints import Endpoint
from network.declaration.fabric_versions import BUILT_VERSION
from network.errors import NetworkError
from network.exchange.envelope import Envelope
from network.folders import OrgFolder
from network.programs.images.catalogue import Images
from network.programs.program_sets import Programs, Report, provide
from network.runtime.choice import kept_runtime
from network.runtime.service import Runtime


class Participant:
    """One organisation, in its own folder and with the files that others have sent it.

    `text` is the declaration that it works by (the copy in its folder when left out), `taken_ports` are ports that it
    must not pick, `newcomers` are who is joining the running network, `ordered_height` gives how many blocks the ordering nodes have, 0 where nobody needs to know.
    """

    def __init__(
        self,
        folder: OrgFolder,
        text: str | None = None,
        *,
        runtime: Runtime | None = None,
        report: Report = lambda line: None,
        taken_ports: Collection[int] = (),
        newcomers: Collection[str] = (),
        ordered_height: Callable[[], int] = lambda: 0,
    ) -> None:
        self.folder = folder
        self.name = folder.name
        self.runtime = runtime or kept_runtime(folder.root)
        self.report = report
        self.taken_ports = taken_ports
        self.newcomers = newcomers
        self.ordered_height = ordered_height
        self._text = text

    @cached_property
    def text(self) -> str:
        """Gives the text of the declaration. Raises DeclarationError DECLARATION_UNREADABLE."""
        return read_text(self.folder.declaration) if self._text is None else self._text

    @cached_property
    def declared(self) -> Consortium:
        """Gives the declaration as it was written. Raises DeclarationError with all its faults."""
        return parse(self.text, str(self.folder.declaration))

    @cached_property
    def consortium(self) -> Consortium:
        """Gives the declaration, with the places that the runtime gives to services that others reach on this machine
        alone. Raises DeclarationError with all its faults."""
        return self.runtime.placed(self.declared, self.folder.root)

    @cached_property
    def org(self) -> Org:
        """Gives the organisation's own part of the declaration."""
        return self.consortium.org(self.name)

    @cached_property
    def programs(self) -> Programs:
        """Gives Fabric's programs, which are built when they are not there. Raises NetworkError with a TOOLCHAIN
        code."""
        fabric = self.consortium.fabric
        if fabric.version != BUILT_VERSION and fabric.programs is None and not self.runtime.runs_images:
            raise NetworkError(
                "TOOLCHAIN_PROGRAM_BROKEN",
                f"set-up builds Fabric {BUILT_VERSION} alone, and fabric.images serves containers alone; name a folder "
                f"with the programs of {fabric.version} (fabric.programs)",
            )
        return provide(self.report, fabric.programs, fabric.version)

    @cached_property
    def images(self) -> Images:
        """Gives the images that its containers come from."""
        fabric = self.consortium.fabric
        return Images(fabric.images, fabric.version, fabric.ca_version, lambda: self.programs, self.report)

    @property
    def endpoints(self) -> dict[str, Endpoint]:
        """Gives where its services are reached. Raises NetworkError NETWORK_NOT_READY before it was prepared."""
        return self.org.endpoints(self.folder.read_ports())

    @property
    def listeners(self) -> dict[str, Endpoint]:
        """Gives where its services listen on this machine. Raises NetworkError NETWORK_NOT_READY before it was
        prepared."""
        return self.org.listeners(self.folder.read_ports())

    def runs_here(self, service: str) -> bool:
        """Says whether a service of the organisation is on this machine."""
        return self.folder.host in (None, self.org.host_of(service).name)

    @property
    def shown(self) -> dict[str, Endpoint]:
        """Gives where its services are found on this machine. Raises NetworkError NETWORK_NOT_READY before it was
        prepared."""
        return self.org.shown(self.folder.read_ports())

    @property
    def operator(self) -> str:
        """Gives the organisation that makes the first block and commits the chaincode's definition."""
        return self.consortium.operators[0]

    def envelope(self, kind: str, payload: bytes, *, network_id: str | None = None, base_sequence: int = 0) -> Envelope:
        """Gives a file to send, unsigned: for the organisation's channel, and its network where it knows it."""
        known = self.folder.network_id if network_id is None else network_id
        return Envelope(kind, self.consortium.channel, known, base_sequence, self.name, payload)

    def view(self) -> NetworkConnection:
        """Gives the network as the organisation knows it. Raises NetworkError NETWORK_NOT_READY before it knows it."""
        return load_org(self.folder.root)
