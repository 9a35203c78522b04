"""The one declaration, `consortium.yaml`: its model, its reading with line numbers, what follows from it as data, and a
generator for N merchants."""

from network.declaration.generate import merchants_declaration
from network.declaration.model import Consortium, Orderer, Org, Peer, choices
from network.declaration.reading import parse, read, read_text

__all__ = ["Consortium", "Orderer", "Org", "Peer", "choices", "merchants_declaration", "parse", "read", "read_text"]
