// Package bech32 is Bech32 as BIP-173 defines it, for addresses: a mistyped one is refused.
package bech32

import "strings"

const characters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

var generator = [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}

var values = func() (table [256]int8) {
	for i := range table {
		table[i] = -1
	}
	for i := range characters {
		table[characters[i]] = int8(i)
	}
	return table
}()

func step(checksum uint32, value byte) uint32 {
	top := checksum >> 25
	checksum = checksum&0x1ffffff<<5 ^ uint32(value)
	for bit, term := range generator {
		if top>>bit&1 == 1 {
			checksum ^= term
		}
	}
	return checksum
}

func polymod(prefix string, data []byte) uint32 {
	checksum := uint32(1)
	for i := range len(prefix) {
		checksum = step(checksum, prefix[i]>>5)
	}
	checksum = step(checksum, 0)
	for i := range len(prefix) {
		checksum = step(checksum, prefix[i]&31)
	}
	for _, value := range data {
		checksum = step(checksum, value)
	}
	return checksum
}

// regroup turns groups of from bits into groups of to bits; not ok when unpadded input leaves set or too many bits over.
func regroup(data []byte, from, to uint, pad bool) (out []byte, ok bool) {
	var accumulator uint32
	var bits uint
	for _, value := range data {
		accumulator = (accumulator<<from | uint32(value)) & 0xfffff
		bits += from
		for bits >= to {
			bits -= to
			out = append(out, byte(accumulator>>bits)&(1<<to-1))
		}
	}
	rest := byte(accumulator<<(to-bits)) & (1<<to - 1)
	if pad {
		if bits > 0 {
			out = append(out, rest)
		}
		return out, true
	}
	return out, bits < from && rest == 0
}

// Encode gives data as lower-case Bech32 with prefix.
func Encode(prefix string, data []byte) string {
	groups, _ := regroup(data, 8, 5, true)
	checksum := polymod(prefix, append(groups[:len(groups):len(groups)], 0, 0, 0, 0, 0, 0)) ^ 1
	for place := range 6 {
		groups = append(groups, byte(checksum>>(5*(5-place)))&31)
	}
	var text strings.Builder
	text.Grow(len(prefix) + 1 + len(groups))
	text.WriteString(prefix)
	text.WriteByte('1')
	for _, group := range groups {
		text.WriteByte(characters[group])
	}
	return text.String()
}

// Decode gives the bytes in text; not ok where it is not lower-case Bech32 with prefix and a right checksum.
func Decode(prefix, text string) (data []byte, ok bool) {
	body, found := strings.CutPrefix(text, prefix+"1")
	if !found || len(body) < 6 {
		return nil, false
	}
	groups := make([]byte, len(body))
	for i := range len(body) {
		value := values[body[i]]
		if value < 0 {
			return nil, false
		}
		groups[i] = byte(value)
	}
	if polymod(prefix, groups) != 1 {
		return nil, false
	}
	return regroup(groups[:len(groups)-6], 5, 8, false)
}
