"""Native processes: start, wait, stop, by their own pid and start time."""
