"""Pages of members: wallet, payments, keys, the origin of points."""
