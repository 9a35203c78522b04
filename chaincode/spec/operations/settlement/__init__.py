"""Windows, statements and payments between merchants."""
