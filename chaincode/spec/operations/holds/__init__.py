"""Points that are reserved for an order."""
