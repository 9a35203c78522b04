"""Points come in, move, are spent and go."""
