// The page for sending: recipients by address, contact or code; a summary in words; then the signature, and the notes.
"use strict";
(() => {
  const form = document.querySelector("[data-send]");
  if (!form) return;
  const { ask, beside, carryOut, facts, handle, showWorth, UNREACHED } = jifen.member;
  const address = form.dataset.send;
  const list = form.querySelector("[data-recipients]");
  const template = document.querySelector("[data-recipient-template]");
  const chosen = () => form.elements.class_id.selectedOptions[0];
  const recipients = () => [...list.querySelectorAll("[data-recipient]")];
  let count = 1;

  function fitDecimals() {
    for (const field of form.querySelectorAll("[data-points]")) field.dataset.decimals = chosen().dataset.decimals;
    value();
  }

  /** What is to be sent is worth. */
  function value() {
    const amounts = [...form.querySelectorAll("[data-points]")].map((field) => jifen.forms.amount(field.value, Number(field.dataset.decimals)));
    const sum = amounts.filter((one) => one > 0).reduce((whole, one) => whole + one, 0);
    showWorth(form.querySelector("[data-worth]"), sum ? { [chosen().value]: sum } : null);
  }

  function known(field) {
    const found = jifen.scanning.parse(field.value);
    const contact = jifen.contacts.list().find((one) => one.address === found?.address);
    field.closest("[data-recipient]").querySelector("[data-known-as]").textContent = contact ? contact.name : "";
  }

  /** Takes in what a code or a pasted text asks for. */
  function take(place, text) {
    const found = jifen.scanning.parse(text);
    if (!found) return false;
    const field = place.querySelector("[data-address]");
    field.value = found.address;
    known(field);
    const option = [...form.elements.class_id.options].find((one) => one.value === found.class_id);
    const said = place.querySelector("[data-scan-fault]");
    said.textContent = "";
    if (option && found.points !== null) {
      option.selected = true;
      place.querySelector("[data-points]").value = jifen.decimal(found.points, Number(option.dataset.decimals));
      fitDecimals();
    } else if (found.class_id !== null && !option) said.textContent = lacking(found.class_id, found.points);
    jifen.tell(jifen.word("The address was taken in."));
    return true;
  }

  /** That a code asks for points which this account has none of. */
  function lacking(classId, points) {
    const known = facts.classes[classId];
    if (!known) return jifen.word("This code asks for points that are not known here.");
    if (points === null) return jifen.word("This code asks for %(name)s. You have none that can be sent.", { name: known.name });
    return jifen.word("This code asks for %(points)s of %(name)s. You have none that can be sent.", { points: jifen.points(points, known.decimals), name: known.name });
  }

  function wire(place) {
    const field = place.querySelector("[data-address]");
    const said = place.querySelector("[data-scan-fault]");
    field.addEventListener("change", () => {
      const name = jifen.contacts.list().find((one) => one.name === field.value.trim());
      if (name) field.value = name.address;
      else if (/^jifen:/i.test(field.value.trim())) take(place, field.value);
      known(field);
    });
    place.querySelector("[data-picture]").addEventListener("change", async (event) => {
      const file = event.target.files[0];
      if (!file) return;
      said.textContent = "";
      try {
        const text = await jifen.scanning.readPicture(file);
        if (!take(place, text)) said.textContent = jifen.word("This code is not an address.");
      } catch (error) {
        said.textContent = jifen.member.explain(error);
      }
      event.target.value = "";
    });
    place.querySelector("[data-camera]").addEventListener("click", async () => {
      said.textContent = "";
      try {
        await jifen.scanning.byCamera((text) => take(place, text));
      } catch (error) {
        said.textContent = error instanceof DOMException || error instanceof TypeError ? jifen.word("There is no camera here, or it may not be used.") : jifen.member.explain(error);
      }
    });
    place.querySelector("[data-drop]").addEventListener("click", () => {
      place.remove();
      renumber();
      form.querySelector("[data-add]").focus();
    });
  }

  function renumber() {
    recipients().forEach((place, index) => (place.querySelector("[data-number]").textContent = String(index + 1)));
    form.querySelector("[data-add]").disabled = recipients().length >= Number(form.dataset.recipientsMax);
  }

  form.querySelector("[data-add]").addEventListener("click", () => {
    count += 1;
    const place = template.content.cloneNode(true).firstElementChild;
    for (const one of place.querySelectorAll("*")) {
      for (const name of ["id", "for", "name", "data-fault", "aria-describedby"]) {
        const value = one.getAttribute(name);
        if (value) one.setAttribute(name, value.replaceAll("recipients.0.", `recipients.${count}.`).replaceAll("recipients-0-", `recipients-${count}-`).replaceAll("picture-0", `picture-${count}`));
      }
    }
    place.querySelector("[data-drop]").hidden = false;
    list.append(place);
    wire(place);
    fitDecimals();
    renumber();
    place.querySelector("[data-address]").focus();
  });

  form.elements.class_id.addEventListener("change", fitDecimals);
  form.addEventListener("input", value);
  const others = jifen.contacts.list().filter((one) => one.address !== address);
  document.getElementById("contacts").append(...others.map((one) => jifen.element("option", { value: one.address, label: one.name })));
  for (const place of recipients()) wire(place);
  const given = list.querySelector("[data-address]");
  if (given.value) known(given);
  if (form.dataset.lacking) list.querySelector("[data-scan-fault]").textContent = lacking(...JSON.parse(form.dataset.lacking));
  fitDecimals();

  /** What is to be sent: {class_id, recipients}. Raises an Error with `field`. */
  function wanted() {
    const { body } = jifen.forms.read(form);
    const rows = Object.entries(body.recipients ?? {}).map(([number, row]) => {
      const found = jifen.scanning.parse(row.address ?? "");
      if (!found) throw beside(`recipients.${number}.address`, jifen.word("This is not an address. A letter may be missing or wrong."));
      if (found.address === address) throw beside(`recipients.${number}.address`, jifen.word("This is the account that you send from."));
      if (!(row.points > 0)) throw beside(`recipients.${number}.points`, jifen.word("At least one point."));
      return { number, address: found.address, points: row.points };
    });
    const twice = rows.find((row, index) => rows.findIndex((one) => one.address === row.address) < index);
    if (twice) throw beside(`recipients.${twice.number}.address`, jifen.word("This recipient stands here twice."));
    const sum = rows.reduce((whole, row) => whole + row.points, 0);
    if (sum > Number(chosen().dataset.spendable)) {
      throw beside(`recipients.${rows.at(-1).number}.points`, jifen.word("That is more than you have."));
    }
    if (Array.from(body.note ?? "").length > jifen.notes.CHARACTERS_MAX) {
      throw beside("note", jifen.word("At most %(count)s characters.", { count: jifen.notes.CHARACTERS_MAX }));
    }
    return { class_id: body.class_id, note: body.note ?? "", recipients: rows.map((row) => ({ address: row.address, points: row.points })) };
  }

  /** The recipients' public keys, where there is a note to seal: before anything is signed, so that nobody is surprised afterwards. */
  async function keysFor(asked) {
    const found = new Map();
    for (const { address: recipient } of asked.note ? asked.recipients : []) {
      try {
        const unreached = () => jifen.forms.show(form, "waiting", UNREACHED());
        const { public_key: publicKey } = await ask("GET", `/accounts/${recipient}/public-key`, undefined, unreached);
        if ((await jifen.bech32.addressOf(publicKey)) !== recipient) {
          throw beside("note", jifen.word("The gateway gave the key of another account. The note was not sealed."));
        }
        found.set(recipient, publicKey);
      } catch (error) {
        if (error.code !== "UNKNOWN_MEMBER") throw error;
        throw beside("note", jifen.word("A note is for members: %(address)s is not one yet. Send without it.", { address: jifen.bech32.grouped(recipient) }));
      }
    }
    return found;
  }

  /** Leaves the notes; how many could not be. The points are sent by then. */
  async function leaveNotes(asked, keys, { operation, receipt }) {
    let lost = 0;
    for (const [recipient, publicKey] of keys) {
      const transfer = { authoriser: address, request_id: operation.request_id, recipient };
      try {
        const sealed = await jifen.notes.seal(asked.note, publicKey, transfer);
        await jifen.api.call("POST", `/api/v1/notes?at_least_block=${receipt.block_number ?? 0}`, { ...transfer, sealed }, { key: operation.request_id });
      } catch (error) {
        if (!error.code && !(error instanceof jifen.api.Unknown)) throw error;
        lost += 1;
      }
    }
    return lost;
  }

  handle(form, async () => {
    const asked = wanted();
    const keys = await keysFor(asked);
    const args = { class_id: asked.class_id, recipients: asked.recipients };
    const more = asked.note ? [{ label: jifen.word("Private note, not on the ledger"), value: asked.note }] : [];
    const done = await carryOut("Transfer", args, address, form, more);
    if (done === null) return jifen.forms.show(form, "waiting", jifen.word("Nothing was sent."));
    const lost = await leaveNotes(asked, keys, done);
    const where = done.receipt.block_number === null ? jifen.word("Sent.") : jifen.word("Sent. It stands in block %(block)s.", { block: jifen.number(done.receipt.block_number) });
    const said = [jifen.element("p", {}, where)];
    if (lost) said.push(jifen.element("p", {}, jifen.word("The points are sent, but the note could not be left.")));
    const strangers = asked.recipients.filter((one) => !facts.addresses[one.address] && !jifen.contacts.list().some((contact) => contact.address === one.address));
    for (const one of strangers.slice(0, 3)) {
      said.push(jifen.element("p", {}, jifen.element("a", { href: `/contacts?add=${one.address}` }, jifen.word("Give %(address)s a name", { address: `${one.address.slice(0, 8)}…${one.address.slice(-6)}` }))));
    }
    said.push(jifen.element("p", {}, jifen.element("a", { href: "/history" }, jifen.word("Whole history"))));
    form.reset();
    for (const place of recipients().slice(1)) place.remove();
    renumber();
    fitDecimals();
    jifen.forms.show(form, "good", ...said);
    form.querySelector("[data-outcome]").setAttribute("tabindex", "-1");
    form.querySelector("[data-outcome]").focus();
  });
})();
