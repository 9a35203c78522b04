// Registration and recovery in two steps, and signing in by passkey (W3C WebAuthn).
"use strict";
(() => {
  const steps = document.querySelector("[data-steps]");
  steps?.querySelector('[data-step="1"]').addEventListener("jifen:done", (event) => {
    event.preventDefault();
    const [first, second] = steps.querySelectorAll("[data-step]");
    first.hidden = true;
    second.hidden = false;
    second.elements.code_id.value = event.detail.answer.document.code_id;
    second.elements.code.focus();
  });

  const door = document.querySelector("[data-passkey-sign-in]");
  if (door && !jifen.passkeys()) door.hidden = true;
  door?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const kind = door.dataset.kind;
    try {
      const asked = (await jifen.api.call("POST", "/api/v1/passkey-sessions/challenge", { kind })).document;
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.options);
      const credential = await navigator.credentials.get({ publicKey });
      const body = { kind, challenge_id: asked.challenge_id, credential: credential.toJSON() };
      await jifen.api.call("POST", "/api/v1/passkey-sessions", body);
      location.assign(door.dataset.next);
    } catch (error) {
      const ended = error instanceof DOMException;
      jifen.forms.show(door, "bad", ended ? jifen.word("The device gave no passkey.") : jifen.api.explain(error));
    }
  });
})();
