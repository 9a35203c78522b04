"""What the ledger keeps: a module for each noun, of the name of its key in `keys`. It says what the noun is, its
fields, `STORED` (the form of the document at its key: a TypedDict, or the names of a list's values in their order),
and how it is loaded or refused."""

from __future__ import annotations

from typing import Annotated

from chaincode.spec.kernel import fields

Date = Annotated[str, fields.DATE]
"""A day as text; stored lists have days as integers since 1970-01-01."""
