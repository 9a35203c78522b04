/** Bytes and their written forms. */
(() => {
  "use strict";
  const jifen = (globalThis.jifen ??= {});
  const HEX = /^(?:[0-9a-f]{2})*$/;
  const BASE64URL = /^[A-Za-z0-9_-]*$/;

  /** @param {string} text @returns {Uint8Array} Its UTF-8. Half a surrogate pair is a TypeError. */
  function utf8(text) {
    if (!text.isWellFormed()) throw new TypeError("half a surrogate pair");
    return new TextEncoder().encode(text);
  }

  /** @param {Uint8Array} bytes @returns {string} The text of this UTF-8; anything else is a TypeError. */
  function fromUtf8(bytes) {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  }

  /** @param {Uint8Array} bytes @returns {string} Lower-case hex. */
  function hex(bytes) {
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** @param {string} text Lower-case hex; anything else is a TypeError. @returns {Uint8Array} */
  function fromHex(text) {
    if (!HEX.test(text)) throw new TypeError("not lower-case hex");
    return Uint8Array.from({ length: text.length / 2 }, (_, place) => parseInt(text.slice(2 * place, 2 * place + 2), 16));
  }

  /** @param {Uint8Array} bytes @returns {string} URL-safe base64 without padding (RFC 4648, section 5). */
  function base64url(bytes) {
    const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  }

  /** @param {string} text As `base64url` writes it; anything else is a TypeError. @returns {Uint8Array} */
  function fromBase64url(text) {
    if (!BASE64URL.test(text) || text.length % 4 === 1) throw new TypeError("not URL-safe base64");
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    if (base64url(bytes) !== text) throw new TypeError("not URL-safe base64");
    return bytes;
  }

  /** @param {...Uint8Array} parts @returns {Uint8Array} One behind the other. */
  function concat(...parts) {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let place = 0;
    for (const part of parts) {
      whole.set(part, place);
      place += part.length;
    }
    return whole;
  }

  /** @param {number} count @returns {Uint8Array} So many random bytes. */
  function random(count) {
    return crypto.getRandomValues(new Uint8Array(count));
  }

  /** @param {Uint8Array} bytes @returns {Promise<Uint8Array>} SHA-256. */
  async function sha256(bytes) {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  }

  jifen.bytes = { base64url, concat, fromBase64url, fromHex, fromUtf8, hex, random, sha256, utf8 };
})();
