/**
 * A private note with a transfer: sealed here for the recipient's key, so that nobody else can read it, the gateway that keeps it included.
 *
 * Ephemeral ECDH on P-256, HKDF-SHA-256, AES-256-GCM. The additional data binds it to its transfer and recipient. The recipient's signing key serves for the
 * agreement too; that the two do not weaken each other: Degabriele et al., On the Joint Security of Encryption and Signature in EMV (2012).
 *
 * Sealed form, in URL-safe base64: version (1 byte), ephemeral public key (65), nonce (12), ciphertext and tag.
 */
(() => {
  "use strict";
  const jifen = (globalThis.jifen ??= {});
  const { base64url, concat, fromBase64url, fromHex, fromUtf8, random, utf8 } = jifen.bytes;
  const AGREEMENT = { name: "ECDH", namedCurve: "P-256" };
  const VERSION = 1;
  const POINT_BYTES = 65;
  const NONCE_BYTES = 12;
  const TAG_BYTES = 16;
  const CHARACTERS_MAX = 280;

  /** What went wrong, with a stable `code`: NOTE_UNREADABLE, NOTE_TOO_LONG, ADDRESS_MISMATCH. */
  class NoteProblem extends Error {
    constructor(code, message) {
      super(message);
      this.name = "NoteProblem";
      this.code = code;
    }
  }

  const bound = ({ authoriser, request_id, recipient }) => jifen.canonical.encode({ authoriser, recipient, request_id });

  async function cipherKey(privateKey, publicPoint, ephemeralPoint, recipientPoint, use) {
    const other = await crypto.subtle.importKey("raw", publicPoint, AGREEMENT, false, []);
    const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: other }, privateKey, 256);
    const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
    const derivation = { name: "HKDF", hash: "SHA-256", salt: concat(ephemeralPoint, recipientPoint), info: utf8("jifen-note-1") };
    return crypto.subtle.deriveKey(derivation, material, { name: "AES-GCM", length: 256 }, false, [use]);
  }

  /**
   * Seals a note. Rejects with NoteProblem NOTE_TOO_LONG; ADDRESS_MISMATCH when the public key is not the recipient's.
   *
   * @param {string} text
   * @param {string} recipientKey The recipient's public key, hex.
   * @param {{authoriser: string, request_id: string, recipient: string}} transfer
   * @returns {Promise<string>}
   */
  async function seal(text, recipientKey, transfer) {
    if (Array.from(text).length > CHARACTERS_MAX) {
      throw new NoteProblem("NOTE_TOO_LONG", jifen.word("At most %(count)s characters.", { count: CHARACTERS_MAX }));
    }
    if ((await jifen.bech32.addressOf(recipientKey)) !== transfer.recipient) {
      throw new NoteProblem("ADDRESS_MISMATCH", jifen.word("The gateway gave the key of another account. The note was not sealed."));
    }
    const recipientPoint = fromHex(recipientKey);
    const pair = await crypto.subtle.generateKey(AGREEMENT, false, ["deriveBits"]);
    const ephemeralPoint = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    const key = await cipherKey(pair.privateKey, recipientPoint, ephemeralPoint, recipientPoint, "encrypt");
    const nonce = random(NONCE_BYTES);
    const cipher = { name: "AES-GCM", iv: nonce, additionalData: bound(transfer) };
    const sealed = new Uint8Array(await crypto.subtle.encrypt(cipher, key, utf8(text)));
    return base64url(concat(Uint8Array.of(VERSION), ephemeralPoint, nonce, sealed));
  }

  /**
   * Reads notes with the recipient's key. Rejects with KeyProblem PASSPHRASE_WRONG.
   *
   * @param {object[]} notes {authoriser, request_id, recipient, sealed} each.
   * @param {object} wrapped The recipient's wrapped key.
   * @param {string} passphrase
   * @returns {Promise<(string|null)[]>} The texts in the same order; null for one that is not hers or was changed.
   */
  async function readAll(notes, wrapped, passphrase) {
    const key = await jifen.keys.openToAgree(wrapped, passphrase);
    return Promise.all(notes.map((note) => read(note, key, fromHex(wrapped.public_key))));
  }

  async function read(note, privateKey, recipientPoint) {
    try {
      const bytes = fromBase64url(note.sealed);
      if (bytes[0] !== VERSION || bytes.length < 1 + POINT_BYTES + NONCE_BYTES + TAG_BYTES) return null;
      const ephemeralPoint = bytes.slice(1, 1 + POINT_BYTES);
      const nonce = bytes.slice(1 + POINT_BYTES, 1 + POINT_BYTES + NONCE_BYTES);
      const key = await cipherKey(privateKey, ephemeralPoint, ephemeralPoint, recipientPoint, "decrypt");
      const cipher = { name: "AES-GCM", iv: nonce, additionalData: bound(note) };
      return fromUtf8(new Uint8Array(await crypto.subtle.decrypt(cipher, key, bytes.slice(1 + POINT_BYTES + NONCE_BYTES))));
    } catch (error) {
      if (error instanceof DOMException || error instanceof TypeError) return null; // another's note, or a changed one
      throw error;
    }
  }

  jifen.notes = { CHARACTERS_MAX, NoteProblem, readAll, seal };
})();
