"""Pages of a merchant's staff: till, members, classes, settlement, back office."""
