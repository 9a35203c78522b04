/**
 * A member's own key: made here, wrapped here under her passphrase, opened here for one use. Nothing of this file sends or stores anything.
 *
 * The private key never becomes bytes that a script could read: the browser makes, wraps and unwraps it inside WebCrypto. What leaves this
 * file is the wrapped document, which the gateway keeps as `WrappedKeyDocument` (gateway/members/key_schemas.py).
 */
(() => {
  "use strict";
  const jifen = (globalThis.jifen ??= {});
  const { base64url, fromBase64url, fromHex, hex, random, utf8 } = jifen.bytes;
  const CURVE = { name: "ECDSA", namedCurve: "P-256" };
  const AGREEMENT = { name: "ECDH", namedCurve: "P-256" };
  const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
  const ITERATIONS = 600_000; // OWASP, Password Storage Cheat Sheet (2023), for PBKDF2 with HMAC-SHA-256
  const ITERATIONS_MAX = 20_000_000;
  const CHARACTERS_MIN = 12;
  const DIFFERENT_MIN = 6;
  const FORMAT = "jifen-key-backup";
  const VERSION = 1;
  const BACKUP_CHARACTERS_MAX = 16_384;
  const FIELDS = ["address", "cipher", "iv", "kdf", "public_key", "salt", "wrapped"];

  /** What went wrong, with a stable `code`: PASSPHRASE_WEAK, PASSPHRASE_WRONG, BACKUP_MALFORMED, ADDRESS_MISMATCH, KEY_MISMATCH. */
  class KeyProblem extends Error {
    constructor(code, message) {
      super(message);
      this.name = "KeyProblem";
      this.code = code;
    }
  }


  /** The same passphrase typed on another keyboard has the same bytes (NIST SP 800-63B, 5.1.1.2). */
  const normal = (passphrase) => passphrase.normalize("NFKC");

  /**
   * Whether a passphrase is good enough, and what is wrong with it. A character of Chinese, Japanese or Korean counts twice: it is one of thousands.
   *
   * @param {string} passphrase
   * @param {string[]} [known] What others know of her (name, e-mail address, telephone number): no part of a good passphrase.
   * @returns {{good: boolean, share: number, words: string}} `share` of what is asked, from 0 to 1, for a meter.
   */
  function strength(passphrase, known = []) {
    const text = normal(passphrase);
    const characters = Array.from(text);
    const length = characters.reduce((sum, one) => sum + (/\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}/u.test(one) ? 2 : 1), 0);
    const share = Math.min(1, length / CHARACTERS_MIN);
    const low = text.toLowerCase();
    if (length < CHARACTERS_MIN) return { good: false, share, words: jifen.word("Make it longer: at least %(count)s characters; a Chinese character counts as two.", { count: CHARACTERS_MIN }) };
    if (new Set(characters).size < Math.min(DIFFERENT_MIN, Math.ceil(characters.length / 2))) return { good: false, share: 0.4, words: jifen.word("Too few different characters.") };
    if (isRow(characters)) return { good: false, share: 0.4, words: jifen.word("A row of characters, such as 123456, is guessed at once.") };
    if (low.includes("jifen") || low.includes("积分")) return { good: false, share: 0.6, words: jifen.word("Leave out the name of this service.") };
    if (known.some((one) => one.length >= 4 && low.includes(one.toLowerCase()))) return { good: false, share: 0.6, words: jifen.word("Leave out your name, e-mail address and telephone number.") };
    return { good: true, share: 1, words: jifen.word("Long enough. Do not use it anywhere else.") };
  }

  /** Whether nearly every character follows the one before it by the same step, as in 123456789012 or aaaaabbbbb. */
  function isRow(characters) {
    const steps = characters.slice(1).map((one, place) => one.codePointAt(0) - characters[place].codePointAt(0));
    const small = steps.filter((step) => Math.abs(step) <= 1).length;
    return small >= steps.length * 0.8;
  }

  async function wrappingKey(passphrase, salt, iterations) {
    const material = await crypto.subtle.importKey("raw", utf8(normal(passphrase)), "PBKDF2", false, ["deriveKey"]);
    const derivation = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
    return crypto.subtle.deriveKey(derivation, material, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
  }

  async function wrapped(privateKey, publicKey, passphrase, known) {
    const judged = strength(passphrase, known);
    if (!judged.good) throw new KeyProblem("PASSPHRASE_WEAK", judged.words);
    const salt = random(16);
    const iv = random(12);
    const under = await wrappingKey(passphrase, salt, ITERATIONS);
    const sealed = await crypto.subtle.wrapKey("pkcs8", privateKey, under, { name: "AES-GCM", iv });
    return {
      address: await jifen.bech32.addressOf(publicKey),
      cipher: "AES-256-GCM",
      iterations: ITERATIONS,
      iv: base64url(iv),
      kdf: "PBKDF2-SHA256",
      public_key: publicKey,
      salt: base64url(salt),
      wrapped: base64url(new Uint8Array(sealed)),
    };
  }

  /** A browser does not say why it could not unwrap: a wrong passphrase and a damaged file look alike. */
  async function unwrapped(document, passphrase, algorithm, extractable, uses) {
    const under = await wrappingKey(passphrase, fromBase64url(document.salt), document.iterations);
    const cipher = { name: "AES-GCM", iv: fromBase64url(document.iv) };
    try {
      return await crypto.subtle.unwrapKey("pkcs8", fromBase64url(document.wrapped), under, cipher, algorithm, extractable, uses);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      throw new KeyProblem("PASSPHRASE_WRONG", jifen.word("This is not the passphrase of this key."));
    }
  }

  /**
   * Makes a new key and wraps it. Rejects with KeyProblem PASSPHRASE_WEAK.
   *
   * @param {string} passphrase
   * @param {string[]} [known] As for `strength`.
   * @returns {Promise<object>} The wrapped document.
   */
  async function make(passphrase, known = []) {
    const pair = await crypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);
    const publicKey = hex(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
    return wrapped(pair.privateKey, publicKey, passphrase, known);
  }

  /**
   * Opens a wrapped key for signing. It cannot be exported again; let go of it at once. Rejects with KeyProblem PASSPHRASE_WRONG.
   *
   * @param {object} document @param {string} passphrase @returns {Promise<CryptoKey>}
   */
  function openToSign(document, passphrase) {
    return unwrapped(document, passphrase, CURVE, false, ["sign"]);
  }

  /** Opens a wrapped key for reading notes, in the same way. @param {object} document @param {string} passphrase @returns {Promise<CryptoKey>} */
  function openToAgree(document, passphrase) {
    return unwrapped(document, passphrase, AGREEMENT, false, ["deriveBits"]);
  }

  /**
   * Whether the wrapped key is that of its public key, by a trial signature. Rejects with KeyProblem PASSPHRASE_WRONG, KEY_MISMATCH.
   *
   * @param {object} document @param {string} passphrase @returns {Promise<void>}
   */
  async function prove(document, passphrase) {
    const key = await openToSign(document, passphrase);
    const trial = random(32);
    const signature = await crypto.subtle.sign(SIGNATURE, key, trial);
    if (!(await holds(document.public_key, new Uint8Array(signature), trial))) {
      throw new KeyProblem("KEY_MISMATCH", jifen.word("The file holds the key of another account."));
    }
  }

  /** @param {string} publicKey Hex. @param {Uint8Array} signature r || s. @param {Uint8Array} message @returns {Promise<boolean>} */
  async function holds(publicKey, signature, message) {
    const key = await crypto.subtle.importKey("raw", fromHex(publicKey), CURVE, false, ["verify"]);
    return crypto.subtle.verify(SIGNATURE, key, signature, message);
  }

  /**
   * The same key under another passphrase. Rejects with KeyProblem PASSPHRASE_WRONG, PASSPHRASE_WEAK.
   *
   * @param {object} document @param {string} passphrase @param {string} next @param {string[]} [known] @returns {Promise<object>}
   */
  async function rewrap(document, passphrase, next, known = []) {
    const key = await unwrapped(document, passphrase, CURVE, true, ["sign"]); // to be wrapped again it must be extractable
    return wrapped(key, document.public_key, next, known);
  }

  /** @param {object} document A wrapped document. @returns {string} The text of a backup file. */
  function backup(document) {
    return `${JSON.stringify({ format: FORMAT, version: VERSION, address: document.address, key: plain(document) }, null, 2)}\n`;
  }

  /**
   * The wrapped document in a backup file. Rejects with KeyProblem BACKUP_MALFORMED, ADDRESS_MISMATCH. Whether the key is its public key's says `prove`.
   *
   * @param {string} text @returns {Promise<object>}
   */
  async function readBackup(text) {
    const file = parsed(text);
    if (file?.format !== FORMAT) throw malformed(jifen.word("This is not a backup of a Jifen key."));
    if (file.version !== VERSION) throw malformed(jifen.word("This backup was made by a newer version."));
    const key = file.key;
    const sound =
      key !== null &&
      typeof key === "object" &&
      FIELDS.every((name) => typeof key[name] === "string") &&
      Number.isSafeInteger(key.iterations) &&
      key.iterations >= ITERATIONS &&
      key.iterations <= ITERATIONS_MAX &&
      key.kdf === "PBKDF2-SHA256" &&
      key.cipher === "AES-256-GCM" &&
      /^04[0-9a-f]{128}$/.test(key.public_key) &&
      isBytes(key.salt, 16, 64) &&
      isBytes(key.iv, 12, 12) &&
      isBytes(key.wrapped, 48, 512);
    if (!sound) throw malformed(jifen.word("The backup is damaged."));
    const address = await jifen.bech32.addressOf(key.public_key);
    if (key.address !== address || file.address !== address) {
      throw new KeyProblem("ADDRESS_MISMATCH", jifen.word("The backup names another account than its key."));
    }
    return plain(key);
  }

  function parsed(text) {
    if (text.length > BACKUP_CHARACTERS_MAX) throw malformed(jifen.word("This is not a backup of a Jifen key."));
    try {
      return JSON.parse(text);
    } catch {
      throw malformed(jifen.word("This is not a backup of a Jifen key."));
    }
  }

  function malformed(words) {
    return new KeyProblem("BACKUP_MALFORMED", words);
  }

  function isBytes(text, low, high) {
    try {
      const { length } = fromBase64url(text);
      return length >= low && length <= high;
    } catch {
      return false;
    }
  }

  /** The fields that this file wraps with, and no others: what the gateway adds (null for Argon2's memory) stays out. */
  function plain(document) {
    return Object.fromEntries([...FIELDS, "iterations"].sort().map((name) => [name, document[name]]));
  }

  jifen.keys = { KeyProblem, backup, holds, make, openToAgree, openToSign, plain, prove, readBackup, rewrap, strength };
})();
