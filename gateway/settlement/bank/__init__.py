"""The bank loop: payments of a window as files for the bank (ISO 20022 pain.001, bank CSV), and the bank's answers
(camt.053 statements, pain.002 reports) as proposals of operations, which a person confirms.

All of it is pure: documents in, files and proposals out, the same bytes each time. Amounts are integers of minor units.
"""
