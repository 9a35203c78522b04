"""The files that pass between organisations: each is written, read and checked by one module here."""
