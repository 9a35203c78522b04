"""What merchants post with the operator, as cover of their own and for the mutual fund."""
