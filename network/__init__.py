"""The consortium as real Fabric programs: declaration, rendering, set-up of the programs, processes, steps,
connection."""
