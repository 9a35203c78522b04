"""Bech32 as BIP-173 defines it, for addresses: a mistyped one is refused."""

from __future__ import annotations

CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
"""Of the data part, by their values."""
_VALUES = {character: value for value, character in enumerate(CHARACTERS)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit in range(5):
            checksum ^= _GENERATOR[bit] if (top >> bit) & 1 else 0
    return checksum


def _expand(prefix: str) -> list[int]:
    return [ord(character) >> 5 for character in prefix] + [0] + [ord(character) & 31 for character in prefix]


def _regroup(values: bytes | list[int], from_bits: int, to_bits: int, pad: bool) -> list[int] | None:
    """Groups of `from_bits` regrouped into `to_bits`; None when unpadded input leaves set or too many bits over."""
    accumulator = bits = 0
    out = []
    for value in values:
        accumulator = (accumulator << from_bits) | value
        bits += from_bits
        while bits >= to_bits:
            bits -= to_bits
            out.append((accumulator >> bits) & ((1 << to_bits) - 1))
    rest = (accumulator << (to_bits - bits)) & ((1 << to_bits) - 1)
    if pad:
        return [*out, rest] if bits else out
    return None if bits >= from_bits or rest else out


def encode(prefix: str, data: bytes) -> str:
    """`data` as lower-case Bech32 with `prefix`."""
    values = _regroup(data, 8, 5, pad=True)
    assert values is not None
    checksum = _polymod(_expand(prefix) + values + [0] * 6) ^ 1
    values += [(checksum >> 5 * (5 - place)) & 31 for place in range(6)]
    return prefix + "1" + "".join(CHARACTERS[value] for value in values)


def decode(prefix: str, text: str) -> bytes | None:
    """The bytes in `text`, or None where it is not lower-case Bech32 with `prefix` and a right checksum."""
    if not text.startswith(prefix + "1"):
        return None
    try:
        values = [_VALUES[character] for character in text[len(prefix) + 1 :]]
    except KeyError:
        return None
    if len(values) < 6 or _polymod(_expand(prefix) + values) != 1:
        return None
    data = _regroup(values[:-6], 5, 8, pad=False)
    return None if data is None else bytes(data)
