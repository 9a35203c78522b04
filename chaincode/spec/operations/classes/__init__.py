"""Classes of points and the rates between them."""
