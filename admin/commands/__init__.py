"""One file for each command or command group; `admin.cli` finds them by themselves."""
