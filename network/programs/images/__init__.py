"""Images for containers: the official ones by name and version, or built from the programs that set-up compiled."""
