/**
 * Blocks as they stand on the ledger (`gateway/ledger/evidence.py`), read without believing anything in them.
 *
 * Both kinds of ledger become the same: {kind, number, header, previousHash, dataHash, contentHash, transactions()}, and on Fabric
 * what its signatures need. Transactions are read when they are asked for, so that a block that was changed can still be told from one that was not.
 */
(() => {
  "use strict";
  const jifen = (globalThis.jifen ??= {});
  const SIGNATURES = 0;
  const VERDICTS = 2;
  const CONFIGURATION = 1;
  const CALL = 3;
  const PARTS = { Application: "application", Orderer: "orderer" };

  /** @param {string} kind `fabric` or `embedded`. @param {number} number @param {Uint8Array} previous @param {Uint8Array} data @returns {Uint8Array} What a header's hash is made over. */
  function headerBytes(kind, number, previous, data) {
    if (kind === "fabric") {
      const { TAG, integer, write } = jifen.der;
      return write(TAG.sequence, jifen.bytes.concat(integer(number), write(TAG.octets, previous), write(TAG.octets, data)));
    }
    const place = new DataView(new ArrayBuffer(8));
    place.setBigUint64(0, BigInt(number));
    return jifen.bytes.concat(new Uint8Array(place.buffer), previous, data);
  }

  function identity(bytes) {
    const message = jifen.protobuf.read(bytes);
    return { bytes, msp: message.text(1), pem: message.bytes(2) };
  }

  function envelope(bytes) {
    const outer = jifen.protobuf.read(bytes);
    const payload = jifen.protobuf.read(outer.bytes(1));
    const head = payload.message(1);
    const channel = head.message(1);
    const signer = head.message(2);
    return {
      type: channel.whole(1),
      at: channel.message(3).whole(1),
      channel: channel.text(4),
      id: channel.text(5),
      chaincode: channel.message(7).message(2).text(2),
      channelHeader: head.bytes(1),
      signatureHeader: head.bytes(2),
      creator: signer.bytes(1),
      nonce: signer.bytes(2),
      signed: outer.bytes(1),
      signature: outer.bytes(2),
      data: payload.bytes(2),
    };
  }

  /** What a call of the chaincode proposed, what came of it, and who signed that. */
  function call(data) {
    const actions = jifen.protobuf.read(data).messages(1);
    if (actions.length !== 1) throw new TypeError("not one action");
    const action = jifen.protobuf.read(actions[0].bytes(2));
    const proposal = action.bytes(1);
    const endorsed = action.message(2);
    const response = endorsed.bytes(1);
    const answer = jifen.protobuf.read(response);
    const result = jifen.protobuf.read(answer.bytes(2));
    const event = result.message(2);
    const input = jifen.protobuf.read(jifen.protobuf.read(proposal).bytes(1)).message(1);
    return {
      proposal,
      proposalHash: answer.bytes(1),
      response,
      status: result.message(3).whole(1),
      chaincode: result.message(4).text(2),
      calledChaincode: input.message(2).text(2),
      arguments: input.message(3).all(1),
      event: event.bytes(4),
      eventTransaction: event.text(2),
      endorsements: endorsed.messages(2).map((one) => ({ endorser: one.bytes(1), signature: one.bytes(2) })),
    };
  }

  async function readFabric(bytes) {
    const block = jifen.protobuf.read(bytes);
    const header = block.message(1);
    const envelopes = block.message(2).all(1);
    const metadata = block.message(3).all(1);
    const signed = jifen.protobuf.read(metadata[SIGNATURES] ?? new Uint8Array());
    const [number, previousHash, dataHash] = [header.whole(1), header.bytes(2), header.bytes(3)];
    return {
      kind: "fabric",
      number,
      previousHash,
      dataHash,
      header: headerBytes("fabric", number, previousHash, dataHash),
      contentHash: await jifen.bytes.sha256(jifen.bytes.concat(...envelopes)),
      transactions: () => envelopes.map((one, place) => ({ ...envelope(one), verdict: metadata[VERDICTS]?.[place] })),
      configurationBlock: number === 0 ? 0 : jifen.protobuf.read(signed.bytes(1)).message(1).whole(1),
      signedValue: signed.bytes(1),
      signatures: signed.messages(2).map((one) => ({ header: one.bytes(1), signature: one.bytes(2) })),
    };
  }

  async function readEmbedded(bytes) {
    const block = JSON.parse(jifen.bytes.fromUtf8(bytes));
    const [number, previousHash, dataHash] = [block.number, jifen.bytes.fromHex(block.previous_hash), jifen.bytes.fromHex(block.data_hash)];
    const transactions = () => {
      const content = JSON.parse(block.data);
      if (content.tx_id === undefined) return []; // block 0, which only tells this ledger from others
      return [{ id: content.tx_id, at: content.now, msp: content.msp_id, function: content.function, arguments: content.arguments, event: content.event }];
    };
    return {
      kind: "embedded",
      number,
      previousHash,
      dataHash,
      header: headerBytes("embedded", number, previousHash, dataHash),
      contentHash: await jifen.bytes.sha256(jifen.bytes.utf8(block.data)),
      transactions,
    };
  }

  /**
   * @param {string} kind `fabric` or `embedded`. @param {Uint8Array} bytes
   * @returns {Promise<object>} The block. Rejects with a TypeError or SyntaxError for what is none.
   */
  const read = (kind, bytes) => (kind === "fabric" ? readFabric(bytes) : readEmbedded(bytes));

  function organisation(part, group) {
    const described = jifen.protobuf.read(group.map(3).get("MSP").bytes(2)).message(2);
    const units = described.message(11);
    const unit = (number) => units.message(number).text(2);
    const [own, ...others] = part === "orderer" ? [5, 2, 3, 4] : [3, 2, 4, 5];
    const certificates = (number) => described.all(number).map(jifen.certificates.parsePem);
    return {
      msp: described.text(1),
      part,
      roots: certificates(2),
      intermediates: certificates(3),
      unit: units.whole(1) === 0 ? null : unit(own),
      otherUnits: others.map(unit),
    };
  }

  /**
   * Whose authorities may sign, as a block of configuration says.
   *
   * @param {object} block Of Fabric. @returns {object[]} {msp, part, roots, intermediates, unit, otherUnits}; `unit` is what a peer's or an orderer's certificate must name, and none of `otherUnits` beside it.
   */
  function authorities(block) {
    const [transaction] = block.transactions();
    if (transaction.type !== CONFIGURATION) throw new TypeError("no configuration");
    const channel = jifen.protobuf.read(transaction.data).message(1).message(2);
    return Object.entries(PARTS).flatMap(([name, part]) => {
      const group = channel.map(2).get(name);
      return [...group.map(2).values()].map((one) => organisation(part, one));
    });
  }

  jifen.blocks = { CALL, authorities, call, headerBytes, identity, read };
})();
