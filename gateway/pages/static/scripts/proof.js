/**
 * The proof of transactions, checked in the browser with nothing but WebCrypto: that what a page says stands on the ledger, that nobody changed it since, and
 * who signed it.
 */
(() => {
  "use strict";
  const jifen = (globalThis.jifen ??= {});

  /** What the gateway did not give. */
  class EvidenceMissing extends Error {}

  async function ask(path, parameters = {}) {
    const query = new URLSearchParams(parameters).toString();
    const answer = await fetch(`/api/v1${path}${query ? `?${query}` : ""}`, { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (!answer.ok) throw new EvidenceMissing(`${answer.status} ${path}`);
    return answer.json();
  }

  const bytesOf = ({ content }) => Uint8Array.from(atob(content), (character) => character.charCodeAt(0));

  /**
   * Where evidence comes from.
   *
   * @param {object|null} of {account, class_id, expires_on, available_on, cursor} or {account, redemption_id}: as the member whose points these are may see it; null: as staff may.
   * @returns {object} {authorities(), headers(first, last), configuration(number), evidence(number)}.
   */
  function source(of = null) {
    const { account, ...named } = of ?? {};
    const owned = of === null ? "/ledger" : `/accounts/${encodeURIComponent(account)}`;
    return {
      authorities: () => ask("/ledger/authorities"),
      headers: (first, last) => ask("/ledger/headers", { first, last }),
      configuration: async (number) => bytesOf(await ask(`/ledger/configuration/${number}`)),
      evidence: async (number) => bytesOf(await ask(`${owned}/blocks/${number}/evidence`, named)),
    };
  }

  async function followed(kind, channel, from, wanted) {
    const title = jifen.word("The chain of blocks is whole");
    const memory = jifen.word("It builds on what this browser saw before");
    try {
      const chain = await jifen.chain.follow(kind, channel, from, wanted);
      const told = jifen.word("Each block names the one before it by its fingerprint; %(count)s blocks were followed.", { count: chain.hashes.size });
      const steps = [
        chain.complete || wanted.every((number) => chain.hashes.has(number))
          ? jifen.checks.holds("chain", title, told)
          : jifen.checks.missing("chain", title, jifen.word("The chain is too long to be followed to this block at once.")),
        chain.first
          ? jifen.checks.missing("memory", memory, jifen.word("This is the first visit with this browser. It remembers the chain from now on, and refuses another one."))
          : jifen.checks.holds("memory", memory, jifen.word("The blocks that this browser remembers are still the same.")),
      ];
      return { chain, steps };
    } catch (error) {
      if (!(error instanceof jifen.chain.ChainBroken)) throw error;
      const remembering = ["REWRITTEN", "SHORTER", "RENAMED"].includes(error.code);
      const step = jifen.checks.broken(remembering ? "memory" : "chain", remembering ? memory : title, jifen.chain.explain(error));
      return { chain: null, steps: [step] };
    }
  }

  /** The chain with a block that may lie before what was followed of it: where the browser remembers newer blocks, it begins there. */
  const reaching = (number, chain, channel, from) => (chain.hashes.has(number) ? chain : jifen.chain.follow("fabric", channel, from, [number]));

  /** What is wrong with a configuration that is newer than the one that this browser knows: the orderers of that one must have sealed it, else anybody could go on
   * from a true chain with authorities of her own. Null when it is good, and then it is the one that is known. */
  async function succession(block, channel, from, title) {
    const { hex, sha256 } = jifen.bytes;
    const known = jifen.chain.configuration(channel);
    if (known !== null && block.number <= known.number) return null;
    if (known !== null) {
      const before = await jifen.blocks.read("fabric", await from.configuration(known.number));
      const same = hex(await sha256(before.header)) === known.hash && jifen.checks.content(before).state === "holds";
      const seal = same ? await jifen.checks.ordering(block, jifen.blocks.authorities(before)) : null;
      const text = jifen.word("Block %(number)s, newer than what this browser knew, is not sealed by the orderers of the configuration before it.", { number: block.number });
      if (seal?.state !== "holds") return (seal?.state === "not there" ? jifen.checks.missing : jifen.checks.broken)("configuration", title, text);
    }
    jifen.chain.rememberConfiguration(channel, block.number, hex(await sha256(block.header)));
    return null;
  }

  /** The configuration in force at a block, itself a block of the chain. */
  async function configured(number, chain, channel, from) {
    const title = jifen.word("The consortium's own configuration names who may sign");
    const block = await jifen.blocks.read("fabric", await from.configuration(number));
    const steps = [jifen.checks.content(block), await jifen.checks.place(block, await reaching(number, chain, channel, from))];
    const bad = block.number !== number ? jifen.word("It is another block.") : steps.find((one) => one.state !== "holds")?.detail;
    if (bad !== undefined) return { authorities: [], step: jifen.checks.broken("configuration", title, bad) };
    const unsealed = await succession(block, channel, from, title);
    if (unsealed !== null) return { authorities: [], step: unsealed };
    const authorities = jifen.blocks.authorities(block);
    const names = [...new Set(authorities.map((one) => one.msp))].join(jifen.word(", "));
    return { authorities, step: jifen.checks.holds("configuration", title, jifen.word("Block %(number)s: %(names)s.", { number, names })) };
  }

  async function onFabric(claim, block, context) {
    const { checks } = jifen;
    const transactions = block.transactions();
    const place = transactions.findIndex((one) => one.id === claim.transaction_id && one.type === jifen.blocks.CALL);
    const transaction = transactions[place];
    if (transaction === undefined || transaction.channel !== context.channel) {
      const text = jifen.word("The block does not hold this transaction.");
      return { steps: [checks.broken("operation", jifen.word("It says what this page says"), text)], endorsers: [], entry: null, order: [] };
    }
    const { authorities, step } = await context.configuration(block.configurationBlock);
    const call = jifen.blocks.call(transaction.data);
    const endorsed = await checks.endorsements(transaction, call, authorities, { replay: context.replay, expected: claim.endorser_msps });
    const texts = checks.texts(call.arguments);
    const named = call.eventTransaction === transaction.id ? call.event : new Uint8Array();
    const { step: said, entry, index } = checks.operation(claim, transaction.id, jifen.bytes.fromUtf8(named));
    const steps = [
      step,
      await checks.ordering(block, authorities),
      checks.verdict(transaction),
      await checks.sender(transaction, authorities),
      await checks.request(transaction, call, context.chaincode),
      ...endorsed.steps,
      said,
      await checks.member(claim, texts, context, transaction),
    ];
    return { steps, endorsers: endorsed.endorsers, entry, order: [block.number, place, index] };
  }

  async function onEmbedded(claim, block, context) {
    const { checks } = jifen;
    const [transaction] = block.transactions();
    const { step, entry, index } = checks.operation(claim, transaction.id, transaction.event);
    const alone = jifen.word("This ledger is kept by one computer; there are no endorsers. What holds is the chain, and each member's own signature.");
    const steps = [checks.missing("endorsements", jifen.word("The organisations signed it"), alone), step, await checks.member(claim, transaction.arguments, context, null)];
    return { steps, endorsers: [], entry, order: [block.number, 0, index] };
  }

  async function one(claim, chain, from, context) {
    const { checks } = jifen;
    const common = [];
    try {
      const block = await jifen.blocks.read(context.kind, await from.evidence(claim.block_number));
      common.push(checks.content(block), await checks.place(block, chain));
      if (block.number !== claim.block_number) common.push(checks.broken("place", jifen.word("The block stands in the chain"), jifen.word("It is another block.")));
      const { steps, ...found } = await (context.kind === "fabric" ? onFabric : onEmbedded)(claim, block, context);
      return { claim, steps: [...common, ...steps], ...found };
    } catch (error) {
      const text =
        error instanceof EvidenceMissing
          ? jifen.word("The gateway does not give the block.")
          : jifen.word("The block cannot be read: it is not of the form that blocks have.");
      const step = error instanceof EvidenceMissing ? checks.missing : checks.broken;
      return { claim, steps: [...common, step("evidence", jifen.word("The block is there"), text)], endorsers: [], entry: null, order: [] };
    }
  }

  /** What must hold, for a proof to be one. Dates cannot on a replayed network, and not every operation is a member's. */
  const NEEDED = {
    fabric: ["content", "place", "configuration", "ordering", "verdict", "sender", "request", "endorsements", "certificates", "organisations", "operation"],
    embedded: ["content", "place", "operation"],
  };

  const good = (steps, needed) => steps.every((step) => step.state !== "broken") && needed.every((id) => steps.some((step) => step.id === id && step.state === "holds"));

  /**
   * Checks what a page says.
   *
   * @param {object[]} claims {cursor, block_number, transaction_id, op, authoriser, request_id, postings: [{posting, class_id, account, expires_day, points, held, available_day}],
   *   endorser_msps}; the last may be left out, and without links the cursor.
   * @param {object} from As `source` gives it.
   * @param {object[]|null} links What joins the claims to a way, as `checks.joined` takes them; null where they are no way.
   * @returns {Promise<object>} {kind, proven, steps, results: [{claim, steps, endorsers, proven}], newest: {number, hash}|null, genesis}: `steps` are about the chain.
   *   Rejects when the gateway cannot be asked.
   */
  async function check(claims, from, links = null) {
    const where = await from.authorities();
    const { chain, steps } = await followed(where.kind, where.channel, from, claims.map((claim) => claim.block_number));
    if (chain === null) return { kind: where.kind, channel: where.channel, proven: false, steps, results: [], newest: null, genesis: null };
    const known = new Map();
    const configuration = (number) => {
      if (!known.has(number)) known.set(number, configured(number, chain, where.channel, from));
      return known.get(number);
    };
    const network = chain.genesis ?? where.network; // block 0 itself says it, where it was seen
    const context = { kind: where.kind, channel: where.channel, chaincode: where.chaincode, network, replay: where.replay, configuration };
    const results = [];
    for (const claim of claims) results.push(await one(claim, chain, from, context));
    for (const result of results) {
      result.proven = good(result.steps, NEEDED[where.kind]);
      if (!result.steps.some((step) => step.id === "operation" && step.state === "holds")) result.entry = null;
    }
    if (links !== null) steps.push(jifen.checks.joined(results, links));
    const proven = good(steps, links === null ? ["chain"] : ["chain", "joined"]) && results.length > 0 && results.every((result) => result.proven);
    const newest = { number: Math.max(...chain.hashes.keys()), hash: chain.newest };
    return { kind: where.kind, channel: where.channel, proven, steps, results, newest, genesis: chain.genesis };
  }

  jifen.proof = { EvidenceMissing, check, configured, source };
})();
