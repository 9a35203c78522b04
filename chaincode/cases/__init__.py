"""Makes the vectors: cases are stated by hand here (what is done, and which code must come), the rest of each is filled
in from the spec and frozen in `chaincode/vectors`, where both languages run them."""
