/**
 * The way of a key into the wallet: made, wrapped, linked to the account, kept in its wrapped form, enrolled.
 *
 * `ask(method, path, body, headers)` is how the API is asked; it gives the answer's document and rejects with the API's problem.
 */
(() => {
  "use strict";
  const jifen = (globalThis.jifen ??= {});

  /**
   * Makes a key and brings its wrapped form to the gateway; the address is linked first, because a wrapped key is kept for a linked one.
   *
   * @param {Function} ask @param {string} passphrase @param {string[]} [known] As for `jifen.keys.strength`.
   * @returns {Promise<object>} The wrapped document. Rejects with KeyProblem, and the API's LOGIN_TOO_OLD, ADDRESSES_FULL.
   */
  async function register(ask, passphrase, known = []) {
    const wrapped = await jifen.keys.make(passphrase, known);
    await bring(ask, wrapped, passphrase);
    return wrapped;
  }

  /**
   * Links the address of a wrapped key that is already there (a backup, another gateway's) and keeps the key. Rejects with KeyProblem PASSPHRASE_WRONG,
   * KEY_MISMATCH, and the API's ADDRESS_LINKED, LOGIN_TOO_OLD, ADDRESSES_FULL.
   *
   * @param {Function} ask @param {object} wrapped @param {string} passphrase @returns {Promise<void>}
   */
  async function bring(ask, wrapped, passphrase) {
    await jifen.keys.prove(wrapped, passphrase);
    const challenge = await ask("POST", "/wallet/links");
    const key = await jifen.keys.openToSign(wrapped, passphrase);
    const signature = await jifen.signing.sign(key, jifen.signing.linkMessage(wrapped.address, challenge));
    await ask("POST", `/wallet/links/${challenge.challenge_id}`, { public_key: wrapped.public_key, signature });
    await keep(ask, wrapped);
  }

  /** Keeps a key's wrapped form as its newest version. @param {Function} ask @param {object} wrapped @returns {Promise<object>} */
  function keep(ask, wrapped) {
    return ask("PUT", `/wallet/keys/${wrapped.address}`, jifen.keys.plain(wrapped));
  }

  /** The newest wrapped form of an address. @param {Function} ask @param {string} address @returns {Promise<object>} */
  async function wrappedKey(ask, address) {
    const { document } = await ask("GET", `/wallet/keys/${address}`);
    return jifen.keys.plain(document);
  }

  /**
   * Her consent that this gateway's merchant enrols the address, and the enrolment. Rejects with KeyProblem PASSPHRASE_WRONG, and the API's codes of EnrollMember.
   *
   * @param {Function} ask @param {object} wrapped @param {string} passphrase @param {string} homeMsp @param {object} place As in `jifen.signing`.
   * @returns {Promise<object>} The receipt.
   */
  async function enrol(ask, wrapped, passphrase, homeMsp, place) {
    const key = await jifen.keys.openToSign(wrapped, passphrase);
    const consent = await jifen.signing.sign(key, jifen.signing.enrolmentMessage(wrapped.address, homeMsp, place));
    return ask("POST", "/wallet/enrolments", { address: wrapped.address, consent });
  }

  /** The same key under another passphrase, kept as its newest version. Rejects with KeyProblem and the API's LOGIN_TOO_OLD. */
  async function changePassphrase(ask, address, passphrase, next, known = []) {
    const rewrapped = await jifen.keys.rewrap(await wrappedKey(ask, address), passphrase, next, known);
    await jifen.keys.prove(rewrapped, next); // before the old form stops being the newest
    await keep(ask, rewrapped);
    return rewrapped;
  }

  jifen.wallet = { bring, changePassphrase, enrol, keep, register, wrappedKey };
})();
