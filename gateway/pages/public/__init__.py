"""Pages for everybody: start, open books, signing in, registering."""
