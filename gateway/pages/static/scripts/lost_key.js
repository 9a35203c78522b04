// The page of a lost key: a new one is made and signs that it takes over; the old one objects.
"use strict";
(() => {
  const place = document.querySelector("[data-known]");
  if (!place) return;
  const known = JSON.parse(place.dataset.known);
  const { ask, beside, carryOut, confirm, facts, handle, names } = jifen.member;

  for (const form of place.querySelectorAll("[data-object-rebind]")) {
    handle(form, async () => {
      const { objectRebind: address, newAddress: new_address } = form.dataset;
      const done = await carryOut("ObjectRebind", { address, new_address }, address, form);
      if (done) jifen.leave("/lost-key", jifen.word("The change of key is stopped."));
    });
  }

  const making = place.querySelector("[data-make-new]");
  let made = null;
  if (making) {
    handle(making, async (form) => {
      const passphrase = form.elements.passphrase.value;
      const judged = jifen.keys.strength(passphrase, known);
      if (!judged.good) throw beside("passphrase", judged.words);
      if (passphrase !== form.elements.again.value) throw beside("again", jifen.word("The two are not the same."));
      jifen.forms.show(form, "waiting", jifen.word("Your browser makes the key. This takes a few seconds."));
      // After a break the same key is brought again, rather than a second one made.
      made ??= await jifen.keys.make(passphrase, known);
      try {
        await jifen.wallet.bring(ask, made, passphrase);
      } catch (error) {
        if (error.code === "PASSPHRASE_WRONG") made = null;
        throw error;
      }
      jifen.leave("/lost-key", jifen.word("Your key is made."));
    });
  }

  const signing = place.querySelector("[data-sign-rebind]");
  if (signing) {
    handle(signing, async (form) => {
      const [address, home_msp] = form.elements.lost.value.split(":");
      const rebind = { address, home_msp, new_address: form.elements.fresh.value };
      const consent = await confirm(
        rebind.new_address,
        jifen.signing.describeRebind(rebind, names()),
        async (wrapped, passphrase) => jifen.signing.sign(await jifen.keys.openToSign(wrapped, passphrase), jifen.signing.rebindMessage(rebind, facts.place)),
        jifen.word("Sign"),
      );
      if (consent === null) return jifen.forms.show(form, "waiting", jifen.word("Nothing has changed."));
      const { public_key } = facts.addresses[rebind.new_address];
      jifen.leave(`/lost-key?code=jifen-rebind:${address}:${public_key}:${consent}`, jifen.word("Signed."));
    });
  }
})();
