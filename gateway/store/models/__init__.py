"""Every table, one file a subject. Importing this package makes `Base.metadata` whole."""
