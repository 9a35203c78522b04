// What the till looks up: a member by what she shows or says, a reservation, a payment to give back.
"use strict";
(() => {
  const LOOKS_MAX = 6;
  const LOOK_MILLISECONDS = 400;
  const ROWS = 100;
  const HOLD = /^\s*jifen-hold:([^:/\s]+):([^:/\s]+)(?::([^:\s]+))?\s*$/i;
  const ask = async (method, path, body) => (await jifen.api.call(method, path, body)).document;

  /** An Error that belongs beside a field. */
  function beside(field, text) {
    const error = new Error(text);
    error.field = field;
    return error;
  }

  /** Whether a text is a reservation's code. */
  const isHold = (text) => HOLD.test(text);

  /** Who is meant by a code, an address or a contact: `{address, name, contact, person_id, custodial_address}`. Rejects with the API's OBJECT_UNKNOWN, CONTACT_INVALID. */
  async function member(text) {
    const scanned = jifen.scanning.parse(text);
    if (scanned) return { address: scanned.address, name: null, contact: null };
    const found = await ask("POST", "/api/v1/people/search", { contact: text.trim() });
    const address = found.addresses[0] ?? found.custodial_address;
    return { ...found, address: address ?? null };
  }

  /** A reservation may be a moment older than this gateway's tables. */
  async function whenKnown(path) {
    for (let look = 1; ; look += 1) {
      try {
        return await ask("GET", path);
      } catch (error) {
        if (error.code !== "OBJECT_UNKNOWN" || look === LOOKS_MAX) throw error;
        await jifen.pause(LOOK_MILLISECONDS);
      }
    }
  }

  /** The open reservations at this merchant that a text means: its code, or the letters under it, however they are typed. Each with the order that the member showed by it. */
  async function holds(text, msp) {
    const code = HOLD.exec(text);
    if (code) {
      if (!code[3]) throw beside("code", jifen.word("This code is from an older page. Type the eight letters under it."));
      const { hold } = await whenKnown(`/api/v1/holds/${encodeURIComponent(code[1].toLowerCase())}/${encodeURIComponent(code[2])}`);
      return [{ ...hold, order_ref: decodeURIComponent(code[3]) }];
    }
    const path = `/api/v1/holds?acceptor_msp=${encodeURIComponent(msp)}&status=RESERVED&limit=${ROWS}&order_ref=${encodeURIComponent(text)}`;
    return (await ask("GET", path)).items.filter((one) => one.expires_at >= jifen.now());
  }

  /** The payments at this merchant for an order, however its number is typed, or of a number, of which anything is left to give back, with what stands in the block; those that the ledger has swept only where there is no other. */
  async function payments(text, msp, block) {
    const wanted = text.trim();
    const found = [];
    if (/^[^/\s]+\/[^/\s]+$/.test(wanted)) {
      const [authoriser, request] = wanted.split("/");
      const one = await ask("GET", `/api/v1/redemptions/${encodeURIComponent(authoriser)}/${encodeURIComponent(request)}?at_least_block=${block}`).catch((error) => {
        if (error.code !== "OBJECT_UNKNOWN") throw error;
        return null;
      });
      if (one && one.redemption.acceptor_msp === msp) found.push(one.redemption);
    }
    if (!found.length) {
      found.push(...(await ask("GET", `/api/v1/redemptions?acceptor_msp=${encodeURIComponent(msp)}&order_ref=${encodeURIComponent(wanted)}&limit=${ROWS}&at_least_block=${block}`)).items);
    }
    const payments = found.filter((one) => one.kind !== "EXCHANGE");
    // An order's number may come again in another year.
    const standing = payments.filter((one) => !one.swept);
    return standing.length ? standing : payments;
  }

  /** The digits behind the point of an amount over several classes: theirs where they agree, else none. */
  function decimalsOf(parts, classes) {
    const found = new Set(parts.map((one) => classes[one.class_id]?.decimals ?? 0));
    return found.size === 1 ? [...found][0] : 0;
  }

  jifen.counter = { ask, beside, decimalsOf, holds, isHold, member, payments };
})();
