"""The `jifen` command."""


def main() -> None:
    """Entry point of the console command."""
