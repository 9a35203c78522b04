"""Pages of an operator's staff: health, merchants, windows, blocks."""
