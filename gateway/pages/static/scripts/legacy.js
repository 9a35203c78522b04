// The page of old cards: their points to the wallet, with a proof that the address is hers, and back.
"use strict";
(() => {
  const { beside, confirm, facts, handle, names } = jifen.member;

  function asked(form) {
    const field = form.querySelector("[data-type=points]");
    const points = jifen.forms.read(form).body[field.name];
    if (!(points > 0)) throw beside(field.name, jifen.word("At least one point."));
    return { class_id: form.dataset.class, reference_hash: form.dataset.reference, points };
  }

  /** The card by the end of its number, where that is known; its hash always stands beside, because only that is signed. */
  function card(form) {
    const hash = jifen.bech32.grouped(form.dataset.reference);
    const { tail } = form.dataset;
    return tail ? `${jifen.word("Card ending in %(tail)s", { tail })} · ${hash}` : hash;
  }

  async function carry(form, path, body, key) {
    jifen.forms.show(form, "waiting", jifen.word("One moment …"));
    const options = { key, waiting: jifen.forms.waiting(form) };
    const { document: receipt } = await jifen.api.callFresh("POST", `/api/v1/legacy/${path}`, body, options);
    form.reset();
    jifen.forms.show(form, "good", jifen.word("Done. It stands in block %(block)s.", { block: jifen.number(receipt.block_number ?? 0) }));
  }

  for (const form of document.querySelectorAll("[data-withdraw]")) {
    handle(form, async () => {
      const wanted = asked(form);
      const address = form.dataset.withdraw;
      const { request_id, valid_until } = jifen.signing.operation("WithdrawToWallet", {});
      const description = {
        title: jifen.word("Withdraw to my wallet"),
        lines: [
          { label: jifen.word("Points"), value: jifen.signing.pointsOf(wanted.points, wanted.class_id, names()) },
          { label: jifen.word("From the old card"), value: card(form) },
          { label: jifen.word("Into the account"), value: jifen.bech32.grouped(address) },
          jifen.signing.until(valid_until, names()),
        ],
      };
      const signed = await confirm(address, description, async (wrapped, passphrase) => {
        if (!wrapped) return wanted;
        const message = jifen.signing.withdrawalMessage({ ...wanted, address, request_id, valid_until }, facts.place);
        const proof = await jifen.signing.sign(await jifen.keys.openToSign(wrapped, passphrase), message);
        return { ...wanted, address, public_key: wrapped.public_key, proof, valid_until };
      });
      if (signed === null) return jifen.forms.show(form, "waiting", jifen.word("Nothing has changed."));
      await carry(form, "withdrawals", signed, request_id);
    });
  }

  for (const form of document.querySelectorAll("[data-deposit]")) {
    handle(form, async () => {
      const wanted = asked(form);
      const address = form.dataset.deposit;
      const operation = jifen.signing.operation("DepositFromWallet", wanted);
      const description = jifen.signing.describe(operation, { ...names(), cards: { [wanted.reference_hash]: card(form) } });
      const signed = await confirm(address, description, async (wrapped, passphrase) => {
        if (!wrapped) return wanted;
        const { authorization, valid_until } = await jifen.signing.authorise(operation, facts.place, wrapped, passphrase);
        return { ...wanted, authorization, valid_until };
      });
      if (signed === null) return jifen.forms.show(form, "waiting", jifen.word("Nothing has changed."));
      await carry(form, "deposits", signed, operation.request_id);
    });
  }
})();
