/**
 * The single checks of a proof: each looks at one thing in a block and says whether it holds.
 *
 * A check gives {id, state, title, detail}; `state` is `holds`, `broken` or `not there` (there is nothing of the kind to be checked).
 */
(() => {
  "use strict";
  const jifen = (globalThis.jifen ??= {});
  const VALID = 0;
  const POINT_BYTES = 65;
  const { fromUtf8, hex, sha256 } = jifen.bytes;

  const holds = (id, title, detail) => ({ id, state: "holds", title, detail });
  const broken = (id, title, detail) => ({ id, state: "broken", title, detail });
  const missing = (id, title, detail) => ({ id, state: "not there", title, detail });
  const decide = (good, id, title, yes, no) => (good ? holds(id, title, yes) : broken(id, title, no));

  /** The block's content is what its header says. */
  function content(block) {
    const title = jifen.word("Nothing in the block was changed");
    return decide(
      jifen.certificates.same(block.contentHash, block.dataHash),
      "content",
      title,
      jifen.word("The fingerprint of everything in block %(number)s is the one in its header.", { number: block.number }),
      jifen.word("The content of block %(number)s does not have the fingerprint that its header states: something in it was changed.", { number: block.number }),
    );
  }

  /** The block's header is the one in the chain. */
  async function place(block, chain) {
    const title = jifen.word("The block stands in the chain");
    const expected = chain.hashes.get(block.number);
    if (expected === undefined) return missing("place", title, jifen.word("The chain is too long to be followed to this block at once."));
    return decide(
      hex(await sha256(block.header)) === expected,
      "place",
      title,
      jifen.word("Its header is the one that the next block names."),
      jifen.word("The chain has another block %(number)s than the one that is shown here.", { number: block.number }),
    );
  }

  /** Orderers signed the block. */
  async function ordering(block, authorities) {
    const title = jifen.word("The ordering service sealed the block");
    const trusted = authorities.filter((one) => one.part === "orderer");
    const seals = block.signatures.filter(({ header }) => header.length > 0);
    if (seals.length === 0) return missing("ordering", title, jifen.word("The block bears no seal that can be read here."));
    const sealed = [];
    for (const { header, signature } of seals) {
      const signer = jifen.blocks.identity(jifen.protobuf.read(header).bytes(1));
      const message = jifen.bytes.concat(block.signedValue, header, block.header);
      const leaf = jifen.certificates.parsePem(signer.pem);
      const vouched = await vouchedFor(leaf, signer.msp, trusted);
      if (vouched !== null && (await jifen.certificates.verify(leaf, signature, message))) sealed.push(`${leaf.name} (${signer.msp})`);
    }
    return decide(
      sealed.length > 0,
      "ordering",
      title,
      jifen.word("Signed by %(names)s, whose certificate the consortium's configuration vouches for.", { names: sealed.join(jifen.word(", ")) }),
      jifen.word("No signature on the block is by an orderer of this consortium."),
    );
  }

  /** Whether a certificate names the one kind of node that it must, as peers ask of it: one of two kinds is of none. */
  const isOfKind = (leaf, { unit, otherUnits }) => unit === null || (leaf.units.includes(unit) && !otherUnits.some((other) => leaf.units.includes(other)));

  /** The way from a certificate to a root of its organisation, when it may act in the organisation's part; else null. */
  async function vouchedFor(leaf, msp, organisations) {
    for (const one of organisations) {
      if (one.msp !== msp || !isOfKind(leaf, one)) continue;
      const chain = await jifen.certificates.chain(leaf, one.roots, one.intermediates);
      if (chain !== null) return chain;
    }
    return null;
  }

  /** The peers took the transaction as valid. */
  function verdict(transaction) {
    return decide(
      transaction.verdict === VALID,
      "verdict",
      jifen.word("The transaction counts"),
      jifen.word("The merchant's own peer marked it as valid. This mark alone bears no signature; every other merchant's peer has the same."),
      jifen.word("The peer did not mark the transaction as valid, so it changed nothing."),
    );
  }

  /** The transaction's id follows from who sent it, and the sender signed it. */
  async function sender(transaction, authorities) {
    const { certificates } = jifen;
    const creator = jifen.blocks.identity(transaction.creator);
    const leaf = certificates.parsePem(creator.pem);
    const id = hex(await sha256(jifen.bytes.concat(transaction.nonce, transaction.creator)));
    const anywhere = authorities.map((one) => ({ ...one, unit: null }));
    const good =
      id === transaction.id && (await vouchedFor(leaf, creator.msp, anywhere)) !== null && (await certificates.verify(leaf, transaction.signature, transaction.signed));
    return decide(
      good,
      "sender",
      jifen.word("It is known who sent it"),
      jifen.word("Sent and signed by %(msp)s; the transaction's number follows from it.", { msp: creator.msp }),
      jifen.word("The transaction's number, or the signature of the organisation that sent it, does not hold."),
    );
  }

  /** What the endorsers answered is the answer to this very call. */
  async function request(transaction, call, chaincode) {
    const message = jifen.bytes.concat(transaction.channelHeader, transaction.signatureHeader, call.proposal);
    const good =
      jifen.certificates.same(await sha256(message), call.proposalHash) && call.chaincode === chaincode && call.calledChaincode === chaincode && call.status === 200;
    return decide(
      good,
      "request",
      jifen.word("What was asked is what was answered"),
      jifen.word("The organisations' answer names this very request, carried out by the points' own rules."),
      jifen.word("The organisations answered another request than the one in the block."),
    );
  }

  /**
   * The endorsements.
   *
   * @returns {Promise<{steps: object[], endorsers: object[]}>} `endorsers`: {msp, name, authority, from, until} of those whose signature and certificate hold.
   */
  async function endorsements(transaction, call, authorities, { replay, expected = [] }) {
    const trusted = authorities.filter((one) => one.part === "application");
    const [good, bad, strangers, late] = [[], [], [], []];
    for (const { endorser, signature } of call.endorsements) {
      const signer = jifen.blocks.identity(endorser);
      const leaf = jifen.certificates.parsePem(signer.pem);
      const chain = await vouchedFor(leaf, signer.msp, trusted);
      const signed = await jifen.certificates.verify(leaf, signature, jifen.bytes.concat(call.response, endorser));
      if (!signed) bad.push(signer.msp);
      if (chain === null) strangers.push(signer.msp);
      if (!signed || chain === null) continue;
      good.push({ msp: signer.msp, name: leaf.name, authority: chain.at(-1).name, from: leaf.from, until: leaf.until });
      if (chain.some((one) => transaction.at < one.from || transaction.at > one.until)) late.push(signer.msp);
    }
    const found = new Set(good.map((one) => one.msp));
    const absent = expected.filter((msp) => !found.has(msp));
    const names = [...found].join(jifen.word(", "));
    const all = new Set(trusted.map((one) => one.msp)).size;
    // Anybody's transaction is ordered; whether enough endorsed it the peers look afterwards, and their mark bears no signature. So one alone shows nothing.
    const alone = found.size === 1 && all > 1 && absent.length === 0;
    const organisations = jifen.word("Which organisations endorsed it");
    const steps = [
      decide(
        bad.length === 0 && call.endorsements.length > 0,
        "endorsements",
        jifen.word("The organisations signed it"),
        jifen.word("%(count)s signatures over exactly this outcome hold.", { count: call.endorsements.length }),
        jifen.word("A signature does not hold: %(names)s.", { names: bad.join(jifen.word(", ")) || "–" }),
      ),
      decide(
        strangers.length === 0,
        "certificates",
        jifen.word("Those who signed are who they say"),
        jifen.word("Each certificate leads to its organisation's own authority: %(names)s.", { names: names || "–" }),
        jifen.word("A certificate is not by the authority of the organisation that it names: %(names)s.", { names: strangers.join(jifen.word(", ")) }),
      ),
      replay
        ? missing("dates", jifen.word("The certificates were valid on that day"), jifen.word("This network replays the past: its transactions bear the dates of then, its certificates those of now."))
        : decide(
            late.length === 0 && good.length > 0,
            "dates",
            jifen.word("The certificates were valid on that day"),
            jifen.word("The transaction's date lies within the dates of each certificate."),
            jifen.word("A certificate was not valid at the transaction's date: %(names)s.", { names: late.join(jifen.word(", ")) || "–" }),
          ),
      alone
        ? missing("organisations", organisations, jifen.word("Only %(names)s endorsed it. One organisation alone can sign whatever it likes.", { names }))
        : decide(
            absent.length === 0 && found.size > 0,
            "organisations",
            organisations,
            jifen.word("Endorsed by %(names)s: %(count)s of %(all)s organisations.", { names, count: found.size, all }),
            jifen.word("These did not endorse it: %(names)s.", { names: absent.join(jifen.word(", ")) || "–" }),
          ),
    ];
    return { steps, endorsers: good };
  }

  function listed(text) {
    const found = JSON.parse(text);
    return Array.isArray(found.operations) ? found.operations : [found];
  }

  /** A posting as the event has it, from what a page says of it. */
  const posted = ({ class_id, account, expires_day, points, held, available_day }) => JSON.stringify([class_id, account, expires_day, points, held, available_day]);

  /**
   * What the page says happened stands in the transaction; of the postings, those that it names, each in its place.
   *
   * @returns {{step: object, entry: object|null, index: number}} `index`: the place of the operation among the transaction's.
   */
  function operation(claim, id, event) {
    const entries = event === "" || event === null ? [] : JSON.parse(event).operations;
    const index = entries.findIndex((one) => one.request_id === claim.request_id && one.authoriser === claim.authoriser && one.op === claim.op);
    const entry = entries[index] ?? null;
    const step = decide(
      id === claim.transaction_id && entry !== null && claim.postings.every((one) => JSON.stringify(entry.postings[one.posting]) === posted(one)),
      "operation",
      jifen.word("It says what this page says"),
      jifen.word("The points, accounts and amounts shown here stand in the transaction."),
      jifen.word("The transaction does not say what this page shows."),
    );
    return { step, entry, index };
  }

  /** Operations that bring points into being. */
  const ISSUING = new Set(["Issue", "Accrue", "ImportBalances", "Exchange"]);

  /** Whether `first` stands before `second` in the chain: [block, transaction, operation]. */
  function before(first, second) {
    const place = first.findIndex((part, index) => part !== second[index]);
    return place >= 0 && first[place] < second[place];
  }

  /** Whether points that came by one posting can be those that went by the other: the same class, account, last day and day from which on they are available, and not later. */
  const stayed = (source, to) => [0, 1, 2, 5].every((part) => source.posting[part] === to.posting[part]) && !before(to.order, source.order);

  /** Whether points that went by one posting can be those that came by the other: by the same operation, to another account or out of what was pending; or back from a payment. */
  function moved(source, to) {
    const [class_, account, expires, points, , available] = source.posting;
    if (class_ !== to.posting[0]) return false;
    if (source.entry === to.entry) {
      const became = account === to.posting[1] && available !== null && to.posting[5] === null;
      return expires === to.posting[2] && points === -to.posting[3] && (became || account !== to.posting[1]);
    }
    const paid = source.entry.result.redemption?.redemption_id;
    return to.entry.op === "Refund" && paid !== undefined && paid === to.entry.result.redemption_id && account === to.posting[1] && before(source.order, to.order);
  }

  /**
   * The steps of a way join up: what a step took is what an earlier one brought, and the first ones are issuances.
   *
   * @param {object[]} results Of the claims, as `proof.check` makes them: {claim, entry, order}; `entry` is null where the step itself does not hold.
   * @param {object[]} links {source: {cursor, posting}, to: {cursor, posting}, points}.
   */
  function joined(results, links) {
    const title = jifen.word("Each step takes up the one before it");
    if (results.some((one) => one.entry === null)) return missing("joined", title, jifen.word("Not every step could be read."));
    const steps = new Map(results.map((one) => [one.claim.cursor, one]));
    const found = ({ cursor, posting }) => {
      const one = steps.get(cursor);
      return one?.claim.postings.some((other) => other.posting === posting) ? { entry: one.entry, order: one.order, posting: one.entry.postings[posting] } : null;
    };
    const into = new Map();
    const outOf = new Map();
    const add = (sums, { cursor, posting }, points) => sums.set(`${cursor} ${posting}`, (sums.get(`${cursor} ${posting}`) ?? 0) + points);
    let good = results.length > 0;
    for (const { source, to, points } of links) {
      const [from, into_] = [found(source), found(to)];
      if (from === null || into_ === null || !Number.isSafeInteger(points) || points <= 0) {
        good = false;
        continue;
      }
      const went = into_.posting[3] < 0;
      good &&= went ? from.posting[3] > 0 && stayed(from, into_) : from.posting[3] < 0 && moved(from, into_);
      add(outOf, source, points);
      add(into, to, points);
    }
    for (const [cursor, one] of steps) {
      for (const { posting } of one.claim.postings) {
        const name = `${cursor} ${posting}`;
        const points = one.entry.postings[posting][3];
        const [came, passed] = [into.get(name), outOf.get(name)];
        if (came === undefined) good &&= points > 0 && ISSUING.has(one.entry.op);
        good &&= Math.max(came ?? 0, passed ?? 0) <= Math.abs(points) && (came === undefined || passed === undefined || came === passed);
      }
    }
    return decide(
      good,
      "joined",
      title,
      jifen.word("The points that a step took came by an earlier step to the same account, with the same last day, back to where a merchant gave them."),
      jifen.word("Between two steps there is a gap: points were taken that no earlier step brought."),
    );
  }

  /** The address that a certificate's key opens: the key's point ends the description of a P-256 key. */
  const addressIn = (certificate) => jifen.bech32.addressOf(hex(certificate.key.slice(-POINT_BYTES)));

  /**
   * The member whose points they were signed it herself: the operation, or, as a client of the ledger, the whole transaction.
   *
   * @param {object} claim @param {string[]} texts The call's arguments. @param {object} place Where it is good. @param {object|null} sender The transaction, when its
   *   sender's signature was checked.
   */
  async function member(claim, texts, place, sender) {
    const title = jifen.word("The owner of the points signed it herself");
    if (!jifen.bech32.isAddress(claim.authoriser)) {
      return missing("member", title, jifen.word("It is an operation of %(msp)s, which needs no member's signature.", { msp: claim.authoriser }));
    }
    for (const text of texts) {
      const sent = text.startsWith("{") ? listed(text).find((one) => one.request_id === claim.request_id && one.op === claim.op && one.authorization) : undefined;
      if (sent === undefined) continue;
      const { public_key, signature } = sent.authorization;
      if ((await jifen.bech32.addressOf(public_key)) !== claim.authoriser) continue;
      const algorithm = { name: "ECDSA", namedCurve: "P-256" };
      const key = await crypto.subtle.importKey("raw", jifen.bytes.fromHex(public_key), algorithm, false, ["verify"]);
      const message = jifen.signing.operationMessage(sent, place);
      const good = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, jifen.bytes.fromHex(signature), message);
      return decide(
        good,
        "member",
        title,
        jifen.word("Her key, which her address is made from, signed exactly this."),
        jifen.word("The member's signature does not hold."),
      );
    }
    const herself = sender !== null && (await addressIn(jifen.certificates.parsePem(jifen.blocks.identity(sender.creator).pem))) === claim.authoriser;
    return decide(
      herself,
      "member",
      title,
      jifen.word("She sent and signed it herself, with a certificate over the key that her address is made from."),
      jifen.word("There is no signature of hers."),
    );
  }

  jifen.checks = { broken, content, endorsements, holds, joined, member, missing, operation, ordering, place, request, sender, texts: (list) => list.map(fromUtf8), verdict };
})();
