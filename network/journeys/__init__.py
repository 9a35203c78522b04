"""What an organisation does with its network, from nothing to its end: ordered steps, safe to repeat."""
