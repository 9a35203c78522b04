/**
 * The chain of headers, and what this browser remembers of it: the hash of block 0, of the newest block that it saw, and of one in a thousand between.
 *
 * A chain that was rewritten behind one of these is refused, whoever shows it.
 */
(() => {
  "use strict";
  const jifen = (globalThis.jifen ??= {});
  const PAGE = 1000;
  const HEADERS_MAX = 20_000;
  const EVERY = 1000;

  /** What broke, in a word for programs. */
  class ChainBroken extends Error {
    constructor(code, number) {
      super(`${code} at block ${number}`);
      this.code = code;
      this.number = number;
    }
  }

  const WORDS = {
    GAP: () => jifen.word("Blocks are missing in the chain."),
    LINK: () => jifen.word("A block does not name the one before it: the chain is broken."),
    REWRITTEN: () => jifen.word("A block that this browser saw before is another one now. The chain was rewritten, or it is another ledger than before."),
    RENAMED: () => jifen.word("This gateway named another ledger before: it shows another one now, or the same one under another name."),
    SHORTER: () => jifen.word("Blocks that this browser saw before are gone. The chain was cut, or it is another ledger than before."),
  };

  /** @param {ChainBroken} error @returns {string} What it means, for people. */
  const explain = (error) => WORDS[error.code]();

  const PLACES = "jifen.chain.";
  const placeOf = (channel) => PLACES + channel;

  /** Where this browser keeps anything of a chain. A gateway has one, so a second name for it would only hide what is remembered under the first. */
  function places() {
    try {
      return Object.keys(localStorage).filter((place) => place.startsWith(PLACES));
    } catch {
      return []; // a browser that keeps nothing for this page
    }
  }

  /** @param {string} channel @returns {object} Hashes in hex by block number, of this browser's earlier visits. */
  function remembered(channel) {
    try {
      const found = JSON.parse(localStorage.getItem(placeOf(channel)) ?? "{}");
      const good = ([number, hash]) => /^(0|[1-9]\d{0,15})$/.test(number) && /^[0-9a-f]{64}$/.test(hash);
      return Object.fromEntries(Object.entries(found).filter(good));
    } catch {
      return {}; // a browser that keeps nothing for this page, or something else in this place: then there is no memory
    }
  }

  /** Keeps the hashes, as far as the browser lets a page keep anything. @returns {boolean} Whether it did. */
  function remember(channel, pins) {
    const numbers = Object.keys(pins).map(Number);
    const newest = Math.max(...numbers);
    const kept = numbers.filter((number) => number === newest || number % EVERY === 0);
    try {
      localStorage.setItem(placeOf(channel), JSON.stringify(Object.fromEntries(kept.map((number) => [number, pins[number]]))));
      return true;
    } catch {
      return false;
    }
  }

  const configurationPlace = (channel) => `jifen.configuration.${channel}`;

  /** @param {string} channel @returns {{number: number, hash: string}|null} The newest block of configuration that this browser took as good. */
  function configuration(channel) {
    try {
      const found = JSON.parse(localStorage.getItem(configurationPlace(channel)) ?? "null");
      return Number.isSafeInteger(found?.number) && /^[0-9a-f]{64}$/.test(found.hash) ? { number: found.number, hash: found.hash } : null;
    } catch {
      return null;
    }
  }

  /** Keeps it, as far as the browser lets a page keep anything. */
  function rememberConfiguration(channel, number, hash) {
    try {
      localStorage.setItem(configurationPlace(channel), JSON.stringify({ number, hash }));
    } catch {
      // without a memory each visit is a first one, as `follow` says
    }
  }

  /** Forgets the ledger, under whatever name, for somebody who knows that it was set up anew. */
  function forget() {
    for (const place of places()) {
      localStorage.removeItem(place);
      localStorage.removeItem(configurationPlace(place.slice(PLACES.length)));
    }
  }

  async function walk(kind, source, first, last, visit) {
    let before = null;
    for (let start = first; start <= last; start += PAGE) {
      const { headers } = await source.headers(start, Math.min(last, start + PAGE - 1));
      for (const header of headers) {
        const number = before === null ? first : before.number + 1;
        if (header.block_number !== number) throw new ChainBroken("GAP", number);
        if (before !== null && header.previous_hash !== before.hash) throw new ChainBroken("LINK", number);
        if (number === 0 && header.previous_hash !== "") throw new ChainBroken("LINK", 0);
        const { fromHex, hex, sha256 } = jifen.bytes;
        const bytes = jifen.blocks.headerBytes(kind, number, fromHex(header.previous_hash), fromHex(header.data_hash));
        before = { number, hash: hex(await sha256(bytes)) };
        visit(number, before.hash);
      }
    }
    if (before?.number !== last) throw new ChainBroken("GAP", (before?.number ?? first - 1) + 1);
  }

  /**
   * Goes along the chain past the wanted blocks, from what is remembered before them to what is remembered behind them, and on to the newest block.
   *
   * @param {string} kind @param {string} channel @param {object} source @param {number[]} wanted Numbers of blocks.
   * @returns {Promise<{hashes: Map<number, string>, height: number, first: boolean, complete: boolean, newest: string, genesis: string|null, kept: boolean}>}
   *   `hashes` of all blocks that were passed; `first`: nothing was remembered; `complete`: the way was not too long to be gone at once.
   *   Rejects with ChainBroken: GAP, LINK, REWRITTEN (a block that was seen before is another now), SHORTER (blocks that were seen are gone) or RENAMED (a ledger
   *   was seen before under another name).
   */
  async function follow(kind, channel, source, wanted) {
    const pins = remembered(channel);
    const known = Object.keys(pins).map(Number).sort((a, b) => a - b);
    if (known.length === 0 && places().some((place) => place !== placeOf(channel))) throw new ChainBroken("RENAMED", 0);
    const { height } = await source.headers(0, 0);
    if (known.length > 0 && known.at(-1) >= height) throw new ChainBroken("SHORTER", height);
    const least = Math.min(...wanted);
    const start = known.filter((number) => number <= least).at(-1) ?? 0;
    const hashes = new Map();
    const last = Math.min(height - 1, start + HEADERS_MAX - 1);
    const visit = (number, hash) => {
      if (number in pins && pins[number] !== hash) throw new ChainBroken("REWRITTEN", number);
      hashes.set(number, hash);
    };
    if (start > 0) await walk(kind, source, 0, 0, visit);
    await walk(kind, source, start, last, visit);
    for (const [number, hash] of hashes) if (number % EVERY === 0 || number === last) pins[number] = hash;
    const kept = remember(channel, pins);
    return { hashes, height, first: known.length === 0, complete: last === height - 1, newest: hashes.get(last), genesis: hashes.get(0) ?? null, kept };
  }

  jifen.chain = { ChainBroken, configuration, explain, follow, forget, rememberConfiguration, remembered };
})();
