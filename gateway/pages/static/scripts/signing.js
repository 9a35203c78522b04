/**
 * What a member's key signs, byte for byte as the ledger checks it (chaincode/spec/kernel/signatures.py, gateway/members/wallets.py), and the signature.
 *
 * A `place` is {channel, chaincode, network}: where a signature is good, and nowhere else; `network` is the hash of the channel's first block in hex.
 */
(() => {
  "use strict";
  const jifen = (globalThis.jifen ??= {});
  const { encode } = jifen.canonical;
  const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
  const VALID_SECONDS = 3600;
  const REQUEST_BYTES = 15;

  /** @param {object} operation {op, args, request_id, valid_until}. @param {object} place @returns {Uint8Array} */
  function operationMessage(operation, { channel, chaincode, network }) {
    const { args, op, request_id, valid_until } = operation;
    return encode({ args, chaincode, channel, domain: "jifen-operation-1", network, op, request_id, valid_until });
  }

  /** @param {string} address @param {string} homeMsp The merchant that enrols her. @param {object} place @returns {Uint8Array} */
  function enrolmentMessage(address, homeMsp, { channel, chaincode, network }) {
    return encode({ address, chaincode, channel, domain: "jifen-enrolment-1", home_msp: homeMsp, network });
  }

  /** @param {object} withdrawal {address, class_id, points, reference_hash, request_id, valid_until}. @param {object} place @returns {Uint8Array} */
  function withdrawalMessage(withdrawal, { channel, chaincode, network }) {
    const { address, class_id, points, reference_hash, request_id, valid_until } = withdrawal;
    return encode({ address, chaincode, channel, class_id, domain: "jifen-withdrawal-1", network, points, reference_hash, request_id, valid_until });
  }

  /** @param {object} merging {source, target, class_ids, request_id, valid_until}. @param {object} place @returns {Uint8Array} What the receiving key signs. */
  function mergeMessage(merging, { channel, chaincode, network }) {
    const { source, target, class_ids, request_id, valid_until } = merging;
    return encode({ chaincode, channel, class_ids, domain: "jifen-merge-1", network, request_id, source, target, valid_until });
  }

  /** @param {object} rebind {address, home_msp, new_address}. @param {object} place @returns {Uint8Array} What the new key signs, to take the place of a lost one. */
  function rebindMessage({ address, home_msp, new_address }, { channel, chaincode, network }) {
    return encode({ address, chaincode, channel, domain: "jifen-rebind-1", home_msp, network, new_address });
  }

  /** @param {string} address @param {object} challenge As `POST /wallet/links` gives it. @returns {Uint8Array} */
  function linkMessage(address, { challenge, domain, msp_id, person_id, session_id }) {
    if (domain !== "jifen-link-1") throw new TypeError("not a challenge of this version"); // else it could be another message in disguise
    return encode({ address, challenge, domain, msp_id, person_id, session_id });
  }

  const TERMS = ["accepted_by", "decimals", "enrolled_only", "transferable", "unit_value_millionths", "validity"];

  /** @param {object} pointClass As the ledger has it. @returns {Promise<string>} The hash of its terms, which an exchange into it names. */
  async function termsHash(pointClass) {
    const terms = Object.fromEntries(TERMS.map((name) => [name, pointClass[name]]));
    return jifen.bytes.hex(new Uint8Array(await crypto.subtle.digest("SHA-256", encode(terms))));
  }

  /** @param {CryptoKey} key @param {Uint8Array} message @returns {Promise<string>} r || s in hex. */
  async function sign(key, message) {
    return jifen.bytes.hex(new Uint8Array(await crypto.subtle.sign(SIGNATURE, key, message)));
  }

  /**
   * The operation with her authorization. Rejects with KeyProblem PASSPHRASE_WRONG.
   *
   * @param {object} operation {op, args, request_id, valid_until}.
   * @param {object} place
   * @param {object} wrapped Her wrapped key.
   * @param {string} passphrase
   * @returns {Promise<object>} {op, args, request_id, valid_until, authorization}.
   */
  async function authorise(operation, place, wrapped, passphrase) {
    const message = operationMessage(operation, place);
    const signature = await sign(await jifen.keys.openToSign(wrapped, passphrase), message);
    return { ...operation, authorization: { public_key: wrapped.public_key, signature } };
  }

  /** @param {string} op @param {object} args @returns {object} An operation with a new request id, good for an hour. */
  function operation(op, args) {
    const request_id = jifen.bytes.base64url(jifen.bytes.random(REQUEST_BYTES));
    return { op, args, request_id, valid_until: jifen.now() + VALID_SECONDS };
  }

  jifen.signing = { authorise, enrolmentMessage, linkMessage, mergeMessage, operation, operationMessage, rebindMessage, sign, termsHash, withdrawalMessage };
})();
