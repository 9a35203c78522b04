/** The wire form of Protocol Buffers: reading messages by the numbers of their fields. */
(() => {
  "use strict";
  const jifen = (globalThis.jifen ??= {});
  const VARINT = 0;
  const EIGHT_BYTES = 1;
  const BYTES = 2;
  const FOUR_BYTES = 5;

  /** A message's fields by number; a field that is not there is empty or 0, as the format says. */
  class Message {
    #fields = new Map();

    /** @param {Uint8Array} bytes A TypeError for what is no message. */
    constructor(bytes) {
      let place = 0;
      const varint = () => {
        let value = 0;
        for (let factor = 1; ; factor *= 128) {
          const byte = bytes[place];
          if (byte === undefined || factor > 2 ** 63) throw new TypeError("a message ends too early");
          place += 1;
          value += (byte & 0x7f) * factor;
          if (byte < 0x80) return value;
        }
      };
      const take = (length) => {
        if (!Number.isSafeInteger(length) || place + length > bytes.length) throw new TypeError("a message ends too early");
        place += length;
        return bytes.subarray(place - length, place);
      };
      while (place < bytes.length) {
        const key = varint();
        const number = Math.floor(key / 8);
        const kind = key % 8;
        let value;
        if (kind === VARINT) value = varint();
        else if (kind === BYTES) value = take(varint());
        else if (kind === EIGHT_BYTES) value = take(8);
        else if (kind === FOUR_BYTES) value = take(4);
        else throw new TypeError("no message");
        if (number === 0) throw new TypeError("no message");
        if (!this.#fields.has(number)) this.#fields.set(number, []);
        this.#fields.get(number).push(value);
      }
    }

    #of(number, type) {
      const values = this.#fields.get(number) ?? [];
      if (values.some((value) => (typeof value === "number") !== (type === "number"))) throw new TypeError("a field is of another type");
      return values;
    }

    /** @param {number} number @returns {number} A whole number. Beyond 2^53 it is not exact. */
    whole(number) {
      return this.#of(number, "number").at(-1) ?? 0;
    }

    /** @param {number} number @returns {Uint8Array} */
    bytes(number) {
      return this.#of(number, "bytes").at(-1) ?? new Uint8Array();
    }

    /** @param {number} number @returns {string} UTF-8. */
    text(number) {
      return jifen.bytes.fromUtf8(this.bytes(number));
    }

    /** @param {number} number @returns {Message} */
    message(number) {
      return new Message(this.bytes(number));
    }

    /** @param {number} number @returns {Uint8Array[]} All values of a repeated field. */
    all(number) {
      return this.#of(number, "bytes");
    }

    /** @param {number} number @returns {Message[]} All values of a repeated field. */
    messages(number) {
      return this.all(number).map((value) => new Message(value));
    }

    /** @param {number} number @returns {Map<string, Message>} A map from texts to messages. */
    map(number) {
      return new Map(this.messages(number).map((entry) => [entry.text(1), entry.message(2)]));
    }
  }

  /** @param {Uint8Array} bytes @returns {Message} A TypeError for what is no message. */
  const read = (bytes) => new Message(bytes);

  jifen.protobuf = { read };
})();
