// What the member's pages share: her facts, her names for others, and the one window in which something is told in words and then signed.
"use strict";
(() => {
  const place = document.querySelector("[data-wallet]");
  const facts = place ? JSON.parse(place.dataset.wallet) : null;
  const kept = new Map();

  const kebab = (op) => op.replace(/(?!^)([A-Z])/g, "-$1").toLowerCase();

  /** Asks the API, with the password once more where the log-in is too old; gives the answer's document. Paths are without `/api/v1`. */
  async function ask(method, path, body, waiting) {
    return (await jifen.api.callFresh(method, `/api/v1${path}`, body, { waiting })).document;
  }

  const OFFLINE = () => jifen.word("This device is offline. Nothing was signed or sent. Try again when there is a connection.");
  const UNREACHED = () => jifen.word("No answer yet from the merchant’s site. Nothing was signed or sent; this goes on by itself once there is a connection.");
  const secure = Boolean(window.crypto?.subtle);
  const INSECURE = () => jifen.word("Browsers work with keys only on pages that come over https. This one does not, so nothing can be signed here.");

  /** What `jifen.signing.describe` calls things. */
  function names() {
    const people = Object.fromEntries(jifen.contacts.list().map(({ address, name }) => [address, name]));
    const draws = JSON.parse(document.querySelector("[data-draws]")?.dataset.draws ?? "[]");
    return { locale: facts.locale, timeZone: facts.time_zone, currency: facts.currency, classes: facts.classes, merchants: facts.merchants, people, draws };
  }

  /** Their wrapped key for an address, fetched once; `waiting` hears while no answer comes. Rejects with KeyProblem KEY_ELSEWHERE. */
  async function wrappedKey(address, waiting) {
    if (!kept.has(address)) {
      const found = await jifen.wallet.wrappedKey((method, path, body) => ask(method, path, body, waiting), address).catch((error) => {
        if (error.code !== "OBJECT_UNKNOWN") throw error;
        throw new jifen.keys.KeyProblem("KEY_ELSEWHERE", jifen.word("The key of this address is not with this gateway. Restore it from your backup file under My key."));
      });
      kept.set(address, found);
    }
    return kept.get(address);
  }

  /** Whether the gateway keeps the key of an address. */
  const isKept = (address) => facts.addresses[address]?.kind === "CUSTODIAL";

  /** What an error means, in words: the key's and the note's own, or the API's. */
  function explain(error) {
    if (error instanceof jifen.keys.KeyProblem || error instanceof jifen.notes.NoteProblem) return error.message;
    return jifen.api.explain(error);
  }

  function told(description) {
    const list = jifen.element("dl", { class: "pairs" });
    for (const { label, value } of description.lines) {
      list.append(jifen.element("dt", {}, label), jifen.element("dd", {}, value));
    }
    return list;
  }

  /**
   * Says in a window what is about to be signed, asks for the passphrase, and does `use(wrapped, passphrase)`; for a kept key it only asks whether.
   *
   * @param {string} address Whose key signs.
   * @param {{title: string, lines: {label: string, value: string}[], passphrase: string|undefined}} description `passphrase` says whose is asked for, where that is not plain.
   * @param {Function} use What to do with the key; its refusals by KeyProblem are told in the window, and she may try again.
   * @param {string} [action] The button's word.
   * @returns {Promise<*>} What `use` gave; null when she would not. Other errors of `use` reject.
   */
  function confirm(address, description, use, action = jifen.word("Sign and send")) {
    if (!secure && !isKept(address)) return Promise.reject(new jifen.keys.KeyProblem("KEY_INSECURE", INSECURE()));
    return new Promise((resolve, reject) => {
      const input = jifen.element("input", { type: "password", id: "sign-passphrase", autocomplete: "off", required: "", "aria-describedby": "sign-said" });
      const said = jifen.element("p", { class: "fault", role: "alert", id: "sign-said" });
      const go = jifen.element("button", { type: "submit", class: "primary" }, action);
      const cancel = jifen.element("button", { type: "button", class: "quiet" }, jifen.word("Do not sign"));
      const asked = isKept(address)
        ? [jifen.element("p", {}, jifen.word("The merchant keeps the key of this account and signs for you."))]
        : [jifen.element("label", { for: "sign-passphrase" }, description.passphrase ?? jifen.word("Passphrase of your key")), input];
      const title = jifen.element("h2", { id: "sign-title" }, description.title);
      const form = jifen.element("form", { method: "dialog" }, title, told(description), ...asked, said, jifen.element("div", { class: "actions" }, go, cancel));
      const dialog = jifen.element("dialog", { "aria-labelledby": "sign-title" }, form);
      const before = document.activeElement;
      let ended = false;
      const end = (finish, value) => {
        ended = true;
        input.value = "";
        dialog.close();
        dialog.remove();
        before?.focus?.();
        finish(value);
      };
      cancel.addEventListener("click", () => end(resolve, null));
      dialog.addEventListener("cancel", () => end(resolve, null));
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        said.textContent = navigator.onLine ? "" : OFFLINE();
        if (!navigator.onLine) return;
        go.disabled = true;
        try {
          const wrapped = isKept(address) ? null : await wrappedKey(address, () => (said.textContent = UNREACHED()));
          if (ended) return;
          said.textContent = "";
          end(resolve, await use(wrapped, wrapped && input.value));
        } catch (error) {
          if (!(error instanceof jifen.keys.KeyProblem)) return end(reject, error);
          said.textContent = error.message;
          go.disabled = false;
          input.select();
          input.focus();
        }
      });
      document.body.append(dialog);
      dialog.showModal();
      if (isKept(address)) go.focus();
    });
  }

  /**
   * Tells an operation, lets her sign it, and carries it out.
   *
   * @param {string} op @param {object} args
   * @param {string} address Whose account.
   * @param {HTMLFormElement} form Where it is told how far it is.
   * @param {{label: string, value: string}[]} [more] Further lines for her to read, that are not signed.
   * @returns {Promise<{operation: object, receipt: object}|null>} Null when she would not. Rejects as `jifen.api.call`.
   */
  async function carryOut(op, args, address, form, more = []) {
    const operation = jifen.signing.operation(op, args);
    const { title, lines } = jifen.signing.describe(operation, names());
    return carry(operation, address, form, { title, lines: [...lines, ...more] });
  }

  /** The same of an operation that is there, with the words for it. */
  async function carry(operation, address, form, description) {
    const sign = (wrapped, passphrase) => (wrapped ? jifen.signing.authorise(operation, facts.place, wrapped, passphrase) : operation);
    const signed = await confirm(address, description, sign);
    if (signed === null) return null;
    jifen.forms.show(form, "waiting", jifen.word("One moment …"));
    const options = { key: operation.request_id, waiting: jifen.forms.waiting(form) };
    const { op, args, request_id, valid_until, authorization } = signed;
    if (isKept(address)) {
      const answer = await jifen.api.callFresh("POST", "/api/v1/custody/operations", { op, args, valid_until }, options);
      return { operation, receipt: answer.document };
    }
    const body = { args, request_id, valid_until, authorization };
    const answer = await jifen.api.call("POST", `/api/v1/operations/${kebab(op)}`, body, options);
    return { operation, receipt: answer.document };
  }

  /** Runs what a form asks for: while it runs the form is busy, and a refusal is told in its place. */
  function handle(form, work) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.getAttribute("aria-busy") === "true") return;
      const button = form.querySelector('button[type="submit"]');
      jifen.forms.clear(form);
      form.querySelector("[data-outcome]")?.replaceChildren();
      if (!navigator.onLine) return jifen.forms.show(form, "bad", OFFLINE());
      form.setAttribute("aria-busy", "true");
      jifen.occupy(button, true);
      try {
        await work(form);
      } catch (error) {
        if (error.field) jifen.forms.fault(form, error.field, error.message);
        else if (error.problem || error instanceof jifen.api.Unknown) jifen.forms.showRefusal(form, error);
        else if (error.code) jifen.forms.show(form, "bad", explain(error));
        else {
          jifen.forms.show(form, "bad", jifen.word("Something went wrong in this page. Look into your history before you try again."));
          throw error;
        }
      } finally {
        form.removeAttribute("aria-busy");
        jifen.occupy(button, false);
      }
    });
  }

  /** The wrapped key in the backup file that a form names, with the passphrase for it. Rejects with KeyProblem, or an Error with `field`. */
  async function fromFile(form) {
    const file = form.elements.file.files[0];
    if (!file) throw beside("file", jifen.word("Choose the backup file."));
    jifen.forms.show(form, "waiting", jifen.word("One moment …"));
    return { wrapped: await jifen.keys.readBackup(await file.text()), passphrase: form.elements.backup_passphrase.value };
  }

  /** Says beside an amount what the points are worth, and those of each class where there are several. `parts` is {class_id: points}, null for nothing to say. */
  function showWorth(place, parts) {
    const lines = jifen.signing.worthLines(parts, names());
    place.replaceChildren(...lines.map(({ label, value }, index) => jifen.element("p", index ? { class: "muted small" } : {}, index ? value : jifen.word("%(label)s: %(value)s", { label, value }))));
  }

  /** An error beside a field. */
  function beside(field, words) {
    return Object.assign(new Error(words), { field });
  }

  /** Whether a form can only be done with a key of the member's own. */
  function needsKey(form) {
    const address = ["send", "hold", "withdraw", "deposit", "enrol", "merge", "moveHome"].map((name) => form.dataset[name]).find(Boolean);
    return address === undefined ? form.querySelector("[data-passphrase]") !== null : !isKept(address);
  }

  // Without a secure context no form asks for what cannot be used. The other scripts have found their parts by then.
  if (place && !secure) {
    document.addEventListener("DOMContentLoaded", () => {
      place.prepend(jifen.element("div", { class: "notice bad", role: "alert" }, jifen.element("p", {}, INSECURE())));
      for (const form of [...place.querySelectorAll("form")].filter(needsKey)) {
        for (const field of form.elements) field.disabled = true;
        for (const one of form.children) one.hidden = true;
        form.append(jifen.element("p", {}, jifen.word("This needs your key. Open this site by its https address to do it.")));
      }
    });
  }

  jifen.member = { ask, beside, carry, carryOut, confirm, explain, facts, fromFile, handle, isKept, names, showWorth, UNREACHED, wrappedKey };
})();
