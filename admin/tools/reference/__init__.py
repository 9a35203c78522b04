"""The parts of the documents that are made from the code, so that they cannot drift from it."""
