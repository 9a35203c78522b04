// The open books' check: the browser follows the chain of headers by itself and shows the fingerprints that others must show too.
"use strict";
(() => {
  const root = document.querySelector("[data-chain-check]");
  if (!root) return;
  const result = root.querySelector("[data-chain-result]");
  const button = root.querySelector("[data-chain-run]");
  const said = (kind, title, text) => jifen.element("div", { class: `notice ${kind}` }, jifen.element("strong", {}, title), jifen.element("p", {}, text));
  const ask = async (path) => (await jifen.api.call("GET", `/api/v1${path}`)).document;
  const source = { headers: (first, last) => ask(`/ledger/headers?first=${first}&last=${last}`) };

  function pairs(found) {
    const last = Math.max(...found.hashes.keys());
    const rows = [
      [jifen.word("Fingerprint of block 0"), found.genesis],
      [jifen.word("Fingerprint of block %(number)s", { number: last }), found.newest],
    ];
    return jifen.element("dl", { class: "pairs small" }, ...rows.flatMap(([name, hash]) => [jifen.element("dt", {}, name), jifen.element("dd", { class: "mono" }, hash)]));
  }

  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    jifen.occupy(button, true);
    result.replaceChildren(jifen.element("p", { class: "loading" }, jifen.word("Your browser is checking the ledger …")));
    try {
      const { kind, channel } = await ask("/ledger/authorities");
      const { height } = await source.headers(0, 0);
      const found = await jifen.chain.follow(kind, channel, source, [height - 1]);
      const text = jifen.word("Each block names the one before it by its fingerprint; %(count)s blocks were followed.", { count: found.hashes.size });
      const memory = found.first
        ? jifen.word("This is the first visit with this browser. It remembers the chain from now on, and refuses another one.")
        : jifen.word("The blocks that this browser remembers are still the same.");
      const long = found.complete ? "" : jifen.word("The chain is too long to be followed to its end at once.");
      result.replaceChildren(said(found.complete ? "good" : "waiting", jifen.word("The chain of blocks is whole"), `${text} ${memory} ${long}`), pairs(found));
    } catch (error) {
      if (error instanceof jifen.chain.ChainBroken) result.replaceChildren(said("bad", jifen.word("The proof does not hold"), jifen.chain.explain(error)));
      else result.replaceChildren(said("waiting", jifen.word("It could not be checked"), jifen.api.explain(error)));
    } finally {
      jifen.occupy(button, false);
    }
  });
})();
