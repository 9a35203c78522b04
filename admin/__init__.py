"""The `jifen` command: a file for each command group in `commands`, the replayed purchases in `demo`, a consortium's
first day in `handbook`; `tools` are for whoever works on Jifen."""
