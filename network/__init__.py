"""The consortium as real Fabric programs: declaration, rendering, set-up of the programs, processes, steps,
connection."""

import os

# While calls are in flight, gRPC's handlers of fork() kill what is forked before it runs its program, and uvloop forks.
# Nothing here goes on with gRPC in a fork. gRPC reads this at its first use.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
