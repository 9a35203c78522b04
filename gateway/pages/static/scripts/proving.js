// Pages with claims: `[data-proofs]` holds elements with `data-claim`, whose proof is checked when the page is there and again on `[data-proof-again]`.
//
// `data-of` says of whose points (a member's page), without it the blocks are asked for as staff may; `data-links` joins the claims to one way; `data-names` are merchants' names by MSP id.
"use strict";
(() => {
  const root = document.querySelector("[data-proofs]");
  if (!root) return;
  const names = JSON.parse(root.dataset.names ?? "{}");
  const given = (text) => (text ? JSON.parse(text) : null);
  const [of, links] = [given(root.dataset.of), given(root.dataset.links)];
  const places = [...root.querySelectorAll("[data-claim]")];
  const claims = places.map((place) => JSON.parse(place.dataset.claim));
  const result = root.querySelector("[data-proof-result]");
  const again = root.querySelector("[data-proof-again]");
  const STATES = {
    holds: ["good", "✓", () => jifen.word("holds")],
    broken: ["bad", "✗", () => jifen.word("broken")],
    "not there": ["plain", "–", () => jifen.word("not there")],
  };

  function line(step) {
    const [kind, sign, word] = STATES[step.state];
    const mark = jifen.element("span", { class: `check-sign ${kind}`, "aria-hidden": "true" }, sign);
    const title = jifen.element("strong", {}, step.title);
    const state = jifen.element("span", { class: "unseen" }, ` (${word()}) `);
    return jifen.element("li", { "data-step": step.id, "data-state": step.state }, mark, jifen.element("span", {}, title, state, jifen.element("br"), jifen.element("span", { class: "small muted" }, step.detail)));
  }

  const notice = (kind, title, ...texts) =>
    jifen.element("div", { class: `notice ${kind}` }, jifen.element("strong", {}, title), ...texts.map((text) => jifen.element("p", {}, text)));

  function summary(found) {
    if (!found.proven) {
      const faults = [...found.steps, ...found.results.flatMap((one) => one.steps)].filter((step) => step.state === "broken");
      const texts = [...new Set(faults.map((step) => step.detail))];
      if (texts.length > 0) return notice("bad", jifen.word("The proof does not hold"), ...texts);
      return notice("waiting", jifen.word("Not everything could be checked"), jifen.word("Something that a proof needs is not there; the details say what."));
    }
    if (found.kind === "embedded") {
      return notice(
        "good",
        jifen.word("The chain holds"),
        jifen.word("This ledger is kept by one computer; there are no endorsers. What holds is the chain, and each member's own signature."),
      );
    }
    return notice(
      "good",
      jifen.word("Proven"),
      jifen.word("Your browser checked the chain of blocks, every signature and every certificate itself. Nobody can have changed this afterwards without breaking it."),
    );
  }

  function show(place, one) {
    const badge = place.querySelector("[data-proof-badge]");
    const broken = one.steps.some((step) => step.state === "broken");
    badge.textContent = one.proven ? jifen.word("Checked: it holds") : broken ? jifen.word("Broken") : jifen.word("Not wholly checked");
    badge.className = `badge ${one.proven ? "good" : broken ? "bad" : "waiting"}`;
    place.querySelector("[data-proof-steps]").replaceChildren(...one.steps.map(line));
    const orgs = [...new Set(one.endorsers.map((endorser) => names[endorser.msp] ?? endorser.msp))];
    const said = place.querySelector("[data-proof-endorsers]");
    if (said) said.textContent = orgs.length > 0 ? jifen.word("Endorsed by %(names)s.", { names: orgs.join(jifen.word(", ")) }) : "";
  }

  async function run() {
    if (again.getAttribute("aria-disabled") === "true") return;
    jifen.occupy(again, true);
    result.replaceChildren(jifen.element("p", { class: "loading" }, jifen.word("Your browser is checking the ledger …")));
    try {
      const found = await jifen.proof.check(claims, jifen.proof.source(of), links);
      found.results.forEach((one, place) => show(places[place], one));
      root.querySelector("[data-proof-chain]").replaceChildren(...found.steps.map(line), ...fingerprints(found));
      result.replaceChildren(summary(found), ...forgetting(found));
    } catch (error) {
      if (!(error instanceof jifen.proof.EvidenceMissing) && !(error instanceof TypeError)) throw error;
      result.replaceChildren(notice("waiting", jifen.word("It could not be checked"), jifen.word("The gateway did not answer. Nothing is known against your points; try again.")));
    } finally {
      jifen.occupy(again, false);
    }
  }

  /** The way to forget, where the ledger is another one on purpose. */
  function forgetting(found) {
    if (!found.steps.some((step) => step.id === "memory" && step.state === "broken")) return [];
    const button = jifen.element("button", { type: "button" }, jifen.word("Forget what this browser remembers"));
    button.addEventListener("click", () => {
      jifen.chain.forget();
      run();
    });
    return [jifen.element("p", { class: "small" }, jifen.word("Only if you know that the ledger was set up anew:")), button];
  }

  /** What somebody compares by eye, with another gateway or another merchant. */
  function fingerprints(found) {
    if (found.newest === null) return [];
    const pairs = [
      [jifen.word("Fingerprint of block 0"), found.genesis],
      [jifen.word("Fingerprint of block %(number)s", { number: found.newest.number }), found.newest.hash],
    ];
    const list = pairs.flatMap(([name, hash]) => [jifen.element("dt", {}, name), jifen.element("dd", { class: "mono" }, hash)]);
    return [jifen.element("li", { class: "whole" }, jifen.element("dl", { class: "pairs small" }, ...list))];
  }

  again.addEventListener("click", run);
  run();
})();
