/** Addresses: Bech32 (BIP-173) with the prefix `jf` over the first 20 bytes of the SHA-256 of a public key. */
(() => {
  "use strict";
  const jifen = (globalThis.jifen ??= {});
  const CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  const PREFIX = "jf";
  const ADDRESS_BYTES = 20;

  function polymod(values) {
    let checksum = 1;
    for (const value of values) {
      const top = checksum >>> 25;
      checksum = ((checksum & 0x1ffffff) << 5) ^ value;
      GENERATOR.forEach((generator, bit) => {
        if ((top >>> bit) & 1) checksum ^= generator;
      });
    }
    return checksum >>> 0;
  }

  function expanded(prefix) {
    const codes = Array.from(prefix, (character) => character.charCodeAt(0));
    return [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31)];
  }

  /** Groups of `fromBits` as groups of `toBits`; null when unpadded input leaves set or too many bits over. */
  function regrouped(values, fromBits, toBits, pad) {
    let accumulator = 0;
    let bits = 0;
    const out = [];
    for (const value of values) {
      accumulator = (accumulator << fromBits) | value;
      bits += fromBits;
      while (bits >= toBits) {
        bits -= toBits;
        out.push((accumulator >>> bits) & ((1 << toBits) - 1));
      }
      accumulator &= (1 << bits) - 1;
    }
    const rest = (accumulator << (toBits - bits)) & ((1 << toBits) - 1);
    if (pad) return bits ? [...out, rest] : out;
    return bits >= fromBits || rest ? null : out;
  }

  /** @param {string} prefix @param {Uint8Array} bytes @returns {string} Lower-case Bech32. */
  function encode(prefix, bytes) {
    const values = regrouped(bytes, 8, 5, true);
    const checksum = polymod([...expanded(prefix), ...values, 0, 0, 0, 0, 0, 0]) ^ 1;
    for (let place = 0; place < 6; place += 1) values.push((checksum >>> (5 * (5 - place))) & 31);
    return `${prefix}1${values.map((value) => CHARACTERS[value]).join("")}`;
  }

  /** @param {string} prefix @param {string} text @returns {Uint8Array|null} The bytes; null where the text or its checksum is wrong. */
  function decode(prefix, text) {
    if (!text.startsWith(`${prefix}1`)) return null;
    const values = Array.from(text.slice(prefix.length + 1), (character) => CHARACTERS.indexOf(character));
    if (values.length < 6 || values.includes(-1) || polymod([...expanded(prefix), ...values]) !== 1) return null;
    const bytes = regrouped(values.slice(0, -6), 5, 8, false);
    return bytes === null ? null : Uint8Array.from(bytes);
  }

  /** @param {string} publicKey Uncompressed P-256 point in hex. @returns {Promise<string>} Its address. */
  async function addressOf(publicKey) {
    const digest = await jifen.bytes.sha256(jifen.bytes.fromHex(publicKey));
    return encode(PREFIX, digest.slice(0, ADDRESS_BYTES));
  }

  /** @param {string} text @returns {boolean} Whether it is a well-formed address. */
  function isAddress(text) {
    return decode(PREFIX, text)?.length === ADDRESS_BYTES;
  }

  /** @param {string} text What somebody typed, pasted or scanned. @returns {string} Without spaces, in lower case. */
  function normalised(text) {
    return text.replace(/[\s\u200b]+/gu, "").toLowerCase();
  }

  /** @param {string} text @returns {string} In groups of four, to be compared by eye. */
  function grouped(text) {
    return text.match(/.{1,4}/gu)?.join(" ") ?? "";
  }

  jifen.bech32 = { addressOf, decode, encode, grouped, isAddress, normalised };
})();
