"""The Python spec as a chaincode server, through the official Python shim: for the proof that both implementations
agree on a real network, and for an organisation that wants to run the text it can read."""
