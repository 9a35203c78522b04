"""What the merchants decide together, by vote."""
