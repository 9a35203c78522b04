// The bank: payments saved as files, and statements read into proposals, each sent when somebody says so.
"use strict";
(() => {
  const FILES_BYTES_MAX = 29_000_000;
  const { element } = jifen;
  const order = document.querySelector("[data-bank-order]");
  const statements = document.querySelector("[data-bank-statements]");

  const kebab = (name) => name.replace(/(?<!^)(?=[A-Z])/g, "-").toLowerCase();
  const bytesOf = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const base64 = (file) =>
    new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
      reader.onerror = () => reject(new Error(jifen.word("This file cannot be read.")));
      reader.readAsDataURL(file);
    });

  /** Sends a form by `work`, and says in its own place what became of it. */
  async function busy(form, work) {
    if (form.getAttribute("aria-busy") === "true") return;
    jifen.forms.clear(form);
    form.setAttribute("aria-busy", "true");
    jifen.forms.show(form, "waiting", jifen.word("One moment …"));
    try {
      await work();
    } catch (error) {
      if (!error.problem && !error.field && !(error instanceof jifen.api.Unknown)) throw error;
      jifen.forms.showRefusal(form, error);
      if (error.problem?.detail && error.code?.startsWith("BANK_")) form.querySelector("[data-outcome]").append(element("p", { class: "small" }, error.problem.detail));
    } finally {
      form.removeAttribute("aria-busy");
    }
  }

  function table(label, names, rows) {
    const head = element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name)));
    const body = rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell))));
    return element(
      "div",
      { class: "scrolled", role: "region", "aria-label": label, tabindex: "0" },
      element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)),
    );
  }

  order?.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = JSON.parse(order.dataset.bankOrder);
    const money = (minor) => jifen.money(minor * Number(order.dataset.minor), said.currency);
    busy(order, async () => {
      const { path, body } = jifen.forms.read(order);
      const { document: found } = await jifen.api.callFresh("POST", `/api/v1/windows/${path.window_id}/payment-order`, body);
      for (const file of found.files) jifen.save(file.name, bytesOf(file.content), file.media_type);
      jifen.forms.show(order, "good", jifen.words("%(count)s file saved.", "%(count)s files saved.", found.files.length));
      const title = jifen.word("Payments on %(day)s, %(amount)s in all", { day: jifen.day(found.execution_day), amount: money(found.total_minor) });
      const rows = found.payments.map((one) => [said.merchants[one.payee_msp] ?? one.payee_msp, one.account_name, money(one.amount_minor), one.end_to_end_id]);
      order.querySelector("[data-found]").replaceChildren(
        element("h3", {}, title),
        table(title, [jifen.word("Payee"), jifen.word("Account of"), jifen.word("Amount to pay"), jifen.word("End-to-end id")], rows),
        element("p", { class: "muted small" }, jifen.word("Accounts as declared in the file %(hash)s…", { hash: found.accounts_sha256.slice(0, 16) })),
      );
    });
  });

  /** A button for an operation that may be chosen; it sends the operation once, under the name that was proposed. */
  function choice(said, { op, args, request_id: key }) {
    const reason = args.reason ? jifen.word("%(operation)s: %(reason)s", { operation: said.operations[op], reason: said.reasons[args.reason] }) : said.operations[op];
    const button = element("button", { type: "submit", class: op === "RecordPayment" || op === "ConfirmPayment" ? "primary" : "danger" }, reason);
    const form = element("form", { method: "post" }, element("div", { class: "actions" }, button), element("div", { class: "outcome", role: "status", "aria-live": "polite", "data-outcome": "" }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      busy(form, async () => {
        await jifen.api.callFresh("POST", `/api/v1/operations/${kebab(op)}`, { args }, { key, waiting: jifen.forms.waiting(form) });
        jifen.forms.show(form, "good", jifen.word("Done."));
        button.remove();
      });
    });
    return form;
  }

  function proposal(said, money, one, place) {
    const [verdict, kind] = said.verdicts[one.verdict];
    const name = (msp) => said.merchants[msp] ?? msp;
    const payment = one.payment;
    const title = payment
      ? jifen.word("Window %(number)s: %(payer)s pays %(payee)s", { number: payment.window_id, payer: name(payment.payer_msp), payee: name(payment.payee_msp) })
      : one.counterparty_name || jifen.word("An entry without a payment");
    const facts = [
      [jifen.word("Amount paid"), one.amount_minor === null ? null : money(one.amount_minor)],
      [jifen.word("Expected"), one.expected_minor === null ? null : money(one.expected_minor)],
      [jifen.word("Differs by"), one.difference_minor ? money(one.difference_minor) : null],
      [jifen.word("Charges of the bank"), one.charges_minor ? money(one.charges_minor) : null],
      [jifen.word("Booked on"), one.booked_on ? jifen.day(one.booked_on) : null],
      [one.reason ? jifen.word("Order") : jifen.word("Entry"), one.entry],
      [jifen.word("Reason of the bank"), one.reason ? [one.reason, said.refusals[one.reason], one.reason_text].filter(Boolean).join(" · ") : null],
    ].filter(([, value]) => value !== null);
    return element(
      "article",
      { "aria-labelledby": `proposal-${place}` },
      element("div", { class: "row between" }, element("h3", { id: `proposal-${place}` }, title), element("span", { class: `badge ${kind}` }, verdict)),
      element("dl", { class: "pairs" }, ...facts.flatMap(([label, value]) => [element("dt", {}, label), element("dd", {}, value)])),
      ...one.choices.map((found) => choice(said, found)),
    );
  }

  statements?.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = JSON.parse(statements.dataset.bankStatements);
    const money = (minor) => jifen.money(minor * Number(statements.dataset.minor), said.currency);
    busy(statements, async () => {
      const chosen = [...statements.elements.files.files];
      if (chosen.reduce((sum, file) => sum + file.size, 0) > FILES_BYTES_MAX) {
        throw Object.assign(new Error(jifen.word("These files are too large. Choose fewer.")), { field: "files" });
      }
      const { body } = jifen.forms.read(statements);
      const { document: found } = await jifen.api.callFresh("POST", "/api/v1/bank-statements", { ...body, files: await Promise.all(chosen.map(base64)) });
      const read = jifen.words("%(count)s file read.", "%(count)s files read.", chosen.length);
      const unrelated = jifen.words("%(count)s entry has to do with no payment.", "%(count)s entries have to do with no payment.", found.unrelated);
      jifen.forms.show(statements, "good", jifen.word("%(read)s %(unrelated)s", { read, unrelated }));
      const shown = found.proposals.map((one, place) => proposal(said, money, one, place));
      document.querySelector("[data-proposals]").replaceChildren(...shown);
    });
  });
})();
