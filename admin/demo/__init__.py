"""The main job: months of real purchases replayed on any ledger, and the settlement that must come out."""
