"""The executable specification of the points ledger.

Reads like a law book: nouns in `keys`, limits in `limits`, refusal codes in `codes`, one file for each operation
in `operations` and for each query in `queries`. Nothing here touches a network, a file or a clock; the same input
always gives the same receipts, writes and event, in this text and in the Go chaincode.
"""
