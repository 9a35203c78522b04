"""Brings what the tests on real networks run: Fabric's programs and the official Node client, each built or installed
once."""

from __future__ import annotations

from admin import output
from admin.tools.bench import node_client
from network.programs.program_sets import provide


def main() -> int:
    """Brings them; the exit status."""
    provide(print)
    node_client.install()
    return 0


if __name__ == "__main__":
    output.run(main)
