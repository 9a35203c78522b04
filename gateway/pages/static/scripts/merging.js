// The page that brings the points of another account of one's own into the one that is used: the receiving key signs that it takes them, then the giving key signs the operation.
"use strict";
(() => {
  const { ask, beside, carry, confirm, facts, fromFile, handle, names, wrappedKey } = jifen.member;
  const merging = document.querySelector("[data-merge]");
  const loading = document.querySelector("[data-restore]");

  /** What moves, or has moved, of a class. */
  function told({ class_id: classId, points, pending, debt }) {
    const amount = (count) => jifen.points(count, facts.classes[classId]?.decimals ?? 0);
    return [
      jifen.signing.pointsOf(points, classId, names()),
      ...(pending ? [jifen.word("%(points)s not yet", { points: amount(pending) })] : []),
      ...(debt ? [jifen.word("%(points)s owed", { points: amount(debt) })] : []),
    ].join(" · ");
  }

  /** The kinds of points that are ticked, with what there is of them at the moment. */
  function wanted(form) {
    return [...form.querySelectorAll("[name=class_ids]:checked")].map(({ value, dataset }) => ({ class_id: value, points: Number(dataset.points), pending: Number(dataset.pending), debt: Number(dataset.debt) }));
  }

  /** The words of one of the two signatures: which it is, what is signed, how much that is now, and whose passphrase it takes. */
  function step(number, { title, lines }, moves) {
    const now = moves.map((one) => ({ label: jifen.word("At the moment"), value: told(one) }));
    const [whose, passphrase] = number === 1
      ? [jifen.word("by the key that receives"), jifen.word("Passphrase of the key that receives")]
      : [jifen.word("by the key that gives"), jifen.word("Passphrase of the key that gives")];
    return { title, lines: [{ label: jifen.word("Signature %(number)s of 2", { number }), value: whose }, ...lines, ...now], passphrase };
  }

  /** Has both keys sign; what came of it, null when she would not. */
  async function merge(form, moves) {
    const { merge: target, source } = form.dataset;
    const class_ids = moves.map((one) => one.class_id);
    const { public_key } = facts.addresses[target];
    const operation = jifen.signing.operation("MergeAccounts", { class_ids, public_key, target });
    const agreed = { source, target, class_ids, request_id: operation.request_id, valid_until: operation.valid_until };
    const first = step(1, jifen.signing.describeMerging(agreed, names()), moves);
    const proof = await confirm(
      target,
      first,
      async (wrapped, passphrase) => jifen.signing.sign(await jifen.keys.openToSign(wrapped, passphrase), jifen.signing.mergeMessage(agreed, facts.place)),
      jifen.word("Sign, then the other key"),
    );
    if (proof === null) return null;
    operation.args.proof = proof;
    const second = step(2, jifen.signing.describe(operation, { ...names(), source }), moves);
    return carry(operation, source, form, second);
  }

  if (merging) {
    handle(merging, async (form) => {
      const chosen = wanted(form);
      const max = Number(form.dataset.classesMax);
      if (!chosen.length) return jifen.forms.show(form, "bad", jifen.word("Choose at least one kind of points."));
      if (chosen.length > max) return jifen.forms.show(form, "bad", jifen.word("At most %(count)s kinds at once.", { count: max }));
      const done = await merge(form, chosen);
      if (done === null) return jifen.forms.show(form, "waiting", jifen.word("Nothing has changed."));
      const { block_number: block, result } = done.receipt;
      await jifen.api.call("GET", `/api/v1/classes?at_least_block=${block ?? 0}`);
      const moved = result.classes.filter((one) => one.points || one.pending || one.debt);
      const said = block === null ? jifen.word("Done.") : jifen.word("Done. It stands in block %(block)s.", { block: jifen.number(block) });
      jifen.forms.show(
        form,
        "good",
        jifen.element("p", {}, said),
        moved.length ? jifen.element("p", {}, jifen.word("Moved:")) : jifen.element("p", {}, jifen.word("There was nothing to move.")),
        jifen.element("ul", { class: "plain" }, ...moved.map((one) => jifen.element("li", {}, told(one)))),
        jifen.element("p", {}, jifen.element("a", { href: `/trace?address=${result.target}` }, jifen.word("Where my points come from"))),
      );
      form.querySelector("[data-outcome]").setAttribute("tabindex", "-1");
      form.querySelector("[data-outcome]").focus(); // what holds the focus is not shown anew
      await jifen.refresh();
    });
  }

  /** Whether the key of an address is kept here already, so that an old file does not replace it. */
  async function isHere(address) {
    if (!facts.addresses[address]) return false;
    try {
      return Boolean(await wrappedKey(address));
    } catch (error) {
      if (error.code !== "KEY_ELSEWHERE") throw error;
      return false;
    }
  }

  if (loading) {
    handle(loading, async (form) => {
      const { wrapped, passphrase } = await fromFile(form);
      const { address } = wrapped;
      const { restore: target } = form.dataset;
      if (address === target) throw beside("file", jifen.word("This is the file of the account that you use. Choose that of the other one."));
      try {
        if (!(await isHere(address))) await jifen.wallet.bring(ask, wrapped, passphrase);
      } catch (error) {
        if (error.code !== "ADDRESS_LINKED") throw error;
        return jifen.forms.show(form, "bad", jifen.word("This account belongs to another sign-in at this merchant. Sign in there and send its points from there."));
      }
      jifen.leave(`/merge?address=${target}&from=${address}`, jifen.word("The account is loaded."));
    });
  }
})();
