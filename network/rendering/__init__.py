"""Configuration files as pure functions: from the declaration, an org and its ports to text. Nothing here reads or
writes."""
