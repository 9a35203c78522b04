/** DER (X.690): reading what certificates and signatures are written in, and writing the little that hashes are made over. */
(() => {
  "use strict";
  const jifen = (globalThis.jifen ??= {});
  const LENGTH_BYTES_MAX = 4;

  /** Tags that are used here. */
  const TAG = { boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utcTime: 0x17, time: 0x18, sequence: 0x30, set: 0x31 };

  /**
   * One element.
   *
   * @param {Uint8Array} bytes @param {number} start Where it begins.
   * @returns {{tag: number, content: Uint8Array, whole: Uint8Array, end: number}} `whole` is the element with its head. A TypeError for what is no DER.
   */
  function read(bytes, start = 0) {
    const tag = bytes[start];
    let length = bytes[start + 1];
    let place = start + 2;
    if (tag === undefined || length === undefined || (tag & 0x1f) === 0x1f) throw new TypeError("no DER element");
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > LENGTH_BYTES_MAX || bytes[place] === 0) throw new TypeError("no DER length");
      length = 0;
      for (let index = 0; index < count; index += 1) length = length * 256 + bytes[place + index];
      place += count;
      if (!(length >= 0x80)) throw new TypeError("no DER length");
    }
    const end = place + length;
    if (end > bytes.length) throw new TypeError("a DER element ends too early");
    return { tag, content: bytes.subarray(place, end), whole: bytes.subarray(start, end), end };
  }

  /** @param {Uint8Array} content @returns {object[]} The elements that stand in it, one behind the other. */
  function elements(content) {
    const found = [];
    for (let place = 0; place < content.length; ) {
      const element = read(content, place);
      found.push(element);
      place = element.end;
    }
    return found;
  }

  /** @param {Uint8Array} bytes @param {number} tag @returns {object[]} The elements in the one element that `bytes` is. */
  function inside(bytes, tag = TAG.sequence) {
    const element = read(bytes);
    if (element.tag !== tag || element.end !== bytes.length) throw new TypeError("another DER element was expected");
    return elements(element.content);
  }

  /** @param {Uint8Array} content Of an object identifier. @returns {string} `1.2.840…`. */
  function oid(content) {
    const numbers = [];
    let number = 0;
    for (const byte of content) {
      number = number * 128 + (byte & 0x7f);
      if (byte < 0x80) {
        numbers.push(number);
        number = 0;
      }
    }
    const [first, ...others] = numbers;
    const top = Math.min(2, Math.floor(first / 40));
    return [top, first - 40 * top, ...others].join(".");
  }

  /** @param {object} element A UTCTime or GeneralizedTime. @returns {number} Unix seconds. */
  function seconds(element) {
    const text = String.fromCharCode(...element.content);
    const parts = (element.tag === TAG.utcTime ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/).exec(text);
    if (parts === null) throw new TypeError("no time");
    const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
    const full = element.tag === TAG.utcTime ? (year < 50 ? 2000 + year : 1900 + year) : year;
    return Date.UTC(full, month - 1, day, hour, minute, second) / 1000;
  }

  /** @param {object} element A BIT STRING of whole bytes. @returns {Uint8Array} */
  function bits(element) {
    if (element.tag !== TAG.bits || element.content[0] !== 0) throw new TypeError("no bit string of whole bytes");
    return element.content.subarray(1);
  }

  function padded(integer, size) {
    let start = 0;
    while (start < integer.length - 1 && integer[start] === 0) start += 1;
    const digits = integer.subarray(start);
    if (digits.length > size) throw new TypeError("a number of the signature is too long");
    const whole = new Uint8Array(size);
    whole.set(digits, size - digits.length);
    return whole;
  }

  /**
   * A signature as WebCrypto wants it.
   *
   * @param {Uint8Array} signature SEQUENCE of r and s. @param {number} size Bytes of each. @returns {Uint8Array} r || s (IEEE P1363).
   */
  function rawSignature(signature, size) {
    const numbers = inside(signature);
    if (numbers.length !== 2 || numbers.some((one) => one.tag !== TAG.integer || one.content[0] >= 0x80)) throw new TypeError("no ECDSA signature");
    return jifen.bytes.concat(...numbers.map((one) => padded(one.content, size)));
  }

  /** @param {number} tag @param {Uint8Array} content @returns {Uint8Array} An element of at most 127 bytes. */
  function write(tag, content) {
    if (content.length >= 0x80) throw new TypeError("only short elements are written here");
    return jifen.bytes.concat(Uint8Array.of(tag, content.length), content);
  }

  /** @param {number} value Not negative. @returns {Uint8Array} An INTEGER. */
  function integer(value) {
    const digits = [];
    for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
    if (digits.length === 0 || digits[0] >= 0x80) digits.unshift(0);
    return write(TAG.integer, Uint8Array.from(digits));
  }

  jifen.der = { TAG, bits, elements, inside, integer, oid, rawSignature, read, seconds, write };
})();
