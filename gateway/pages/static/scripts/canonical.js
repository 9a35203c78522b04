/**
 * Canonical JSON, the one byte form of what is signed: keys by code point, no white space, whole numbers only. The same rules as
 * chaincode/spec/kernel/canonical.py; a test holds the two against each other.
 */
(() => {
  "use strict";
  const jifen = (globalThis.jifen ??= {});

  /** The order of code points. JavaScript's own order is by UTF-16 units, which differs beyond U+FFFF. */
  function byCodePoint(left, right) {
    const a = Array.from(left);
    const b = Array.from(right);
    for (let place = 0; place < Math.min(a.length, b.length); place += 1) {
      if (a[place] !== b[place]) return a[place].codePointAt(0) - b[place].codePointAt(0);
    }
    return a.length - b.length;
  }

  function quoted(text) {
    if (!text.isWellFormed()) throw new TypeError("half a surrogate pair");
    return JSON.stringify(text); // the escapes of RFC 8259's short forms and \u00xx in lower case, as the rules ask
  }

  /**
   * @param {*} value Of null, booleans, whole numbers up to 2^53 - 1, texts, lists and plain objects; anything else is a TypeError.
   * @returns {string} Its canonical text.
   */
  function text(value) {
    if (value === null || typeof value === "boolean") return String(value);
    if (typeof value === "string") return quoted(value);
    if (typeof value === "number") {
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new TypeError("not a whole number in range");
      return String(value);
    }
    if (Array.isArray(value)) return `[${value.map(text).join(",")}]`;
    if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
      const names = Object.keys(value).sort(byCodePoint);
      return `{${names.map((name) => `${quoted(name)}:${text(value[name])}`).join(",")}}`;
    }
    throw new TypeError(`no JSON value: ${typeof value}`);
  }

  /** @param {*} value As for `text`. @returns {Uint8Array} Its canonical bytes. */
  function encode(value) {
    return jifen.bytes.utf8(text(value));
  }

  jifen.canonical = { encode, text };
})();
