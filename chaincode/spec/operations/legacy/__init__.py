"""Points of older systems, and the way to a wallet and back."""
