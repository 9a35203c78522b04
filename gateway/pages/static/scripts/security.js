// The page of security: a new passkey, the codes of a new contact, and all data as a file.
"use strict";
(() => {
  function handle(form, work) {
    form?.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.getAttribute("aria-busy") === "true") return;
      const button = form.querySelector('button[type="submit"]');
      jifen.forms.clear(form);
      form.setAttribute("aria-busy", "true");
      jifen.occupy(button, true);
      try {
        await work(form);
      } catch (error) {
        if (error instanceof DOMException) jifen.forms.show(form, "bad", jifen.word("The device gave no passkey."));
        else if (error.problem || error instanceof jifen.api.Unknown) jifen.forms.showRefusal(form, error);
        else throw error;
      } finally {
        form.removeAttribute("aria-busy");
        jifen.occupy(button, false);
      }
    });
  }

  const adding = document.querySelector("[data-add-passkey]");
  if (adding && !jifen.passkeys()) {
    jifen.forms.show(adding, "waiting", jifen.word("This browser knows no passkeys."));
    adding.querySelector('button[type="submit"]').hidden = true;
  }
  handle(adding, async (form) => {
    const asked = (await jifen.api.callFresh("POST", "/api/v1/passkeys/registration")).document;
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked.options);
    const credential = await navigator.credentials.create({ publicKey });
    const body = { challenge_id: asked.challenge_id, credential: credential.toJSON(), name: form.elements.passkey_name.value.trim() };
    await jifen.api.call("POST", "/api/v1/passkeys", body);
    jifen.leave(null, jifen.word("Done."));
  });

  document.querySelector("[data-contact-change]")?.addEventListener("jifen:done", (event) => {
    event.preventDefault();
    const proof = document.querySelector("[data-contact-proof]");
    const { old, new: fresh } = event.detail.answer.document;
    proof.elements.namedItem("old.code_id").value = old.code_id;
    proof.elements.namedItem("new.code_id").value = fresh.code_id;
    event.target.hidden = true;
    proof.hidden = false;
    proof.elements.namedItem("old.code").focus();
  });

  handle(document.querySelector("[data-export]"), async (form) => {
    const { document: found } = await jifen.api.callFresh("GET", "/api/v1/me/export");
    jifen.save("jifen-export.json", JSON.stringify(found, null, 2));
    jifen.forms.show(form, "good", jifen.word("Saved."));
  });
})();
