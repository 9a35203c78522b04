"""For whoever works on Jifen: benches, pictures of the pages, the tables of the documents, checks and test runs."""
