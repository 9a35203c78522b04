"""The executable specification of the points ledger.

Reads like a law book, from the bottom up:

- `kernel` is what every rule stands on: bytes, keys, limits, refusal codes, forms, signatures, the view of the state,
  what is remembered of requests, balances and obligations, and `apply`, which runs a batch of operations;
- `nouns` says what the ledger keeps, a file for each;
- `operations` has a file for each operation, in the folder of its subject;
- `queries` answers questions, `erc20` is the ERC-20 and ERC-7818 side of a class;
- `invoke` is the door, through which a transaction comes in;
- `invariants` says what holds of every state, `lineage` where points came from.

Nothing here touches a network, a file or a clock; the same input always gives the same receipts, writes and event, in
this text and in the Go chaincode.
"""
