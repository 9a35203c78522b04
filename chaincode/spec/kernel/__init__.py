"""What every rule stands on; it knows no operation by name, and no noun."""
