// The page of the key: making it, saving and restoring a backup, another passphrase, enrolling, a kept account.
"use strict";
(() => {
  const place = document.querySelector("[data-known]");
  if (!place) return;
  const known = JSON.parse(place.dataset.known);
  const { ask, beside, carryOut, confirm, facts, fromFile, handle, wrappedKey } = jifen.member;
  let made = null;

  /** Saves a wrapped key, after seeing that a restore would take it: what the gateway gave may be damaged. */
  async function saveBackup(wrapped) {
    const text = jifen.keys.backup(wrapped);
    const { address } = await jifen.keys.readBackup(text);
    jifen.save(`jifen-key-${address.slice(0, 12)}.json`, text);
    jifen.tell(jifen.word("The backup file was saved."));
  }

  function same(form, first, second) {
    const passphrase = form.elements[first].value;
    const judged = jifen.keys.strength(passphrase, known);
    if (!judged.good) throw beside(first, judged.words);
    if (passphrase !== form.elements[second].value) throw beside(second, jifen.word("The two are not the same."));
    return passphrase;
  }

  function forget(form) {
    for (const field of form.querySelectorAll("[data-passphrase]")) field.value = "";
  }

  /** Enrols the address unless it is a member's already, with this or another merchant. */
  async function enrol(wrapped, passphrase) {
    try {
      await jifen.wallet.enrol(ask, wrapped, passphrase, facts.msp_id, facts.place);
    } catch (error) {
      if (error.code !== "MEMBER_EXISTS") throw error;
    }
  }

  for (const meter of place.querySelectorAll("[data-strength]")) {
    const name = meter.dataset.strength;
    const words = place.querySelector(`[data-strength-words="${name}"]`);
    place.querySelector(`input[name="${name}"]`).addEventListener("input", (event) => {
      const judged = jifen.keys.strength(event.target.value, known);
      meter.value = event.target.value ? judged.share : 0;
      words.textContent = event.target.value ? judged.words : "";
    });
  }

  const making = place.querySelector("[data-make-key]");
  if (making) {
    handle(making, async (form) => {
      const passphrase = same(form, "passphrase", "again");
      if (!form.elements.understood.checked) throw beside("understood", jifen.word("Please tick this: nobody can undo it later."));
      jifen.forms.show(form, "waiting", jifen.word("Your browser makes the key. This takes a few seconds."));
      // After a break the same key is brought again, rather than a second one made.
      made ??= await jifen.keys.make(passphrase, known);
      try {
        await jifen.wallet.bring(ask, made, passphrase);
      } catch (error) {
        if (error.code === "PASSPHRASE_WRONG") made = null;
        throw error;
      }
      await showMade(made, passphrase);
      forget(form);
    });
    place.querySelector("[data-backup-made]").addEventListener("click", () => saveBackup(made));
  }

  async function showMade(wrapped, passphrase) {
    const section = place.querySelector("[data-made]");
    const notice = section.querySelector("[data-not-enrolled]");
    try {
      await enrol(wrapped, passphrase);
    } catch (error) {
      notice.querySelector("p").textContent = jifen.member.explain(error);
      notice.hidden = false;
    }
    section.querySelector("[data-made-address]").textContent = jifen.bech32.grouped(wrapped.address);
    place.querySelector("[data-make]").hidden = true;
    section.hidden = false;
    section.focus();
    jifen.tell(jifen.word("Your key is made."));
  }

  handle(place.querySelector("[data-restore]"), async (form) => {
    const { wrapped, passphrase } = await fromFile(form);
    await jifen.wallet.bring(ask, wrapped, passphrase);
    await enrol(wrapped, passphrase);
    forget(form);
    jifen.leave("/key", jifen.word("Done."));
  });

  for (const form of place.querySelectorAll("[data-rewrap]")) {
    const [current, next, repeat] = form.querySelectorAll("[data-passphrase]");
    handle(form, async () => {
      const passphrase = same(form, next.name, repeat.name);
      jifen.forms.show(form, "waiting", jifen.word("One moment …"));
      const wrapped = await jifen.wallet.changePassphrase(ask, form.dataset.rewrap, current.value, passphrase, known);
      forget(form);
      const again = jifen.element("button", { type: "button" }, jifen.word("Save a new backup file"));
      again.addEventListener("click", () => saveBackup(wrapped));
      jifen.forms.show(form, "good", jifen.element("p", {}, jifen.word("From now on the new passphrase opens your key.")), again);
    });
  }

  for (const form of place.querySelectorAll("[data-enrol]")) {
    handle(form, async () => {
      const merchant = jifen.signing.merchant(facts.msp_id, jifen.member.names());
      const description = {
        title: jifen.word("Become a member of %(merchant)s", { merchant }),
        lines: [{ label: jifen.word("Address"), value: jifen.bech32.grouped(form.dataset.enrol) }],
      };
      const done = await confirm(form.dataset.enrol, description, async (wrapped, passphrase) => {
        await enrol(wrapped, passphrase);
        return true;
      });
      if (done) jifen.leave(null, jifen.word("Done."));
    });
  }

  for (const form of place.querySelectorAll("[data-move-home]")) {
    handle(form, async () => {
      const done = await carryOut("MoveHome", { home_msp: facts.msp_id }, form.dataset.moveHome, form);
      if (done) jifen.leave(null, jifen.word("Done."));
    });
  }

  for (const button of place.querySelectorAll("[data-backup]")) {
    button.addEventListener("click", async () => {
      const fault = button.closest("section").querySelector("[data-backup-fault]");
      try {
        fault.textContent = "";
        await saveBackup(await wrappedKey(button.dataset.backup));
      } catch (error) {
        fault.textContent = jifen.member.explain(error);
      }
    });
  }

  const keeping = place.querySelector("[data-keep]");
  if (keeping) {
    handle(keeping, async (form) => {
      jifen.forms.show(form, "waiting", jifen.word("One moment …"));
      await ask("POST", "/custody");
      try {
        await ask("POST", "/custody/enrolment");
      } catch (error) {
        if (error.code !== "MEMBER_EXISTS") throw error;
      }
      jifen.leave(null, jifen.word("Done."));
    });
  }

  if (location.hash === "#restore") document.getElementById("restore").open = true;
})();
