"""The endpoints about people, staff and keys."""
