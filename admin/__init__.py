"""The `jifen` command: one file for each command group in `admin/commands`."""
